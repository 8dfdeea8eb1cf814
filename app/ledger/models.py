"""Shapes of the ledger: what callers ask (commands), what is stored (entries, heads), what is answered (balances)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, NotRequired, TypedDict

MAX_POINTS = 2**53 - 1
"""Largest amount and largest total: what a JSON number carries exactly."""

MAX_OPERATION_BYTES = 64

Kind = Literal[
    "earn",
    "activate",
    "cancel",
    "hold",
    "capture",
    "release",
    "redeem",
    "expire",
    "reverse",
    "adjust",
    "migrate",
    "extend",
    "reinstate",
    "void",
    "note",
    "transfer_out",
    "transfer_in",
    "merge_out",
    "merge_in",
    "unmerge_out",
    "unmerge_in",
]
Place = Literal["active", "pending", "held"]
DeficitPolicy = Literal["only_pending", "within_balance", "unlimited"]
PartKind = Literal["RULE", "MISS", "CAP", "ROUNDING", "BASIS", "DEFICIT", "NOTE"]


class ReasonPart(TypedDict):
    """One step of an explanation; `points` is what this step added, `lines` the purchase lines it looked at."""

    kind: PartKind
    rule: NotRequired[str]
    version: NotRequired[int]
    text: str
    points: NotRequired[int]
    lines: NotRequired[list[str]]


class Reason(TypedDict):
    """Why an entry exists, in words a member can read; `reference` names what it belongs to, as {"purchase": id}."""

    title: str
    summary: NotRequired[str]
    parts: NotRequired[list[ReasonPart]]
    reference: NotRequired[dict[str, str]]


class Movement(TypedDict):
    """Points of one lot entering (+) or leaving (-) one place; as part of a head, `points` is what is there now.

    `seq` and `origin` are the sequence number and size of the entry that made the lot. `expires_at` is the first
    instant at which the points are no longer valid, None = never. A pending parcel with `active_at` None waits for
    an event and says when it was `earned_at`. `hold` and `until` belong to held parcels: the operation that reserved
    them and when that lapses.
    """

    place: Place
    lot: str
    points: int
    seq: int
    origin: int
    active_at: datetime | None
    expires_at: datetime | None
    hold: NotRequired[str]
    until: NotRequired[datetime]
    earned_at: NotRequired[datetime]


class Pieces(TypedDict):
    """What an operation spent, lot by lot."""

    operation: str
    pieces: list[Movement]


class Corrections(TypedDict):
    """What else changed with a late entry because it happened before others; the entry's own figures include it.

    `postings` and `lifetime` are the part of the entry's that is not its own; `pieces` what operations have spent now,
    in place of what they spent before; `lapsed` what lapsed more (+) or less (-) of lots.
    """

    postings: list[list[str | int]]
    lifetime: int
    pieces: list[Pieces]
    lapsed: list[Movement]


class EntryDocument(TypedDict):
    """One immutable entry; `_id` is "<account>:<seq, 10 digits>".

    `points` is the change of the active balance and `balance` the active balance after it. `postings` are
    [name, change] and sum to zero; `deficit` is posted as a negative holding. `of` names the operation or lot that the
    entry acts on. `request` is what was asked, `digest` its fingerprint, `hash` that of this entry, `previous` that of
    the entry before it. Points that repaid a deficit are `swallowed`; those a policy let go are `forgiven`.
    An entry that came late may carry `corrections`, and in `corrects` the operations and lots that they are about.
    See FORMAT.md.
    """

    _id: str
    account: str
    seq: int
    operation: str
    kind: Kind
    points: int
    balance: int
    postings: list[list[str | int]]
    movements: list[Movement]
    request: dict[str, object]
    digest: str
    reason: Reason
    actor: str
    occurred_at: datetime
    posted_at: datetime
    previous: str
    hash: str
    of: NotRequired[str]
    qualifying: NotRequired[dict[str, int]]
    lifetime: NotRequired[int]
    swallowed: NotRequired[int]
    forgiven: NotRequired[int]
    merged: NotRequired[list[str]]
    corrections: NotRequired[Corrections]
    corrects: NotRequired[list[str]]


class HeadDocument(TypedDict):
    """What an account looked like at `version`: a cache that lags the entries a little and can be thrown away.

    `last` is the `_id` of the entry at `version`; `next_due` when time will change the account next. `lapsed` are the
    lots that expired last, with what lapsed of them; `touched_at` when the latest thing happened that did more than
    add lots of its own.
    """

    _id: str
    last: str
    version: int
    hash: str
    deficit: int
    lifetime: int
    qualifying: dict[str, int]
    parcels: list[Movement]
    merged: list[str]
    latest_at: datetime | None
    posted_at: datetime | None
    next_due: datetime | None
    lapsed: NotRequired[list[Movement]]
    touched_at: NotRequired[datetime | None]


class SagaDocument(TypedDict):
    """An operation on two accounts that was begun; `outcome` is None until it was decided and carried out."""

    _id: str
    source: str
    target: str
    operation: str
    begun_at: datetime
    outcome: str | None


class TrialBalanceRow(TypedDict):
    """What one day ("YYYY-MM-DD") changed on one account name of one book ("points" or "stock")."""

    day: str
    book: str
    name: str
    change: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Active points with one origin and one expiry."""

    id: str
    remaining: int
    origin: int
    active_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pending:
    """Points promised but not usable yet; `active_at` None waits for an event."""

    id: str
    points: int
    active_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldPoints:
    """Points reserved under one operation until `until`."""

    id: str
    points: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Balance:
    """An account at one instant, right whether or not the expiry and activation jobs have run.

    `lots` come soonest-expiring first; `qualifying` is status points per "YYYY-MM" in the programme's zone; `latest_at`
    is when the latest thing that it knows of happened.
    """

    account: str
    version: int = 0
    active: int = 0
    pending: int = 0
    reserved: int = 0
    deficit: int = 0
    lifetime: int = 0
    qualifying: Mapping[str, int] = field(default_factory=dict)
    lots: tuple[Lot, ...] = ()
    pendings: tuple[Pending, ...] = ()
    holds: tuple[HeldPoints, ...] = ()
    latest_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What every command carries.

    `operation` is the caller's idempotency key, unique per account for ever, 1 to 64 bytes of visible ASCII.
    """

    kind: ClassVar[Kind]

    account: str
    operation: str
    occurred_at: datetime
    actor: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Earn(Command):
    """Give points, which count as `qualifying` status points for `month` ("YYYY-MM", programme zone).

    Pending until `active_at` when that is later than `occurred_at`, or until an Activate when `awaits` names the event.
    """

    kind: ClassVar[Kind] = "earn"
    points: int
    qualifying: int = 0
    month: str | None = None
    active_at: datetime | None = None
    expires_at: datetime | None = None
    awaits: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activate(Command):
    """Make the pending points of the earn `of` usable; `expires_at` starts their validity anew when given."""

    kind: ClassVar[Kind] = "activate"
    of: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPending(Command):
    """Take back the points of the earn `of` while they are pending."""

    kind: ClassVar[Kind] = "cancel"
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Command):
    """Reserve points until `until` (None = until released)."""

    kind: ClassVar[Kind] = "hold"
    points: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Command):
    """Spend a hold: all of it, or `points` of it, the rest returning with its longest-lived lots first."""

    kind: ClassVar[Kind] = "capture"
    hold: str
    points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Command):
    """Give a hold's points back to their lots."""

    kind: ClassVar[Kind] = "release"
    hold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeem(Command):
    """Spend points at once, soonest-expiring first."""

    kind: ClassVar[Kind] = "redeem"
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire(Command):
    """End a lot whose time has come; whatever is left of it lapses."""

    kind: ClassVar[Kind] = "expire"
    lot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverse(Command):
    """Take an earn back, or give a redemption back, up to a total.

    `points` is how much shall have been reversed in all so far (None = everything), so that part returns in any order
    end the same; `qualifying` likewise (None = in proportion). `policy` says where the points of an earn may come from
    once they were spent.
    """

    kind: ClassVar[Kind] = "reverse"
    of: str
    points: int | None = None
    qualifying: int | None = None
    policy: DeficitPolicy = "unlimited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust(Command):
    """Correct a balance by hand; `code` is the reason code."""

    kind: ClassVar[Kind] = "adjust"
    points: int
    code: str = "CORRECTION"
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningLot:
    """A lot of an opening balance."""

    points: int
    active_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrate(Command):
    """Bring an opening balance over from another system, lot by lot."""

    kind: ClassVar[Kind] = "migrate"
    lots: tuple[OpeningLot, ...]
    qualifying: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend(Command):
    """Move the expiry of a lot (None = of every lot, pending or active) to a later instant."""

    kind: ClassVar[Kind] = "extend"
    expires_at: datetime
    lot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstate(Command):
    """Bring back what expired of a lot, if that happened at or after `since`."""

    kind: ClassVar[Kind] = "reinstate"
    lot: str
    expires_at: datetime | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackExpiry(Command):
    """Set lapsed points of a lot aside under `hold`, for what happened before the lot expired and came later.

    The ledger's own; what nobody takes from there lapses again `until` then.
    """

    kind: ClassVar[Kind] = "reinstate"
    lot: str
    points: int
    hold: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Void(Command):
    """Use an operation's id up so that it can never happen; answers what did happen when it was too late."""

    kind: ClassVar[Kind] = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Command):
    """Write down something that moved no points, such as a sale that earned nothing, with the reason why."""

    kind: ClassVar[Kind] = "note"
