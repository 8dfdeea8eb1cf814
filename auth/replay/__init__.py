"""Remembering one-use identifiers until they expire."""
