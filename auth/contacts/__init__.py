"""Changing the e-mail address, and undoing that."""
