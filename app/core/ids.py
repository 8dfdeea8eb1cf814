"""Identifiers: a three-letter prefix that names the kind, and 96 random bits."""

import secrets


def new_id(prefix: str) -> str:
    """Return a new identifier such as `mbr_5f0c…` (prefix, underscore, 24 lowercase hex digits).

    Random rather than ordered by time, so that ranges of a sharded collection fill evenly.
    """
    return f"{prefix}_{secrets.token_hex(12)}"
