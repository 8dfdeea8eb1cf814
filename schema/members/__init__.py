"""Members: who they are, and everything that hangs off them."""
