"""Whose turn it is to speak: pure decisions over sound, words, and what was asked."""
