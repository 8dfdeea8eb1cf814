"""Redemption codes: "LR" and 16 Crockford base-32 characters (80 random bits)."""

import secrets

PREFIX = "LR"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 16
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A code that nobody can guess."""
    return PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def read_code(typed: str) -> str | None:
    """The code that was scanned or typed, forgiving case, spaces, hyphens and look-alikes; None when it is none."""
    if len(typed) > 4 * _LENGTH:
        return None
    bare = "".join(character for character in typed.upper() if character not in " -\t")
    body = bare[len(PREFIX) :].translate(_ALIKE)
    if not bare.startswith(PREFIX) or len(body) != _LENGTH or any(character not in _ALPHABET for character in body):
        return None
    return PREFIX + body
