"""Rules for gaining points and for what time does to them: earn, activate, cancel, expire, extend, reinstate, adjust,
migrate.
"""

from dataclasses import asdict
from datetime import datetime

from app.ledger.draft import Draft, piece
from app.ledger.errors import (
    ExpiryInPast,
    ExpiryNotLater,
    NotDue,
    NothingToReinstate,
    NotPending,
    UnknownLot,
    UnknownOperation,
)
from app.ledger.facts import Facts
from app.ledger.models import (
    Activate,
    Adjust,
    CancelPending,
    Earn,
    EntryDocument,
    Expire,
    Extend,
    Migrate,
    Movement,
    Place,
    Reinstate,
    TakeBackExpiry,
)
from app.ledger.state import lapses


def find_parcel(draft: Draft, place: Place, name: str) -> Movement | None:
    """The parcel of a lot, also when the lot came from an account merged into this one."""
    found = draft.parcels.get((place, name, ""))
    if found is None and draft.state.merged:
        suffix = f"/{name}"
        found = next((p for p in draft.parcels.values() if p["place"] == place and p["lot"].endswith(suffix)), None)
    return found


def earn(draft: Draft, command: Earn, _facts: Facts) -> None:
    """Make a lot, active or pending."""
    begins = command.occurred_at
    later = command.active_at is not None and command.active_at > begins
    if later and command.active_at is not None:
        begins = command.active_at
    if command.expires_at is not None and command.expires_at <= begins:
        raise ExpiryInPast(command.expires_at)
    lot: Movement = {
        "place": "active",
        "lot": command.operation,
        "points": command.points,
        "seq": draft.seq,
        "origin": command.points,
        "active_at": None if command.awaits else begins,
        "expires_at": command.expires_at,
    }
    if command.awaits:
        lot["earned_at"] = command.occurred_at
    if later or command.awaits:
        draft.move({**lot, "place": "pending"})
    else:
        draft.credit(lot)
    draft.post("issued", -command.points)
    draft.lifetime = command.points
    if command.qualifying and command.month:
        draft.count({command.month: command.qualifying})


def activate(draft: Draft, command: Activate, facts: Facts) -> None:
    """Move a pending lot to active."""
    parcel = find_parcel(draft, "pending", command.of)
    if parcel is None:
        raise _no_longer_pending(command.of, facts)
    # A date that has come is when the points became usable, however late the job ran.
    begins = command.occurred_at
    if parcel["active_at"] is not None and parcel["active_at"] < begins:
        begins = parcel["active_at"]
    if command.expires_at is not None and command.expires_at <= begins:
        raise ExpiryInPast(command.expires_at)
    draft.of = parcel["lot"]
    draft.move(piece(parcel, -parcel["points"]))
    draft.credit({**parcel, "active_at": begins, "expires_at": command.expires_at or parcel["expires_at"]})


def cancel(draft: Draft, command: CancelPending, facts: Facts) -> None:
    """Take a pending lot back, and the status points that came with it."""
    parcel = find_parcel(draft, "pending", command.of)
    if parcel is None:
        raise _no_longer_pending(command.of, facts)
    related = facts.about(command.of)
    original = next((entry for entry in related if entry["operation"] == command.of), None)
    draft.of = parcel["lot"]
    draft.move(piece(parcel, -parcel["points"]))
    draft.post("issued", parcel["points"])
    draft.lifetime = -parcel["points"]
    if original is not None:
        draft.count(original.get("qualifying", {}), -1)
        for entry in related:
            if entry["kind"] == "reverse" and entry.get("of") == command.of:
                draft.count(entry.get("qualifying", {}), -1)


def expire(draft: Draft, command: Expire, _facts: Facts) -> None:
    """Let what is left of a lot lapse."""
    parcel = find_parcel(draft, "active", command.lot)
    if parcel is None:
        raise UnknownLot(command.lot)
    if parcel["expires_at"] is None or parcel["expires_at"] > command.occurred_at:
        raise NotDue(command.lot)
    draft.of = parcel["lot"]
    draft.move(piece(parcel, -parcel["points"]))
    draft.post("expired", parcel["points"])


def extend(draft: Draft, command: Extend, _facts: Facts) -> None:
    """Move one lot's expiry, or that of all of them, to a later instant."""
    if command.expires_at <= command.occurred_at:
        raise ExpiryInPast(command.expires_at)
    if command.lot is None:
        parcels = [
            parcel
            for parcel in draft.parcels.values()
            if parcel["expires_at"] is not None and parcel["expires_at"] < command.expires_at
        ]
        for parcel in parcels:
            draft.redate(parcel, command.expires_at)
        return
    found = find_parcel(draft, "active", command.lot) or find_parcel(draft, "pending", command.lot)
    if found is None:
        raise UnknownLot(command.lot)
    if found["expires_at"] is None or found["expires_at"] >= command.expires_at:
        raise ExpiryNotLater
    draft.of = found["lot"]
    draft.redate(found, command.expires_at)


def reinstate(draft: Draft, command: Reinstate, facts: Facts) -> None:
    """Bring back what lapsed of a lot."""
    if command.expires_at is not None and command.expires_at <= command.occurred_at:
        raise ExpiryInPast(command.expires_at)
    lapsed = _lapsed(command.lot, facts, command.since)
    draft.of = command.lot
    draft.post("expired", -lapsed["points"])
    draft.credit({**lapsed, "expires_at": command.expires_at})


def take_back_expiry(draft: Draft, command: TakeBackExpiry, facts: Facts) -> None:
    """Set aside what lapsed of a lot, for an operation that happened before it did."""
    lapsed = _lapsed(command.lot, facts)
    points = min(command.points, lapsed["points"])
    draft.of = command.lot
    draft.post("expired", -points)
    draft.move({**lapsed, "place": "held", "points": points, "hold": command.hold, "until": command.until})


def _lapsed(lot: str, facts: Facts, since: datetime | None = None) -> Movement:
    """What lapsed of a lot (at or after `since`) and was not taken back. Raises NothingToReinstate."""
    points = 0
    last: Movement | None = None
    for entry in facts.about(lot):
        if entry["kind"] == "expire" and (since is None or entry["occurred_at"] >= since):
            last = entry["movements"][0]
        elif "corrections" in entry:
            last = next((p for p in entry["corrections"]["lapsed"] if p["lot"] == lot), last)
        points += lapses(entry).get(lot, 0)
    if last is None or points <= 0:
        raise NothingToReinstate(lot)
    return piece(last, points)


def adjust(draft: Draft, command: Adjust, _facts: Facts) -> None:
    """Add a lot by hand, or take points away as far as there are any."""
    if command.points < 0:
        draft.spend(-command.points, command.operation)
    else:
        if command.expires_at is not None and command.expires_at <= command.occurred_at:
            raise ExpiryInPast(command.expires_at)
        draft.credit(
            {
                "place": "active",
                "lot": command.operation,
                "points": command.points,
                "seq": draft.seq,
                "origin": command.points,
                "active_at": command.occurred_at,
                "expires_at": command.expires_at,
            }
        )
        draft.lifetime = command.points
    draft.post("adjusted", -command.points)


def migrate(draft: Draft, command: Migrate, _facts: Facts) -> None:
    """Open the balance with lots from elsewhere, each with the dates it had there."""
    total = 0
    for number, lot in enumerate(command.lots):
        begins = lot.active_at or command.occurred_at
        if lot.expires_at is not None and lot.expires_at <= max(begins, command.occurred_at):
            raise ExpiryInPast(lot.expires_at)
        parcel: Movement = {
            "place": "active",
            "lot": numbered(command.operation, number, len(command.lots)),
            "points": lot.points,
            "seq": draft.seq,
            "origin": lot.points,
            "active_at": begins,
            "expires_at": lot.expires_at,
        }
        if begins > command.occurred_at:
            draft.move({**parcel, "place": "pending"})
        else:
            draft.credit(parcel)
        total += lot.points
    draft.post("migrated", -total)
    if draft.swallowed:
        # The movements alone cannot tell what came once a deficit swallowed some of it, so it is written down.
        draft.request["lots"] = [asdict(lot) for lot in command.lots]
    draft.lifetime = total
    draft.count(command.qualifying)


def numbered(operation: str, number: int, of: int) -> str:
    """The id of a lot: its operation, with a number when the operation made several."""
    return operation if of == 1 else f"{operation}#{number}"


def posted(postings: list[list[str | int]], name: str) -> int:
    """What an entry posted to one account."""
    return sum(int(change) for posted_to, change in postings if posted_to == name)


def own_posting(entry: EntryDocument, name: str) -> int:
    """What an entry posted to one account, without what it changed for others because it came late."""
    others = entry.get("corrections")
    return posted(entry["postings"], name) - (posted(others["postings"], name) if others else 0)


def counted_again(entry: EntryDocument) -> int:
    """How the entry changed the active points for others, because it came late; a part of its `points`."""
    return posted(entry["corrections"]["postings"], "active") if "corrections" in entry else 0


def _no_longer_pending(name: str, facts: Facts) -> NotPending | UnknownOperation:
    known = any(entry["operation"] == name for entry in facts.about(name))
    return NotPending(name) if known else UnknownOperation(name)
