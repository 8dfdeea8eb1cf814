"""Telling clients that a session ended."""
