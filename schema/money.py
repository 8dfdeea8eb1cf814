"""Money: stored as whole minor units, shown as a decimal with its currency."""

from decimal import Decimal as PythonDecimal
from typing import NamedTuple

import strawberry

from app.purchases.money import from_minor
from schema.fields import says
from schema.scalars import Decimal


class Amount(NamedTuple):
    """Whole minor units of a currency (ISO 4217)."""

    minor: int
    currency: str


def _decimal(amount: Amount) -> PythonDecimal:
    return from_minor(amount.minor, amount.currency)


@strawberry.type(description="An amount of money.")
class Money:
    """Source: an Amount."""

    amount: Decimal = says("In currency units, with all decimals of the currency.", read=_decimal)
    currency_code: str = says("ISO 4217.", read=lambda amount: amount.currency)


@strawberry.input(description="An amount of money.")
class MoneyInput:
    """As the client writes it."""

    amount: Decimal = strawberry.field(description='In currency units, such as "12.50".')
    currency_code: str = strawberry.field(description="ISO 4217; must be the programme's currency.")
