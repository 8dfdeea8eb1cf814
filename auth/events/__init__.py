"""The record of what happened to an identity's security."""
