"""Short ways to write commands in tests."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from app.ledger.models import Command, Reason

START = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
DAY = timedelta(days=1)

C = TypeVar("C", bound=Command)


def make(
    kind: type[C],
    operation: str,
    *,
    account: str = "mbr_ada",
    at: datetime = START,
    reason: Reason | None = None,
    **fields: Any,
) -> C:
    """A command of the kind, on Ada's account, happening at the tests' start unless said otherwise."""
    return kind(
        account=account,
        operation=operation,
        occurred_at=at,
        actor="system:test",
        reason=reason or Reason(title=operation),
        **fields,
    )
