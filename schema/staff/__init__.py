"""What the staff sees and does in the console."""
