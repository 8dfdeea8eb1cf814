"""Signing in with an outside OpenID provider: we are its client here."""
