"""The API's own scalars: strict on the way in, plain on the way out."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal as PythonDecimal
from typing import Any, NewType, TypeVar

import strawberry
from graphql import GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

Points = NewType("Points", int)
DateTime = NewType("DateTime", datetime)
Date = NewType("Date", date)
Decimal = NewType("Decimal", PythonDecimal)

T = TypeVar("T")
MAX_POINTS = 2**53 - 1
_DECIMAL = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,8})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _points(value: object) -> int:
    if type(value) is not int or not -MAX_POINTS <= value <= MAX_POINTS:
        raise GraphQLError("Points are a whole number between -(2^53-1) and 2^53-1.")
    return value


def _points_literal(node: ValueNode, _variables: object = None) -> int:
    if not isinstance(node, IntValueNode):
        raise GraphQLError("Points are a whole number.")
    return _points(int(node.value))


def _instant_out(value: object) -> str:
    if not isinstance(value, datetime):
        raise GraphQLError("DateTime has no instant to show.")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instant_in(value: object) -> datetime:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise GraphQLError("DateTime is written as RFC 3339, such as 2026-03-14T15:09:26.000Z.")
    try:
        instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError("DateTime names an instant that does not exist.") from None
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _date_out(value: object) -> str:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return value
    if not isinstance(value, date) or isinstance(value, datetime):
        raise GraphQLError("Date has no day to show.")
    return value.isoformat()


def _date_in(value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise GraphQLError("Date is written as YYYY-MM-DD.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise GraphQLError("Date names a day that does not exist.") from None


def _decimal_out(value: object) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, PythonDecimal):
        raise GraphQLError("Decimal has no number to show.")
    return format(value, "f")


def _decimal_in(value: object) -> PythonDecimal:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise GraphQLError('Decimal is a string such as "12.50": 16 digits before the point and 8 after it at most.')
    return PythonDecimal(value)


def _literal(parse: Callable[[object], T]) -> Callable[[ValueNode, dict[str, Any] | None], T]:
    """Read a literal as the same text would be read from a variable."""

    def parse_literal(node: ValueNode, _variables: dict[str, Any] | None = None) -> T:
        return parse(node.value if isinstance(node, StringValueNode) else None)

    return parse_literal


SCALARS: dict[object, ScalarDefinition] = {
    Points: strawberry.scalar(
        name="Points",
        description="A whole number of points, at most 2^53-1 in either direction; a JSON number.",
        serialize=_points,
        parse_value=_points,
        parse_literal=_points_literal,
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, RFC 3339 with milliseconds.",
        serialize=_instant_out,
        parse_value=_instant_in,
        parse_literal=_literal(_instant_in),
    ),
    Date: strawberry.scalar(
        name="Date",
        description="A calendar day, YYYY-MM-DD.",
        serialize=_date_out,
        parse_value=_date_in,
        parse_literal=_literal(_date_in),
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="A decimal number written as a string.",
        serialize=_decimal_out,
        parse_value=_decimal_in,
        parse_literal=_literal(_decimal_in),
    ),
}
