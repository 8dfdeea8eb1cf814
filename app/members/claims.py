"""Claim codes: 128 random bits in 26 Crockford base32 characters, which nobody mistakes for another; stored hashed."""

import hashlib
import secrets
from datetime import timedelta

LIFETIME = timedelta(days=30)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_code() -> str:
    """A new claim code."""
    bits = secrets.randbits(128)
    return "".join(_ALPHABET[bits >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def hashed(code: str) -> str | None:
    """SHA-256 of the code as it may be typed (any case, spaces, hyphens, O for 0); None when it cannot be a code."""
    read = code.strip().upper().translate(_READ_AS) if len(code) <= 2 * _LENGTH else ""
    if len(read) != _LENGTH or not set(read) <= set(_ALPHABET):
        return None
    return hashlib.sha256(read.encode()).hexdigest()
