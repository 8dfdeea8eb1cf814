"""What an account is after its entries: the pure fold, and the view of it at an instant."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from app.ledger.canonical import GENESIS
from app.ledger.models import Balance, EntryDocument, HeadDocument, HeldPoints, Lot, Movement, Pending

ParcelKey = tuple[str, str, str]
"""(place, lot, hold): what tells one parcel of points from another."""

MANY_LAPSED: Final = 12
"""So many expired lots are remembered, for late events from before they expired that order cannot be kept for."""

_ADDING: Final = frozenset({"earn", "migrate", "transfer_in", "adjust", "void", "note"})

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class State:
    """An account after `version` entries. Never changed once made: `fold` makes the next one."""

    __slots__ = (
        "account",
        "active",
        "deficit",
        "hash",
        "lapsed",
        "latest_at",
        "lifetime",
        "merged",
        "next_due",
        "parcels",
        "pending",
        "posted_at",
        "qualifying",
        "reserved",
        "touched_at",
        "version",
    )

    def __init__(self, account: str) -> None:
        self.account = account
        self.version = 0
        self.hash = GENESIS
        self.active = 0
        self.pending = 0
        self.reserved = 0
        self.deficit = 0
        self.lifetime = 0
        self.qualifying: dict[str, int] = {}
        self.parcels: dict[ParcelKey, Movement] = {}
        self.merged: list[str] = []
        self.lapsed: tuple[Movement, ...] = ()
        self.latest_at: datetime | None = None
        self.touched_at: datetime | None = None
        self.posted_at: datetime | None = None
        self.next_due: datetime | None = None


def parcel_key(parcel: Movement) -> ParcelKey:
    """Where a movement's points belong."""
    return (parcel["place"], parcel["lot"], parcel.get("hold", ""))


def expiry_order(parcel: Movement) -> tuple[datetime, datetime, int, str]:
    """Sort key: soonest-expiring first, no expiry last; ties by when they became usable or were earned, then seq."""
    usable = parcel["active_at"] or parcel.get("earned_at") or _NEVER
    return (parcel["expires_at"] or _NEVER, usable, parcel["seq"], parcel["lot"])


def due_at(parcel: Movement) -> datetime | None:
    """When a parcel changes by itself: a pending one activates, an active one expires, a held one is released."""
    if parcel["place"] == "active":
        return parcel["expires_at"]
    if parcel["place"] == "pending":
        return parcel["active_at"]
    return parcel.get("until")


def add_parcel(parcels: dict[ParcelKey, Movement], movement: Movement) -> None:
    """Add a movement to the parcels it belongs to; an emptied parcel goes, its dates follow the latest movement."""
    key = (movement["place"], movement["lot"], movement.get("hold", ""))
    held = parcels.get(key)
    if held is None:
        parcels[key] = movement
        return
    points = movement["points"] + held["points"]
    if points:
        parcels[key] = {**movement, "points": points}
    else:
        del parcels[key]


def fold(state: State, entry: EntryDocument) -> State:
    """The state after one more entry. Plain addition: nothing is decided again, so old entries fold for ever."""
    after = State(state.account)
    after.parcels = dict(state.parcels)
    _fold_into(after, state, entry)
    return after


def fold_all(account: str, entries: Iterable[EntryDocument]) -> State:
    """An account after its first entries; cheaper than folding one by one, since nobody sees the states in between."""
    state = State(account)
    for entry in entries:
        _fold_into(state, state, entry)
    return state


def _fold_into(after: State, state: State, entry: EntryDocument) -> None:
    after.version = entry["seq"]
    after.hash = entry["hash"]
    active, pending, reserved = state.active, state.pending, state.reserved
    for movement in entry["movements"]:
        add_parcel(after.parcels, movement)
        if movement["place"] == "active":
            active += movement["points"]
        elif movement["place"] == "pending":
            pending += movement["points"]
        else:
            reserved += movement["points"]
    after.active, after.pending, after.reserved = active, pending, reserved
    deficit = state.deficit
    for name, change in entry["postings"]:
        if name == "deficit":
            deficit -= int(change)
    after.deficit = deficit
    close_state(after, state, entry)


def close_state(after: State, before: State, entry: EntryDocument) -> None:
    """Fill in what follows from the entry once the parcels of `after` stand."""
    after.lifetime = before.lifetime + entry.get("lifetime", 0)
    after.qualifying = before.qualifying
    if qualifying := entry.get("qualifying"):
        after.qualifying = add_months(before.qualifying, qualifying)
    after.merged = entry.get("merged", before.merged)
    after.lapsed = before.lapsed
    if entry["kind"] == "expire" or before.lapsed or "corrections" in entry:
        after.lapsed = _lapsed_after(before.lapsed, entry)
    occurred_at = entry["occurred_at"]
    after.latest_at = occurred_at if before.latest_at is None or occurred_at > before.latest_at else before.latest_at
    after.touched_at = before.touched_at
    if "corrections" in entry:
        # It changed what others did up to then.
        after.touched_at = after.latest_at
    elif (after.touched_at is None or occurred_at > after.touched_at) and _touches(entry):
        after.touched_at = occurred_at
    after.posted_at = entry["posted_at"]
    if "corrections" in entry:
        after.next_due = _first_due(after.parcels)
    else:
        after.next_due = _next_due_after(before.next_due, entry["movements"], after.parcels)


def _touches(entry: EntryDocument) -> bool:
    """Whether an entry does more than add lots that nobody could have used before."""
    if entry["kind"] not in _ADDING or "swallowed" in entry:
        return True
    seq, since = entry["seq"], entry["occurred_at"]
    for movement in entry["movements"]:
        usable = movement["active_at"]
        if movement["points"] <= 0 or movement["seq"] != seq or (usable is not None and usable < since):
            return True
    return False


def lapses(entry: EntryDocument) -> dict[str, int]:
    """What lapsed (+) with an entry, or did not lapse after all (-), by lot."""
    change = sum(int(change) for name, change in entry["postings"] if name == "expired")
    if not change and "corrections" not in entry:
        return {}
    found: dict[str, int] = {}
    if "corrections" in entry:
        for parcel in entry["corrections"]["lapsed"]:
            found[parcel["lot"]] = parcel["points"]
            change -= parcel["points"]
    if change:
        of = entry.get("of", "")
        found[of] = found.get(of, 0) + change
    return found


def _lapsed_after(before: tuple[Movement, ...], entry: EntryDocument) -> tuple[Movement, ...]:
    """The lots that expired last, with what lapsed of them and was not taken back."""
    for lot, change in lapses(entry).items():
        before = _lapsed_with(before, entry, lot, change)
    return before


def _lapsed_with(before: tuple[Movement, ...], entry: EntryDocument, lot: str, change: int) -> tuple[Movement, ...]:
    if change < 0 and all(parcel["lot"] != lot for parcel in before):
        return _numbered_without(before, lot, -change)
    points = change + sum(parcel["points"] for parcel in before if parcel["lot"] == lot)
    others = tuple(parcel for parcel in before if parcel["lot"] != lot)
    if points <= 0:
        return others
    corrected = entry["corrections"]["lapsed"] if "corrections" in entry else ()
    parcel = next((p for p in (*corrected, *entry["movements"], *before) if p["lot"] == lot), None)
    if parcel is None or parcel["expires_at"] is None:
        return others
    lapsed: Movement = {
        "place": "active",
        "lot": lot,
        "points": points,
        "seq": parcel["seq"],
        "origin": parcel["origin"],
        "active_at": parcel["active_at"],
        "expires_at": parcel["expires_at"],
    }
    return (*others, lapsed)[-MANY_LAPSED:]


def is_lot_of(operation: str, lot: str) -> bool:
    """Whether a lot is one of several that the operation made, or came with it from an account merged into this one."""
    own = lot.partition("#")[0]
    return own == operation or own.endswith(f"/{operation}")


def _numbered_without(before: tuple[Movement, ...], operation: str, points: int) -> tuple[Movement, ...]:
    """The same with less lapsed of the lots that one operation made."""
    left: list[Movement] = []
    for parcel in before:
        taken = min(points, parcel["points"]) if is_lot_of(operation, parcel["lot"]) else 0
        points -= taken
        if taken < parcel["points"]:
            left.append({**parcel, "points": parcel["points"] - taken})
    return tuple(left)


def _next_due_after(
    before: datetime | None, movements: Iterable[Movement], parcels: dict[ParcelKey, Movement]
) -> datetime | None:
    """The earliest due date, looking at all parcels only when the one that was first may have gone."""
    first = before
    for movement in movements:
        at = due_at(movement)
        if movement["points"] > 0:
            if at is not None and (first is None or at < first):
                first = at
        elif at is None or at == before or not movement["points"]:
            return _first_due(parcels)
    return first


def _first_due(parcels: dict[ParcelKey, Movement]) -> datetime | None:
    first = None
    for parcel in parcels.values():
        at = parcel["expires_at"] if parcel["place"] == "active" else due_at(parcel)
        if at is not None and (first is None or at < first):
            first = at
    return first


def advance(state: State, entries: Iterable[EntryDocument]) -> State:
    """The state after the entries that follow it without a gap; a scan may see a later one and miss the one before."""
    for entry in entries:
        if entry["seq"] == state.version + 1:
            state = fold(state, entry)
    return state


def add_months(months: dict[str, int], change: dict[str, int]) -> dict[str, int]:
    """Sum per month, without the months that come to nothing."""
    total = dict(months)
    for month, points in change.items():
        if value := total.get(month, 0) + points:
            total[month] = value
        else:
            total.pop(month, None)
    return total


def to_head(state: State) -> HeadDocument:
    """The state as the head that is stored."""
    head: HeadDocument = {
        "_id": state.account,
        "last": f"{state.account}:{state.version:010d}",
        "version": state.version,
        "hash": state.hash,
        "deficit": state.deficit,
        "lifetime": state.lifetime,
        "qualifying": state.qualifying,
        "parcels": list(state.parcels.values()),
        "merged": state.merged,
        "latest_at": state.latest_at,
        "posted_at": state.posted_at,
        "next_due": state.next_due,
        "touched_at": state.touched_at,
    }
    if state.lapsed:
        head["lapsed"] = list(state.lapsed)
    return head


def from_head(head: HeadDocument) -> State:
    """The state that a stored head describes."""
    state = State(head["_id"])
    state.version = head["version"]
    state.hash = head["hash"]
    state.deficit = head["deficit"]
    state.lifetime = head["lifetime"]
    state.qualifying = head["qualifying"]
    state.merged = head["merged"]
    state.latest_at = head["latest_at"]
    # Heads from before this was kept do not say; the latest event is never before it.
    state.touched_at = head.get("touched_at", head["latest_at"])
    state.posted_at = head["posted_at"]
    state.next_due = head["next_due"]
    state.lapsed = tuple(head.get("lapsed", ()))
    for parcel in head["parcels"]:
        state.parcels[parcel_key(parcel)] = parcel
        if parcel["place"] == "active":
            state.active += parcel["points"]
        elif parcel["place"] == "pending":
            state.pending += parcel["points"]
        else:
            state.reserved += parcel["points"]
    return state


def to_balance(state: State) -> Balance:
    """The state as callers see it."""
    holds: dict[str, HeldPoints] = {}
    lots, pendings = [], []
    for parcel in sorted(state.parcels.values(), key=expiry_order):
        if parcel["place"] == "active":
            lots.append(
                Lot(parcel["lot"], parcel["points"], parcel["origin"], parcel["active_at"], parcel["expires_at"])
            )
        elif parcel["place"] == "pending":
            pendings.append(Pending(parcel["lot"], parcel["points"], parcel["active_at"], parcel["expires_at"]))
        else:
            name = parcel["hold"]
            points = parcel["points"] + (holds[name].points if name in holds else 0)
            holds[name] = HeldPoints(name, points, parcel.get("until"))
    return Balance(
        account=state.account,
        version=state.version,
        active=state.active,
        pending=state.pending,
        reserved=state.reserved,
        deficit=state.deficit,
        lifetime=state.lifetime,
        qualifying=dict(state.qualifying),
        lots=tuple(lots),
        pendings=tuple(pendings),
        holds=tuple(holds.values()),
        latest_at=state.latest_at,
    )
