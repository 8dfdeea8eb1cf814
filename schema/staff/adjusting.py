"""Corrections of a balance by hand: who may give or take how much, and the ledger commands."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.core.errors import DomainError, InvalidInput
from app.ledger.models import Adjust, EntryDocument, Reason, Reverse
from app.purchases.validity import validity
from schema.context import Context

_LONGEST_NOTE: Final = 500

# What the member reads when the agent says nothing else.
TITLES: Final = {
    "GOODWILL": "A gift from us",
    "MISSING_PURCHASE": "Points for a missing purchase",
    "CORRECTION": "Correction",
    "FRAUD": "Correction after a review",
    "COURTESY": "With our apologies",
    "OTHER": "Correction",
}


@dataclass(frozen=True, slots=True)
class Correction:
    """What an agent asks for; `note` is for the staff, `member_note` for the member."""

    member_id: str
    points: int
    code: str
    note: str
    member_note: str | None
    expires_at: datetime | None
    idempotency_key: str


class OverLimit(DomainError):
    """More than the agent's roles may correct at once."""

    code = "OVER_LIMIT"

    def __init__(self, points: int, most: int) -> None:
        super().__init__(f"You may correct up to {most:,} points at once, not {abs(points):,}.", ("points",))


def check_limit(context: Context, points: int) -> None:
    """Raise OverLimit when none of the caller's roles may correct so much."""
    limits = context.services.programme["adjust_limit"]
    most = max((limits.get(role, 0) for role in context.access.roles), default=0)
    if abs(points) > most:
        raise OverLimit(points, most)


def check_note(note: str, field: str = "note") -> str:
    """The note without surrounding blanks; raises InvalidInput."""
    tidy = " ".join(note.split())
    if not tidy or len(tidy) > _LONGEST_NOTE:
        raise InvalidInput((field,), f"Please say why, in up to {_LONGEST_NOTE} characters.")
    return tidy


def adjustment(context: Context, correction: Correction) -> Adjust:
    """The ledger command; points given without an end get the end that earned ones would have."""
    now = context.now
    expires_at = correction.expires_at
    if expires_at is None and correction.points > 0:
        _, expires_at = validity(context.services.programme, now)
    return Adjust(
        account=correction.member_id,
        operation=operation("adjust", correction.idempotency_key),
        occurred_at=now,
        actor=context.access.actor,
        reason=_reason(TITLES[correction.code], correction.member_note, correction.note, correction.code),
        points=correction.points,
        code=correction.code,
        expires_at=expires_at,
    )


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What an agent asks for: `points` in all so far, None = everything."""

    entry: EntryDocument
    points: int | None
    code: str
    note: str
    idempotency_key: str


def reversal(context: Context, wanted: TakingBack) -> Reverse:
    """The ledger command that takes an entry back."""
    return Reverse(
        account=wanted.entry["account"],
        operation=operation("reverse", wanted.idempotency_key),
        occurred_at=context.now,
        actor=context.access.actor,
        reason=_reason(f"Taken back: {wanted.entry['reason']['title']}", None, wanted.note, wanted.code),
        of=wanted.entry["operation"],
        points=wanted.points,
        policy=context.services.programme["return_policy"]["deficit"],
    )


def operation(kind: str, key: str) -> str:
    """The ledger's operation id of a client's key, which may be longer than an operation may."""
    return f"{kind}:{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def _reason(title: str, member_note: str | None, note: str, code: str) -> Reason:
    # The reference is not shown to the member; the timeline shows it to the staff.
    return Reason(title=title, summary=member_note or title, reference={"note": note, "code": code})
