"""Who somebody is, and the ways they can prove it."""
