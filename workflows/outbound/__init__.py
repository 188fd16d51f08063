"""Calls that Hatif makes: their procedure, and how one is asked for."""
