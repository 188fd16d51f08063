"""Campaigns and the people that they call."""
