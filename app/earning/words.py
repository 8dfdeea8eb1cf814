"""Plain words for explanations: money, points, windows, and the sentence a member reads."""

from collections.abc import Sequence
from datetime import time
from decimal import Decimal

from app.earning.models import Window

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def money(amount: Decimal, currency: str) -> str:
    """Money as people write it: "$1,240.50", or "1,240.50 CHF" where no symbol is sure to be understood."""
    figure = f"{abs(amount):,f}"
    sign = "−" if amount < 0 else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{figure}" if symbol else f"{sign}{figure} {currency}"


def count(points: int, one: str, other: str) -> str:
    """A number of points with its noun: "1 point", "1,240 points"."""
    return f"{points:,} {one if abs(points) == 1 else other}"


def plain(number: Decimal) -> str:
    """A decimal without trailing zeros or exponents: "1.5", "2", "100"."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def listing(items: Sequence[str]) -> str:
    """Items as a sentence lists them: "a", "a and b", "a, b and c"."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def window(when: Window) -> str:
    """A window in words: "on Friday from 14:00 to 17:00 until 31 March 2027"."""
    pieces: list[str] = []
    if when.weekdays:
        pieces.append(f"on {listing([_DAYS[day - 1] for day in sorted(when.weekdays)])}")
    if when.starts is not None:
        pieces.append(f"from {_clock(when.starts)}")
    if when.ends is not None:
        pieces.append(f"to {_clock(when.ends)}" if when.starts is not None else f"before {_clock(when.ends)}")
    if when.first_day is not None:
        pieces.append(f"from {when.first_day.day} {when.first_day:%B %Y}")
    if when.last_day is not None:
        pieces.append(f"until {when.last_day.day} {when.last_day:%B %Y}")
    return " ".join(pieces) or "at any time"


def _clock(at: time) -> str:
    return f"{at:%H:%M}"
