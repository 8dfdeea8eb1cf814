"""Balances, ledger entries and their explanations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import groupby
from typing import Any, cast

import strawberry

from app.ledger.models import Balance as LedgerBalance
from app.ledger.models import EntryDocument, Kind, Movement, Reason, ReasonPart
from app.ledger.points import own_posting
from app.purchases.models import Purchase
from app.rewards.models import Redemption
from schema.connections import Connection, First, page_size
from schema.context import Context
from schema.fields import field, says, value
from schema.nodes import Node
from schema.refs import PurchaseRef, RedemptionRef
from schema.scalars import DateTime, Points
from schema.scopes import needs


@dataclass(frozen=True, slots=True)
class BalanceView:
    """A balance and the instant that it is of."""

    balance: LedgerBalance
    as_of: datetime


@strawberry.type(description="Points that expire at one instant.")
class Expiration:
    """Source: (points, at)."""

    points: Points = says("How many.", read=lambda pair: pair[0])
    at: DateTime = says("The first instant at which they are no longer valid.", read=lambda pair: pair[1])


@strawberry.type(description="Points that were earned and become usable later.")
class PendingActivation:
    """Source: a Pending of the ledger."""

    points: Points = says("How many.")
    at: DateTime | None = says("When they become usable; null when they wait for an event.", key="active_at")


def _expirations(view: BalanceView, first: int) -> list[tuple[int, datetime]]:
    dated = [(lot.expires_at, lot.remaining) for lot in view.balance.lots if lot.expires_at is not None]
    grouped = [(sum(points for _, points in lots), at) for at, lots in groupby(dated, key=lambda pair: pair[0])]
    return grouped[:first]


def _next_expiration(view: BalanceView) -> tuple[int, datetime] | None:
    return next(iter(_expirations(view, 1)), None)


@strawberry.type(description="A member's points.")
class Balance:
    """Source: a BalanceView."""

    active: Points = says("Usable now; never negative.", read=lambda view: view.balance.active)
    pending: Points = says("Earned, usable later.", read=lambda view: view.balance.pending)
    reserved: Points = says("Set aside for reserved rewards.", read=lambda view: view.balance.reserved)
    deficit: Points = says(
        "Taken back beyond what was left; new points make up for it first.", read=lambda view: view.balance.deficit
    )
    lifetime: Points = says("Earned in all, without what was taken back.", read=lambda view: view.balance.lifetime)
    next_expiration: Expiration | None = says(
        "The soonest that something expires; null when nothing will.", read=_next_expiration
    )
    as_of: DateTime = says("The instant that these figures are of.")

    @field("What expires when, soonest first; points that expire together are one.", kind=list[Expiration])
    def expirations(self: Any, first: First = 12) -> list[tuple[int, datetime]]:
        """Groups of lots."""
        return _expirations(self, page_size(first))

    @field("What becomes usable when, soonest first.", kind=list[PendingActivation])
    def pending_activations(self: Any, first: First = 12) -> Sequence[Any]:
        """The ledger's pendings."""
        waiting = sorted(self.balance.pendings, key=lambda pending: (pending.active_at is None, pending.active_at))
        return waiting[: page_size(first)]


@strawberry.enum(description="What an entry did.")
class EntryKind(Enum):
    """Names as the API shows them; the ledger's own are in lower case."""

    EARN = value("EARN", "Points given, usable at once.")
    EARN_PENDING = value("EARN_PENDING", "Points given, usable later.")
    ACTIVATE = value("ACTIVATE", "Pending points became usable.")
    CANCEL_PENDING = value("CANCEL_PENDING", "Pending points were taken back.")
    HOLD = value("HOLD", "Points set aside for a reward.")
    CAPTURE = value("CAPTURE", "Points set aside were spent.")
    RELEASE = value("RELEASE", "Points set aside came back.")
    REDEEM = value("REDEEM", "Points spent.")
    EXPIRE = value("EXPIRE", "Points lapsed.")
    REVERSE = value("REVERSE", "An earlier entry was taken back.")
    ADJUST = value("ADJUST", "A correction by hand.")
    TRANSFER_IN = value("TRANSFER_IN", "Points came from another member.")
    TRANSFER_OUT = value("TRANSFER_OUT", "Points went to another member.")
    MERGE_IN = value("MERGE_IN", "Points of a membership that was merged into this one.")
    MERGE_OUT = value("MERGE_OUT", "Points went to the membership that this one was merged into.")
    UNMERGE_IN = value("UNMERGE_IN", "Points came back when a merge was undone.")
    UNMERGE_OUT = value("UNMERGE_OUT", "Points went back when a merge was undone.")
    MIGRATE = value("MIGRATE", "Balance brought over from an earlier system.")
    EXTEND = value("EXTEND", "Validity of points was prolonged.")
    REINSTATE = value("REINSTATE", "Lapsed points were brought back.")
    VOID = value("VOID", "A request that was called off before it happened.")
    NOTE = value("NOTE", "Nothing moved, and the explanation says why, as for a sale that earned no points.")


# Two kinds of the API are one of the ledger's, or have another name there.
_STORED: dict[str, Kind] = {"EARN_PENDING": "earn", "CANCEL_PENDING": "cancel"}


def stored_kinds(kinds: Iterable[EntryKind]) -> list[Kind]:
    """The ledger's own names of these kinds."""
    return list(dict.fromkeys(_STORED.get(kind.value, cast("Kind", kind.value.lower())) for kind in kinds))


def _kind(entry: EntryDocument) -> str:
    if entry["kind"] == "earn":
        waits = any(movement["place"] == "pending" for movement in entry["movements"])
        return "EARN_PENDING" if waits else "EARN"
    return "CANCEL_PENDING" if entry["kind"] == "cancel" else entry["kind"].upper()


@strawberry.enum(description="What one line of an explanation is about.")
class ExplanationKind(Enum):
    """As stored."""

    RULE = value("RULE", "A rule that gave points.")
    MISS = value("MISS", "A rule that would have given points, and why it did not.")
    CAP = value("CAP", "A limit that took points away.")
    ROUNDING = value("ROUNDING", "What rounding took or gave.")
    BASIS = value("BASIS", "What the points were counted from.")
    DEFICIT = value("DEFICIT", "Points that made up for points taken back before.")
    NOTE = value("NOTE", "Anything else worth knowing.")


@strawberry.type(description="One line of why.")
class ExplanationPart:
    """Source: a ReasonPart of the ledger or an ExplanationPart of a purchase."""

    kind: ExplanationKind = says("What this line is about.")
    rule_id: str | None = says("The rule, where one is behind it.", key="rule")
    rule_version: int | None = says("Version of the rule set.", key="version")
    text: str = says("For people.")
    points: Points | None = says("What this line added or took; the lines add up to the whole.")
    line_ids: list[strawberry.ID] = says(
        "Purchase lines that it looked at; empty for the whole basket.", read=lambda part: part.get("lines") or ()
    )


@strawberry.type(description="Why these points.")
class Explanation:
    """Source: the reason of an entry or the explanation of a purchase."""

    summary: str = says("One sentence.", read=lambda reason: reason.get("summary") or reason.get("title", ""))
    parts: list[ExplanationPart] = says("Line by line.", read=lambda reason: reason.get("parts") or ())


@strawberry.enum(description="Where points of a lot are.")
class LotPlace(Enum):
    """As stored."""

    ACTIVE = value("active", "Usable.")
    PENDING = value("pending", "Waiting to become usable.")
    HELD = value("held", "Set aside for a reward.")


@strawberry.type(description="Points of one lot entering or leaving one place.")
class LotMovement:
    """Source: a Movement of the ledger."""

    lot_id: strawberry.ID = says("The lot.", key="lot")
    place: LotPlace = says("Where the points came to, or went from.")
    points: Points = says("Positive when entering.")
    expires_at: DateTime | None = says("When this lot's points lapse; null = never.")


def _actor(entry: EntryDocument, context: Context) -> str:
    """Who did it; members see what kind of actor, staff see which."""
    return entry["actor"] if context.access.may("support:read") else entry["actor"].partition(":")[0]


def _reference(entry: EntryDocument, kind: str) -> str | None:
    return entry["reason"].get("reference", {}).get(kind)


async def _purchase(entry: EntryDocument, context: Context) -> Purchase | None:
    found = _reference(entry, "purchase")
    return await context.purchases.load(found) if found else None


async def _redemption(entry: EntryDocument, context: Context) -> Redemption | None:
    found = _reference(entry, "redemption")
    return await context.redemptions.load(found) if found else None


def _explained(entry: EntryDocument) -> Reason:
    """The reason, with what a deficit did to the points: that is decided when the entry is posted, not before."""
    reason = entry["reason"]
    parts: list[ReasonPart] = []
    if swallowed := entry.get("swallowed", 0):
        text = f"{swallowed:,} made up for points that were taken back before."
        parts.append({"kind": "DEFICIT", "text": text, "points": -swallowed})
    owed = -own_posting(entry, "deficit")
    if owed > 0:
        text = f"{owed:,} more were taken back than there were; the next points make up for them."
        parts.append({"kind": "DEFICIT", "text": text})
    return {**reason, "parts": [*reason.get("parts", ()), *parts]} if parts else reason


def _movements(entry: EntryDocument) -> list[Movement]:
    return entry["movements"]


@strawberry.type(description="One ledger entry as a person reads it.")
class Activity(Node):
    """Source: a ledger entry."""

    id: strawberry.ID = says("Id of the entry.", read=lambda entry: "ent_" + entry["_id"])
    kind: EntryKind = says("What it did.", read=_kind)
    points: Points = says("Change of the active points.")
    balance_after: Points = says("Active points after it.", key="balance")
    occurred_at: DateTime = says("When what it records happened.")
    posted_at: DateTime = says("When it was written.")
    title: str = says("A few words.", read=lambda entry: entry["reason"]["title"])
    explanation: Explanation = says("Why these points.", read=_explained)
    purchase: PurchaseRef | None = says("The sale behind it.", load=_purchase)
    redemption: RedemptionRef | None = says("The redemption behind it.", load=_redemption)
    lots: list[LotMovement] = says("Which points moved, lot by lot.", read=_movements, directives=needs("points:read"))
    hash: str = says("Hash of this entry in its account's chain, hex.")
    actor: str | None = says("Who did it, as `kind` or, for staff, `kind:id`.", load=_actor)


ActivityConnection = Connection[Activity]
