"""Purchases and returns."""
