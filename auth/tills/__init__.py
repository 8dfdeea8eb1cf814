"""Pairing a till with its store."""
