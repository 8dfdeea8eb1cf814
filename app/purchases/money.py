"""Money between decimals in currency units and whole minor units (ISO 4217 exponents)."""

from decimal import Decimal

_EXPONENTS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def exponent(currency: str) -> int:
    """How many decimals a currency has: 2 for most, 0 for yen, 3 for dinars."""
    return _EXPONENTS.get(currency, 2)


def from_minor(minor: int, currency: str) -> Decimal:
    """Minor units as a decimal with all its places: 5000 USD is `Decimal("50.00")`."""
    return Decimal(minor).scaleb(-exponent(currency))


def to_minor(amount: Decimal, currency: str) -> int | None:
    """A finite decimal in minor units, or None when it has more places than the currency."""
    scaled = amount.scaleb(exponent(currency))
    whole = scaled.to_integral_value()
    return int(whole) if whole == scaled else None
