"""Authorization codes, each good for a minute, once."""
