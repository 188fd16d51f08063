"""Calls that Hatif makes, as they are asked for."""
