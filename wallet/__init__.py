"""Digital cards."""
