"""Grants: what a client may do for an identity, kept alive by rotating refresh tokens."""
