"""Barcodes of retail articles (GS1 General Specifications, section 7.9: check digit)."""

_LENGTHS = {8, 12, 13, 14}


def check_digit(body: str) -> str:
    """The digit that completes a GS1 number, from all digits before it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def read_barcode(scanned: str) -> str | None:
    """The 13 digits of a scanned EAN-8, UPC-A, EAN-13 or GTIN-14 (of single items); None for anything else.

    Shorter numbers are the same article with leading zeros, which is how they are stored.
    """
    digits = scanned.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) not in _LENGTHS:
        return None
    if check_digit(digits[:-1]) != digits[-1]:
        return None
    full = digits.zfill(14)
    return full[1:] if full[0] == "0" else None


def in_store_barcode(number: int) -> str:
    """An EAN-13 of the range that shops give out themselves (prefix 20), for an article number of up to ten digits."""
    body = f"20{number:010d}"
    return body + check_digit(body)
