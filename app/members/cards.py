"""Card numbers: sixteen digits, of which two are the prefix, thirteen random and one a Luhn digit (ISO/IEC 7812).

Numbers of an earlier system's cards are EAN-13; they are read, never made.
"""

import re
import secrets

PREFIX = "29"
LENGTH = 16
_LEGACY_LENGTH = 13
_WRITTEN = re.compile(r"\d[\d \u00a0-]*")


def new_number() -> str:
    """A random card number; only the database knows whether it is free."""
    body = PREFIX + f"{secrets.randbelow(10**13):013d}"
    return body + _luhn_digit(body)


def read_number(written: str) -> str | None:
    """The sixteen digits of a number written with or without spaces or hyphens; None when it is no card number."""
    text = written.strip()
    if not text.isascii() or not _WRITTEN.fullmatch(text):
        return None
    digits = re.sub(r"\D", "", text)
    if len(digits) != LENGTH or _luhn_digit(digits[:-1]) != digits[-1]:
        return None
    return digits


def read_legacy_number(written: str) -> str | None:
    """The thirteen digits of an EAN-13 of restricted circulation (02, 04, 20 to 29), as earlier systems put on cards.

    None when it is none. Many scanners drop a leading zero; it is put back. Source: GS1 General Specifications, 7.9.
    """
    text = written.strip()
    if not text.isascii() or not _WRITTEN.fullmatch(text):
        return None
    digits = re.sub(r"\D", "", text)
    if len(digits) == _LEGACY_LENGTH - 1 and digits[0] in "24":
        digits = "0" + digits
    restricted = digits[0] == "2" or digits[:2] in ("02", "04")
    return digits if len(digits) == _LEGACY_LENGTH and restricted and _adds_up(digits) else None


def _adds_up(ean: str) -> bool:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(ean)) % 10 == 0


def _luhn_digit(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
