"""What a till sees and does."""
