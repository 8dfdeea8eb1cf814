"""One-time codes by e-mail."""
