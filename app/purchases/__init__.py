"""Purchases: recording sales and returns once, and posting what they earn."""
