"""Tiers: where a member stands on the programme's ladder."""
