"""Campaigns from the command line."""
