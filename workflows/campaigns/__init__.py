"""Campaigns: their procedure, and how they are asked for."""
