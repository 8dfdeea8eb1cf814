"""What is wrong with a command by itself, said before anything looks at an account."""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final

from app.ledger.decide import OWN_OPERATIONS
from app.ledger.errors import (
    AmountOverflow,
    FractionalAmount,
    InvalidAccount,
    InvalidInstant,
    InvalidMonth,
    NegativeAmount,
    OccurredInFuture,
    OperationEmpty,
    OperationInvalid,
    OperationTooLong,
    ZeroAmount,
)
from app.ledger.models import (
    MAX_OPERATION_BYTES,
    MAX_POINTS,
    Adjust,
    Capture,
    Command,
    Earn,
    Hold,
    Migrate,
    Redeem,
    Reverse,
)
from app.ledger.pairs import TransferOut

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far ahead of ours another clock may be."""

_ACCOUNT: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_OPERATION: Final = re.compile(rf"(?!{OWN_OPERATIONS})[!-~]{{1,{MAX_OPERATION_BYTES}}}\Z")
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")


class _Instants(dict[type[Command], tuple[str, ...]]):
    """The fields of each kind of command that hold an instant, looked up once for each kind."""

    def __missing__(self, kind: type[Command]) -> tuple[str, ...]:
        named = {field.name for field in fields(kind)}
        self[kind] = tuple(name for name in ("active_at", "expires_at", "until", "since") if name in named)
        return self[kind]


_INSTANTS: Final = _Instants()


def validate(command: Command, now: datetime) -> None:
    """Raise the LedgerError that fits when a command can be right on no account at all."""
    if not isinstance(command.account, str) or not _ACCOUNT.match(command.account):
        raise InvalidAccount
    check_operation(command.operation)
    _check_instant(command.occurred_at, "occurredAt")
    if command.occurred_at > now + CLOCK_SKEW:
        raise OccurredInFuture(command.occurred_at)
    for name in _INSTANTS[type(command)]:
        if (instant := getattr(command, name)) is not None:
            _check_instant(instant, name)
    _check_amounts(command)


def check_operation(operation: str) -> None:
    """Raise OperationEmpty, OperationTooLong or OperationInvalid."""
    if _OPERATION.match(operation):
        return
    if not operation:
        raise OperationEmpty
    size = len(operation.encode(errors="replace"))
    if size > MAX_OPERATION_BYTES:
        raise OperationTooLong(size)
    if operation.startswith(OWN_OPERATIONS):
        raise OperationInvalid(f"must not start with {OWN_OPERATIONS!r}")
    raise OperationInvalid


def check_amount(amount: object, field: str = "points", *, least: int = 1) -> None:
    """Raise FractionalAmount, ZeroAmount, NegativeAmount or AmountOverflow unless it is a whole number >= `least`."""
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise FractionalAmount(amount, field)
    if amount < 0:
        raise NegativeAmount(amount, field)
    if amount < least:
        raise ZeroAmount(field)
    if amount > MAX_POINTS:
        raise AmountOverflow(field)


def _check_instant(instant: object, field: str) -> None:
    if not isinstance(instant, datetime) or instant.tzinfo is None:
        raise InvalidInstant(field)


def _check_amounts(command: Command) -> None:
    check = _AMOUNTS.get(type(command))
    if check is not None:
        check(command)


def _check_earn(command: Earn) -> None:
    check_amount(command.qualifying, "qualifying", least=0)
    # Status points alone are something to earn.
    check_amount(command.points, least=0 if command.qualifying else 1)
    if command.qualifying and (command.month is None or not _MONTH.match(command.month)):
        raise InvalidMonth


def _check_size(command: Redeem | Hold | TransferOut) -> None:
    check_amount(command.points)


def _check_capture(command: Capture) -> None:
    if command.points is not None:
        check_amount(command.points)


def _check_reverse(command: Reverse) -> None:
    # A total, not an amount: a part return that changes nothing has zero to take back, and says why.
    if command.points is not None:
        check_amount(command.points, least=0)
    if command.qualifying is not None:
        check_amount(command.qualifying, "qualifying", least=0)


def _check_adjust(command: Adjust) -> None:
    if not isinstance(command.points, int) or isinstance(command.points, bool):
        raise FractionalAmount(command.points)
    check_amount(abs(command.points))


def _check_migrate(command: Migrate) -> None:
    if not command.lots:
        raise ZeroAmount("lots")
    for lot in command.lots:
        check_amount(lot.points)
    for month, points in command.qualifying.items():
        check_amount(points, "qualifying")
        if not _MONTH.match(month):
            raise InvalidMonth


_AMOUNTS: Final[dict[type[Command], Callable[[Any], None]]] = {
    Earn: _check_earn,
    Redeem: _check_size,
    Hold: _check_size,
    TransferOut: _check_size,
    Capture: _check_capture,
    Reverse: _check_reverse,
    Adjust: _check_adjust,
    Migrate: _check_migrate,
}
