"""What one command does to one account, gathered move by move, then sealed into an entry."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, cast

from app.ledger.canonical import canonical, request_digest, request_of
from app.ledger.errors import AmountOverflow, InsufficientPoints, ReasonTooLong
from app.ledger.models import MAX_POINTS, Command, Corrections, EntryDocument, Movement, Place
from app.ledger.state import ParcelKey, State, add_parcel, close_state, expiry_order, parcel_key

SystemAccount = Literal["issued", "redeemed", "expired", "adjusted", "migrated", "transferred", "merged"]

MANY_LOTS: Final = 24
"""Beyond so many active lots, those that expire together are kept as one, so that a head stays small for ever."""

LARGEST_ENTRY: Final = 65_536
"""Bytes of the canonical entry; 256 of them stay well within one command of the database."""

_MAKES_LOTS: Final = frozenset({"earn", "activate"})

_TOGETHER: Final = "until:"

_POSTED_AS: Final[dict[Place, str]] = {"active": "active", "pending": "pending", "held": "reserved"}


def piece(of: Movement, points: int) -> Movement:
    """The same lot in the same place, with another number of points."""
    return {**of, "points": points}


def late_hold(operation: str) -> str:
    """Under what points are set aside for an operation that happened before they expired."""
    return f"late:{operation}"


def set_aside(state: State, operation: str) -> list[Movement]:
    """Points that wait for a late operation, soonest-expiring first."""
    name = late_hold(operation)
    return sorted((parcel for parcel in state.parcels.values() if parcel.get("hold") == name), key=expiry_order)


def together_name(parcel: Movement) -> str:
    """The name under which a lot is kept once it is one with others of its expiry and its account."""
    source, slash, _ = parcel["lot"].rpartition("/")
    return f"{source}{slash}{_TOGETHER}{parcel['expires_at'].isoformat() if parcel['expires_at'] else 'never'}"


class Draft:
    """The working copy that a rule changes; `state` is what it started from, `seq` the number of the entry to be."""

    __slots__ = (
        "_postings",
        "active",
        "corrections",
        "deficit",
        "forgiven",
        "lifetime",
        "merged",
        "movements",
        "of",
        "parcels",
        "qualifying",
        "request",
        "seq",
        "state",
        "swallowed",
        "tidy",
    )

    def __init__(self, state: State, command: Command) -> None:
        self.state = state
        self.seq = state.version + 1
        self.parcels: dict[ParcelKey, Movement] = dict(state.parcels)
        self.active = state.active
        self.deficit = state.deficit
        self.movements: list[Movement] = []
        self._postings: dict[str, int] = {}
        self.request = request_of(command)
        self.of: str | None = None
        self.qualifying: dict[str, int] = {}
        self.lifetime = 0
        self.swallowed = 0
        self.forgiven = 0
        self.merged: list[str] | None = None
        self.corrections: Corrections | None = None
        self.tidy = False

    def post(self, name: SystemAccount, change: int) -> None:
        """Post to one of the programme's own accounts."""
        self._post(name, change)

    def move(self, movement: Movement) -> None:
        """Put points of a lot into a place (+) or take them out (-)."""
        points, place = movement["points"], movement["place"]
        if not points:
            return
        self.movements.append(movement)
        add_parcel(self.parcels, movement)
        self._post(_POSTED_AS[place], points)
        if place == "active":
            self.active += points

    def shift(self, movement: Movement) -> None:
        """As `move`, but also when no point moves and only dates change."""
        if movement["points"]:
            self.move(movement)
        else:
            self.movements.append(movement)
            add_parcel(self.parcels, movement)

    def postings(self) -> Counter[str]:
        """What is posted so far."""
        return Counter(self._postings)

    def redate(self, parcel: Movement, expires_at: datetime) -> None:
        """Give a parcel another expiry without moving a point."""
        self.shift({**parcel, "points": 0, "expires_at": expires_at})

    def active_parcels(self) -> list[Movement]:
        """Active parcels, soonest-expiring first."""
        return sorted((p for p in self.parcels.values() if p["place"] == "active"), key=expiry_order)

    def pending_parcels(self) -> list[Movement]:
        """Pending parcels, soonest-expiring first."""
        return sorted((p for p in self.parcels.values() if p["place"] == "pending"), key=expiry_order)

    def credit(self, parcel: Movement) -> None:
        """Make points active; a deficit is repaid out of them first.

        A lot that still has active points keeps the dates it has now, so that an extension is not lost.
        """
        swallowed = min(self.deficit, parcel["points"]) if self.deficit else 0
        if swallowed:
            self.owe(-swallowed)
            self.swallowed += swallowed
        active: Movement = {
            "place": "active",
            "lot": parcel["lot"],
            "points": parcel["points"] - swallowed,
            "seq": parcel["seq"],
            "origin": parcel["origin"],
            "active_at": parcel["active_at"],
            "expires_at": parcel["expires_at"],
        }
        present = self.parcels.get(parcel_key(active))
        if present:
            active = piece(present, active["points"])
        if _TOGETHER in parcel["lot"]:
            active["origin"] = active["points"] + (present["origin"] if present else 0)
        self.move(active)

    def owe(self, points: int) -> None:
        """Raise (+) or repay (-) the deficit; it is posted as a negative holding."""
        self.deficit += points
        self._post("deficit", -points)

    def take(self, parcels: Iterable[Movement], points: int) -> list[Movement]:
        """Take up to `points` out of the parcels in their order; returns what was taken of each, as positive pieces."""
        taken: list[Movement] = []
        for parcel in parcels:
            if not points:
                break
            part = min(points, parcel["points"])
            self.move(piece(parcel, -part))
            taken.append(piece(parcel, part))
            points -= part
        return taken

    def spend(self, points: int, operation: str) -> list[Movement]:
        """Take what was set aside for a late operation, then active points, soonest-expiring first.

        Raises InsufficientPoints.
        """
        aside = set_aside(self.state, operation) if self.state.lapsed or self.state.reserved else []
        available = self.active + sum(parcel["points"] for parcel in aside)
        if points > available:
            raise InsufficientPoints(points, available)
        return self.take([*aside, *self.active_parcels()], points)

    def count(self, qualifying: Mapping[str, int], sign: int = 1) -> None:
        """Add status points per month, or take them back."""
        for month, points in qualifying.items():
            if points:
                self.qualifying[month] = self.qualifying.get(month, 0) + sign * points

    def entry(self, command: Command, posted_at: datetime, digest: str | None = None) -> EntryDocument:
        """Seal the draft into the entry that follows the state. Raises AmountOverflow."""
        if len(self.parcels) > MANY_LOTS and command.kind in _MAKES_LOTS and not self.tidy:
            self._keep_together()
        state, seq = self.state, self.seq
        if state.lifetime + self.lifetime > MAX_POINTS or self.active > MAX_POINTS or self.deficit > MAX_POINTS:
            raise AmountOverflow
        entry: dict[str, Any] = {
            "_id": f"{state.account}:{seq:010d}",
            "account": state.account,
            "seq": seq,
            "operation": command.operation,
            "kind": command.kind,
            "points": self.active - state.active,
            "balance": self.active,
            "postings": [[name, change] for name, change in self._postings.items() if change],
            "movements": self.movements,
            "request": self.request,
            "digest": digest or request_digest(command),
            "reason": command.reason,
            "actor": command.actor,
            "occurred_at": command.occurred_at,
            "posted_at": posted_at,
            "previous": state.hash,
        }
        if self.of is not None:
            entry["of"] = self.of
        if self.qualifying:
            entry["qualifying"] = self.qualifying
        if self.lifetime:
            entry["lifetime"] = self.lifetime
        if self.swallowed:
            entry["swallowed"] = self.swallowed
        if self.forgiven:
            entry["forgiven"] = self.forgiven
        if self.merged is not None:
            entry["merged"] = self.merged
        if self.corrections is not None:
            entry["corrections"] = self.corrections
            about = {pieces["operation"] for pieces in self.corrections["pieces"]}
            about.update(parcel["lot"] for parcel in self.corrections["lapsed"])
            entry["corrects"] = sorted(about - {command.operation})
        content = canonical(entry)
        if len(content) > LARGEST_ENTRY:
            raise ReasonTooLong
        entry["hash"] = hashlib.sha256(content).hexdigest()
        return cast("EntryDocument", entry)

    def after(self, entry: EntryDocument) -> State:
        """The state after the entry: what `fold` would make of it, without adding everything up once more."""
        before = self.state
        state = State.__new__(State)
        state.account = before.account
        state.version = entry["seq"]
        state.hash = entry["hash"]
        state.parcels = self.parcels
        state.active = self.active
        state.pending = before.pending + self._postings.get("pending", 0)
        state.reserved = before.reserved + self._postings.get("reserved", 0)
        state.deficit = self.deficit
        close_state(state, before, entry)
        return state

    def _keep_together(self) -> None:
        """Make one lot of the active lots that expire at the same instant: nobody could tell them apart any more."""
        groups: dict[str, list[Movement]] = {}
        for parcel in self.active_parcels():
            groups.setdefault(together_name(parcel), []).append(parcel)
        if sum(map(len, groups.values())) <= MANY_LOTS:
            return
        for name, parcels in groups.items():
            present = self.parcels.get(("active", name, ""))
            if present is not None and present["expires_at"] != parcels[0]["expires_at"]:
                # It was extended since it got its name.
                continue
            joining = [parcel for parcel in parcels if parcel is not present]
            if not joining or len(parcels) < 2:
                continue
            for parcel in joining:
                self.move(piece(parcel, -parcel["points"]))
            points = sum(parcel["points"] for parcel in joining)
            self.move(
                {**parcels[0], "lot": name, "points": points, "origin": points + (present["origin"] if present else 0)}
            )

    def _post(self, name: str, change: int) -> None:
        self._postings[name] = self._postings.get(name, 0) + change
