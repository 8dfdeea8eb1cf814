"""Rules for using points: redeem, hold, capture, release; and their halves in a transfer."""

from app.ledger.draft import Draft, piece
from app.ledger.errors import (
    CaptureExceedsHold,
    ExpiryInPast,
    HoldCaptured,
    HoldReleased,
    LedgerError,
    SameAccount,
    UnknownOperation,
)
from app.ledger.facts import Facts
from app.ledger.models import Capture, Hold, Movement, Redeem, Release
from app.ledger.pairs import TransferIn, TransferOut
from app.ledger.points import numbered
from app.ledger.state import expiry_order


def redeem(draft: Draft, command: Redeem, _facts: Facts) -> None:
    """Spend at once."""
    draft.spend(command.points, command.operation)
    draft.post("redeemed", command.points)


def hold(draft: Draft, command: Hold, _facts: Facts) -> None:
    """Set points aside, lot by lot, so that they come back to where they were."""
    if command.until is not None and command.until <= command.occurred_at:
        raise ExpiryInPast(command.until)
    for taken in draft.spend(command.points, command.operation):
        held: Movement = {**taken, "place": "held", "hold": command.operation}
        held.pop("until", None)
        if command.until is not None:
            held["until"] = command.until
        draft.move(held)


def capture(draft: Draft, command: Capture, facts: Facts) -> None:
    """Spend what is held, soonest-expiring first; the rest returns to its lots."""
    held = _held(draft, command.hold, facts)
    total = sum(parcel["points"] for parcel in held)
    points = total if command.points is None else command.points
    if points > total:
        raise CaptureExceedsHold(points, total)
    draft.of = command.hold
    captured = draft.take(held, points)
    draft.post("redeemed", points)
    # The movements alone cannot tell what was spent once a deficit swallowed some of the rest, so it is written down.
    draft.request["spent"] = [[parcel["lot"], parcel["points"]] for parcel in captured]
    _give_back(draft, command.hold)


def release(draft: Draft, command: Release, facts: Facts) -> None:
    """Return everything that is held."""
    _held(draft, command.hold, facts)
    draft.of = command.hold
    _give_back(draft, command.hold)


def transfer_out(draft: Draft, command: TransferOut, _facts: Facts) -> None:
    """Let points leave for another account."""
    if command.to == command.account:
        raise SameAccount(command.account)
    draft.spend(command.points, command.operation)
    draft.post("transferred", command.points)


def transfer_in(draft: Draft, command: TransferIn, _facts: Facts) -> None:
    """Receive points with the expiry they had."""
    total = 0
    for number, lot in enumerate(command.lots):
        draft.credit(
            {
                **lot,
                "lot": numbered(command.operation, number, len(command.lots)),
                "seq": draft.seq,
                "origin": lot["points"],
            }
        )
        total += lot["points"]
    draft.post("transferred", -total)
    if draft.swallowed:
        draft.request["lots"] = list(command.lots)


def _parcels_of(draft: Draft, name: str) -> list[Movement]:
    return sorted((p for p in draft.parcels.values() if p.get("hold") == name), key=expiry_order)


def _give_back(draft: Draft, name: str) -> None:
    for parcel in _parcels_of(draft, name):
        draft.move(piece(parcel, -parcel["points"]))
        draft.credit(parcel)


def _held(draft: Draft, name: str, facts: Facts) -> list[Movement]:
    held = _parcels_of(draft, name)
    if not held:
        raise _why_not_held(name, facts)
    return held


def _why_not_held(name: str, facts: Facts) -> LedgerError:
    related = facts.about(name)
    if not any(entry["operation"] == name and entry["kind"] == "hold" for entry in related):
        return UnknownOperation(name, "hold")
    if any(entry.get("of") == name and entry["kind"] == "capture" for entry in related):
        return HoldCaptured(name)
    return HoldReleased(name)
