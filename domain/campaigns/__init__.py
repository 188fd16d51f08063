"""Campaigns: a list of people who are called one after the other, for one purpose."""
