"""Stored shapes of members, and what callers hand in and get back."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Literal, NotRequired, TypedDict

MemberStatus = Literal["active", "unclaimed", "merged", "closed"]
CardStatus = Literal["active", "blocked", "replaced"]
MatchedOn = Literal["NAME", "EMAIL", "PHONE", "CARD_NUMBER", "MEMBER_ID"]
EventKind = Literal[
    "JOINED", "ENROLLED", "CLAIMED", "PROFILE", "CARD", "MERGE_ASKED", "MERGE_DECLINED", "MERGED", "UNMERGED"
]


class Card(TypedDict):
    """A card number: sixteen digits that start with 29 and end with a Luhn digit. Numbers are never given out twice."""

    number: str
    status: CardStatus
    issued_at: datetime


class Merge(TypedDict):
    """Where a merge or its undoing stands; kept on the merged member. `state` names the step that comes next.

    `posted_as` is the ledger's operation: `operation` itself, or a later attempt's when the ledger called that one off.
    """

    operation: str
    posted_as: str
    survivor_id: str
    actor: str
    reason: str
    state: Literal["moving", "moved", "returning", "returned"]
    previous_status: MemberStatus
    undo_operation: NotRequired[str]
    undo_posted_as: NotRequired[str]
    undo_actor: NotRequired[str]
    undo_reason: NotRequired[str]


class MergeRequest(TypedDict):
    """A merge that waits for a second person of the staff, or waited; `ended` when one side was merged otherwise.

    Past `expires_at` it is over, though it may stay `open` until somebody asks for the same merge again.
    """

    _id: str
    operation: str
    pair: str
    """Both ids in order, so that only one request for two members is open, whichever of them is to remain."""
    members: list[str]
    survivor_id: str
    merged_id: str
    reason: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    state: Literal["open", "approved", "declined", "expired", "ended"]
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None
    """Why it was declined."""


class Member(TypedDict):
    """A member. Contacts are normalised: e-mail in lower case, telephone in E.164."""

    _id: str
    programme: str
    status: MemberStatus
    identity_id: str | None
    display_name: str
    given_name: str | None
    family_name: str | None
    email: str | None
    email_verified: bool
    phone: str | None
    phone_verified: bool
    language: str
    birthday: str | None
    """YYYY-MM-DD."""
    cards: list[Card]
    """Oldest first; at most one is active."""
    joined_at: datetime
    joined_store: str | None
    merged_into: str | None
    words: list[str]
    """Plain words of the names, for searching."""
    name_key: str
    """Plain display name, for ordering."""
    terms_accepted_at: datetime | None
    merge: NotRequired[Merge]
    merges: NotRequired[int]
    """Counts merges that this member took part in, so that two at the same moment meet."""
    enrolment_key: NotRequired[str]
    enrolment_digest: NotRequired[str]
    source: NotRequired[str]
    """Where an imported member came from; unique."""
    legacy_numbers: NotRequired[list[str]]
    """Numbers of cards of an earlier system, EAN-13; unique. They are good for earning."""


class Claim(TypedDict):
    """A claim code's record; `_id` is the SHA-256 of the code, which itself is kept nowhere."""

    _id: str
    member_id: str
    expires_at: datetime
    used_at: datetime | None


class MemberEvent(TypedDict):
    """Something that happened to a member's profile, in words for the timeline."""

    _id: str
    member_id: str
    kind: EventKind
    at: datetime
    title: str
    detail: str | None
    actor: str


@dataclass(frozen=True, slots=True)
class ImportedMember:
    """A member of an earlier system; `source` names the record there, so that a repeated import changes nothing."""

    source: str
    given_name: str
    family_name: str
    joined_at: datetime
    joined_store: str | None
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    birthday: date | None = None
    legacy_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Joining:
    """What somebody says on joining; `email` is the address that their identity proved."""

    display_name: str
    email: str
    accept_terms: bool
    language: str | None = None
    birthday: date | None = None
    claim_code: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What a cashier types to enrol somebody; the contacts are unproved."""

    till_id: str
    store_id: str
    idempotency_key: str
    display_name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the cashier gets after enrolling somebody: the member and the code to print, good for 30 days, once."""

    member: Member
    claim_code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MergeOutcome:
    """Two members after a merge; `request` instead, and nothing changed, where a second person has to agree first."""

    survivor: Member
    merged: Member
    request: MergeRequest | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A member found, and by what; `alias_id` is the merged member that actually matched."""

    member: Member
    matched_on: MatchedOn
    alias_id: str | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some hits in order of name, and the cursor to go on after; `has_next` says whether more follow."""

    hits: list[SearchHit] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)
    has_next: bool = False


class Keep(Enum):
    """Stands for "leave this as it is"."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """New values of a profile; a field left at KEEP stays as it is, None clears it."""

    display_name: str | Keep = KEEP
    given_name: str | Keep | None = KEEP
    family_name: str | Keep | None = KEEP
    language: str | Keep = KEEP
    birthday: date | Keep | None = KEEP
