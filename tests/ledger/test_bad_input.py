"""Each bad input has an error of its own, and nothing is written."""

import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from app.core.clock import MovableClock
from app.core.database import Client, ensure_indexes
from app.core.errors import DomainError
from app.ledger import errors
from app.ledger.models import (
    MAX_POINTS,
    Activate,
    Adjust,
    CancelPending,
    Capture,
    Command,
    Earn,
    Expire,
    Extend,
    Hold,
    Migrate,
    OpeningLot,
    Reason,
    Redeem,
    Reinstate,
    Release,
    Reverse,
    Void,
)
from app.ledger.pairs import TransferOut
from app.ledger.repository import INDEXES
from app.ledger.service import Ledger
from tests.ledger.commands import DAY, START, make


@pytest.fixture(scope="module")
async def funded(client: Client) -> AsyncIterator[Ledger]:
    """Ada with 100 points of one earn, a captured, a released and an open hold; one for all, as nothing changes it."""
    database = client[f"test_{secrets.token_hex(6)}"]
    await ensure_indexes(database, INDEXES)
    ledger = Ledger(database, MovableClock(START))
    await ledger.start()
    await ledger.post(make(Earn, "e1", points=100, expires_at=START + 10 * DAY))
    for name in ("captured", "released", "open"):
        await ledger.post(make(Hold, name, points=10))
    await ledger.post(make(Capture, "c1", hold="captured"))
    await ledger.post(make(Release, "l1", hold="released"))
    await ledger.post(make(Earn, "e2", points=5))
    await ledger.post(make(Reverse, "v2", of="e2"))
    yield ledger
    await ledger.stop()
    await client.drop_database(database.name)


def _any(value: Any) -> Any:
    return value


CASES: list[tuple[Command, type[errors.LedgerError]]] = [
    (make(Earn, "x", points=0), errors.ZeroAmount),
    (make(Earn, "x", points=-1), errors.NegativeAmount),
    (make(Earn, "x", points=_any(1.5)), errors.FractionalAmount),
    (make(Earn, "x", points=_any(Decimal(2))), errors.FractionalAmount),
    (make(Earn, "x", points=_any(True)), errors.FractionalAmount),
    (make(Earn, "x", points=_any("7")), errors.FractionalAmount),
    (make(Earn, "x", points=MAX_POINTS + 1), errors.AmountOverflow),
    (make(Earn, "x", points=MAX_POINTS), errors.AmountOverflow),
    (make(Earn, "x", points=1, qualifying=1), errors.InvalidMonth),
    (make(Earn, "x", points=1, qualifying=1, month="2026-13"), errors.InvalidMonth),
    (make(Earn, "x", points=1, qualifying=-1, month="2026-03"), errors.NegativeAmount),
    (make(Earn, "x", points=1, expires_at=START), errors.ExpiryInPast),
    (make(Earn, "x", points=1, expires_at=START - DAY), errors.ExpiryInPast),
    (make(Earn, "x", points=1, at=START + DAY), errors.OccurredInFuture),
    (make(Earn, "x", points=1, at=datetime(2026, 1, 1)), errors.InvalidInstant),  # noqa: DTZ001 -- the bad input
    (make(Earn, "x", points=1, account=""), errors.InvalidAccount),
    (make(Earn, "x", points=1, account="mbr ada"), errors.InvalidAccount),
    (make(Earn, "x", points=1, account=_any({"$ne": 1})), errors.InvalidAccount),
    (make(Earn, "", points=1), errors.OperationEmpty),
    (make(Earn, "x" * 65, points=1), errors.OperationTooLong),
    (make(Earn, "a b", points=1), errors.OperationInvalid),
    (make(Earn, "é", points=1), errors.OperationInvalid),
    (make(Earn, "due:7", points=1), errors.OperationInvalid),
    (make(Earn, "e1", points=99), errors.IdempotencyConflict),
    (make(Redeem, "x", points=0), errors.ZeroAmount),
    (make(Redeem, "x", points=101), errors.InsufficientPoints),
    (make(Redeem, "x", points=1, account="mbr_nobody"), errors.UnknownAccount),
    (make(Redeem, "x", points=-1), errors.NegativeAmount),
    (make(Redeem, "x", points=_any(0.5)), errors.FractionalAmount),
    (make(Redeem, "x", points=MAX_POINTS + 1), errors.AmountOverflow),
    (make(Hold, "x", points=0), errors.ZeroAmount),
    (make(Hold, "x", points=-1), errors.NegativeAmount),
    (make(Hold, "x", points=_any("1")), errors.FractionalAmount),
    (make(Hold, "x", points=1, until=_any("tomorrow")), errors.InvalidInstant),
    (make(Hold, "x", points=1, until=START), errors.ExpiryInPast),
    (make(TransferOut, "x", to="mbr_bob", points=0), errors.ZeroAmount),
    (make(TransferOut, "x", to="mbr_bob", points=_any(1.0)), errors.FractionalAmount),
    (make(TransferOut, "x", to="mbr_ada", points=1), errors.SameAccount),
    (make(Capture, "x", hold="nothing"), errors.UnknownOperation),
    (make(Capture, "x", hold="released"), errors.HoldReleased),
    (make(Capture, "x", hold="captured"), errors.HoldCaptured),
    (make(Capture, "x", hold="open", points=11), errors.CaptureExceedsHold),
    (make(Capture, "x", hold="open", points=0), errors.ZeroAmount),
    (make(Capture, "x", hold="open", points=-1), errors.NegativeAmount),
    (make(Release, "x", hold="captured"), errors.HoldCaptured),
    (make(Release, "x", hold="e1"), errors.UnknownOperation),
    (make(Reverse, "x", of="never"), errors.UnknownOperation),
    (make(Reverse, "x", of="e2"), errors.AlreadyReversed),
    (make(Reverse, "x", of="e1", points=101), errors.ReversalExceedsOriginal),
    (make(Reverse, "x", of="e1", points=-1), errors.NegativeAmount),
    (make(Reverse, "x", of="l1"), errors.NotReversible),
    (make(Reverse, "x", of="e1", points=_any(0.5)), errors.FractionalAmount),
    (make(Reverse, "x", of="e1", qualifying=1), errors.ReversalExceedsOriginal),
    (make(Reverse, "x", of="c1", points=11), errors.ReversalExceedsOriginal),
    (make(Activate, "x", of="e1"), errors.NotPending),
    (make(Activate, "x", of="never"), errors.UnknownOperation),
    (make(CancelPending, "x", of="e1"), errors.NotPending),
    (make(Expire, "x", lot="e1"), errors.NotDue),
    (make(Expire, "x", lot="never"), errors.UnknownLot),
    (make(Extend, "x", lot="e1", expires_at=START + DAY), errors.ExpiryNotLater),
    (make(Extend, "x", lot="e1", expires_at=START - DAY), errors.ExpiryInPast),
    (make(Extend, "x", lot="never", expires_at=START + DAY), errors.UnknownLot),
    (make(Reinstate, "x", lot="e1"), errors.NothingToReinstate),
    (make(Adjust, "x", points=0), errors.ZeroAmount),
    (make(Adjust, "x", points=_any(2.5)), errors.FractionalAmount),
    (make(Adjust, "x", points=1, expires_at=START), errors.ExpiryInPast),
    (make(Adjust, "x", points=-101), errors.InsufficientPoints),
    (make(Adjust, "x", points=-(MAX_POINTS + 1)), errors.AmountOverflow),
    (make(Migrate, "x", lots=()), errors.ZeroAmount),
    (make(Migrate, "x", lots=(OpeningLot(points=0),)), errors.ZeroAmount),
    (make(Migrate, "x", lots=(OpeningLot(points=_any(1.5)),)), errors.FractionalAmount),
    (make(Migrate, "x", lots=(OpeningLot(points=1),), qualifying={"March": 1}), errors.InvalidMonth),
    (make(Migrate, "x", lots=(OpeningLot(points=1, expires_at=START - DAY),)), errors.ExpiryInPast),
]


@pytest.mark.parametrize(
    ("command", "error"), CASES, ids=[f"{command.kind}-{error.code}-{n}" for n, (command, error) in enumerate(CASES)]
)
async def test_bad_input_has_its_own_error(funded: Ledger, command: Command, error: type[errors.LedgerError]) -> None:
    before, entries = await funded.balance("mbr_ada"), await funded.repository.count()
    with pytest.raises(error) as refused:
        await funded.post(command)
    assert refused.value.code == error.code
    assert refused.value.message
    assert refused.value.field is not None
    assert (await funded.balance("mbr_ada"), await funded.repository.count()) == (before, entries)


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)]
    codes = [kind.code for kind in kinds if kind != DomainError]
    assert len(codes) == len(set(codes))


async def test_a_very_long_explanation_is_refused(ledger: Ledger) -> None:
    reason = Reason(title="x" * 70_000)
    with pytest.raises(errors.ReasonTooLong):
        await ledger.post(
            Earn(account="mbr_ada", operation="x", occurred_at=START, actor="system:test", reason=reason, points=1)
        )
    assert (await ledger.balance("mbr_ada")).version == 0


async def test_a_voided_operation_cannot_happen(ledger: Ledger) -> None:
    await ledger.post(make(Earn, "e1", points=10))
    await ledger.post(make(Void, "r1"))
    with pytest.raises(errors.OperationVoided):
        await ledger.post(make(Redeem, "r1", points=5))
    stored = await ledger.post(make(Void, "e1"))
    assert stored["kind"] == "earn", "too late: what did happen is the answer"


async def test_restored_points_of_an_expired_lot_expire_again(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.post(make(Earn, "e1", points=100, expires_at=START + DAY))
    await ledger.post(make(Redeem, "r1", points=60))
    clock.advance(2 * DAY)
    await ledger.post(make(Reverse, "v1", of="r1", at=clock.now()))
    assert (await ledger.balance("mbr_ada")).active == 0
    await ledger.post(make(Reinstate, "i1", lot="e1", expires_at=clock.now() + DAY, at=clock.now()))
    assert (await ledger.balance("mbr_ada")).active == 100


async def test_a_preview_changes_nothing_and_as_of_looks_back(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.post(make(Earn, "e1", points=100))
    clock.advance(DAY)
    before, after = await ledger.preview(make(Redeem, "r1", points=30, at=clock.now()))
    assert (before.active, after.active, (await ledger.balance("mbr_ada")).active) == (100, 70, 100)
    with pytest.raises(errors.InsufficientPoints):
        await ledger.preview(make(Redeem, "r1", points=300, at=clock.now()))
    # A purchase of yesterday that arrives today: known from today on, as of yesterday.
    await ledger.post(make(Earn, "late", points=7, at=START + DAY / 2))
    assert (await ledger.balance_as_of("mbr_ada", START + DAY / 2, START + DAY / 2)).active == 100
    assert (await ledger.balance_as_of("mbr_ada", START + DAY / 2, clock.now())).active == 107
