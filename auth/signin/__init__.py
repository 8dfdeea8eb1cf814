"""Signing in on our own pages."""
