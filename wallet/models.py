"""Stored shapes of cards, and what a scan is answered with."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NotRequired, TypedDict

CredentialKind = Literal["rotating", "static", "totp"]
Purpose = Literal["device", "print", "apple", "google"]


class Verdict(StrEnum):
    """What a scan came to; the API's `CardVerdict`."""

    FRESH = "FRESH"
    STALE = "STALE"
    CLOCK_AHEAD = "CLOCK_AHEAD"
    REPLAY = "REPLAY"
    MALFORMED = "MALFORMED"
    UNKNOWN = "UNKNOWN"
    REVOKED = "REVOKED"
    BLOCKED = "BLOCKED"
    REPLACED = "REPLACED"
    WRONG_PROGRAMME = "WRONG_PROGRAMME"
    LOCKED = "LOCKED"


class Trust(StrEnum):
    """What kind of proof a code is; the API's `CardTrust`."""

    ROTATING = "ROTATING"
    TOTP = "TOTP"
    STATIC = "STATIC"
    NUMBER = "NUMBER"


class EpochDocument(TypedDict):
    """A server key epoch, 0 to 15; its private keys are sealed under the root secret."""

    _id: int
    sealed: bytes
    created_at: datetime


class CredentialDocument(TypedDict):
    """Something that codes are made with: a phone's key, a static code, a Google pass's TOTP secret."""

    _id: str
    programme: str
    credential: str
    """16 hex digits; random, never the member id."""
    kind: CredentialKind
    purpose: Purpose
    member_id: str
    epoch: int
    name: str
    created_at: datetime
    last_step: int
    """The newest step that was accepted; -1 before the first."""
    last_till: str | None
    last_basket: str | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    public_key: NotRequired[bytes]
    """A device's P-256 point, 33 bytes."""
    sealed_secret: NotRequired[bytes]
    """A TOTP secret, sealed."""
    card_number: NotRequired[str]
    """The card that a static code stands for: blocked and replaced with it."""
    drift_seconds: NotRequired[int]
    """How far the clock was off when it last was: positive when ahead."""
    drift_at: NotRequired[datetime]


class ScanDocument(TypedDict):
    """A used code; `_id` is "<credential>:<step>", so that each counts once, live or deferred. Kept for eight days."""

    _id: str
    member_id: str
    till: str
    basket: str
    scanned_at: datetime
    received_at: datetime
    deferred: bool
    day: str
    """Of scanning, UTC, YYYY-MM-DD."""


class IdentificationDocument(TypedDict):
    """Who stands at a till: what later calls of the same till and basket name. Gone after 15 minutes."""

    _id: str
    programme: str
    member_id: str
    till: str
    basket: str
    verdict: str
    trust: str
    message: str
    may_earn: bool
    may_see_name: bool
    may_see_balance: bool
    may_redeem: bool
    may_step_up: bool
    wants_to_redeem: bool
    deferred: bool
    scanned_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer to a scan: what happened, what it allows and why, in words for the cashier.

    `id` and `member_id` are None when nothing is allowed. `may_step_up` says that redeeming is possible after the
    member confirmed on the phone; `wants_to_redeem` that the member asked for it there.
    """

    verdict: Verdict
    message: str
    trust: Trust | None = None
    may_earn: bool = False
    may_see_name: bool = False
    may_see_balance: bool = False
    may_redeem: bool = False
    may_step_up: bool = False
    wants_to_redeem: bool = False
    deferred: bool = False
    member_id: str | None = None
    id: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeviceRegistration:
    """What a phone needs to make codes: its credential id (16 hex digits), the epoch and the server's public point."""

    device: CredentialDocument
    credential_id: str
    epoch: int
    server_key: str


@dataclass(frozen=True, slots=True)
class CardFace:
    """What stands on a card in words."""

    programme: str
    name: str
    number: str
    language: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One step of one credential document, asked for by one basket."""

    device: str
    step: int
    till: str
    basket: str
    at: datetime
