"""What agents and managers do with a member. Merging two is in uniting.py."""

from enum import Enum
from typing import Any

import strawberry

from schema.context import Context
from schema.fields import says, value
from schema.ledger import Activity
from schema.members.mutations import check_key
from schema.members.types import Member
from schema.purchases.inputs import told
from schema.refusals import Refusals, mutation, user_errors
from schema.scalars import DateTime, Points
from schema.staff.adjusting import Correction, TakingBack, adjustment, check_limit, check_note, reversal
from schema.staff.subjects import entry_of, standing_member
from schema.wallet.types import Card, card_of

ADJUST = Refusals(
    "PointsAdjust",
    "NOT_FOUND",
    "INVALID",
    "NOT_ENOUGH_POINTS",
    "OVER_LIMIT",
    "IDEMPOTENCY_CONFLICT",
    "BUSY",
    also={"INSUFFICIENT_POINTS": "NOT_ENOUGH_POINTS", "ACCOUNT_UNKNOWN": "NOT_ENOUGH_POINTS", "UNAVAILABLE": "BUSY"},
    fields={"operation": "idempotencyKey"},
)
REVERSE = Refusals(
    "EntryReverse",
    "NOT_FOUND",
    "INVALID",
    "ALREADY_REVERSED",
    "NOT_REVERSIBLE",
    "IDEMPOTENCY_CONFLICT",
    "BUSY",
    also={"UNAVAILABLE": "BUSY"},
    fields={"operation": "idempotencyKey", "of": "entryId"},
)
CARD_REPLACE = Refusals("CardReplace", "NOT_FOUND", "INVALID", "BUSY")


@strawberry.enum(description="Why a balance is corrected.")
class AdjustReason(Enum):
    """Codes kept with the entry."""

    GOODWILL = value("GOODWILL", "A gift.")
    MISSING_PURCHASE = value("MISSING_PURCHASE", "A sale that was not credited.")
    CORRECTION = value("CORRECTION", "Something was wrong.")
    FRAUD = value("FRAUD", "Points that should not have been had.")
    COURTESY = value("COURTESY", "An apology.")
    OTHER = value("OTHER", "Anything else; the note says what.")


@strawberry.input(description="A correction by hand.")
class PointsAdjustInput:
    """As the console writes it."""

    member_id: strawberry.ID = told("Whose balance.")
    points: Points = told("To give, or to take when negative; not zero.")
    reason_code: AdjustReason = told("Why.")
    note: str = told("For the staff, 1 to 500 characters.")
    member_note: str | None = told("For the member; a standard sentence when left out.", default=None)
    idempotency_key: str = told("Made by the client; the same again changes nothing more.")
    expires_at: DateTime | None = told("When given points lapse; as earned ones would when left out.", default=None)


@strawberry.type(description="The balance after a correction.")
class PointsAdjustPayload:
    """Source: a dict."""

    member: Member | None = says("The member; null when nothing was done.")
    activity: Activity | None = says("The entry.")
    user_errors: Any = user_errors(ADJUST)


@strawberry.input(description="An entry to take back.")
class EntryReverseInput:
    """As the console writes it."""

    member_id: strawberry.ID = told("Whose entry.")
    entry_id: strawberry.ID = told("The entry.")
    points: Points | None = told(
        "How much of it shall have been taken back in all; everything when left out.", default=None
    )
    reason_code: AdjustReason = told("Why.")
    note: str = told("For the staff, 1 to 500 characters.")
    idempotency_key: str = told("Made by the client; the same again changes nothing more.")


@strawberry.type(description="The balance after an entry was taken back.")
class EntryReversePayload:
    """Source: a dict."""

    member: Member | None = says("The member; null when nothing was done.")
    activity: Activity | None = says("The new entry.")
    user_errors: Any = user_errors(REVERSE)


@strawberry.input(description="Whose card to replace.")
class CardReplaceInput:
    """As the console writes it."""

    member_id: strawberry.ID = told("The member.")
    reason: str = told("For the staff, 1 to 500 characters.")


@strawberry.type(description="The new card.")
class CardReplacePayload:
    """Source: a dict."""

    card: Card | None = says("The card; null when nothing was done.")
    user_errors: Any = user_errors(CARD_REPLACE)


@mutation(
    "Corrects a balance by hand, within what the role may.",
    payload=PointsAdjustPayload,
    refusals=ADJUST,
    scopes=["support:adjust"],
)
async def points_adjust(context: Context, sent: PointsAdjustInput) -> dict[str, Any]:
    """Post an adjustment."""
    check_key(sent.idempotency_key)
    note = check_note(sent.note)
    member_note = check_note(sent.member_note, "member_note") if sent.member_note else None
    member = await standing_member(context, str(sent.member_id))
    check_limit(context, sent.points)
    correction = Correction(
        member["_id"],
        sent.points,
        sent.reason_code.value,
        note,
        member_note,
        sent.expires_at,
        sent.idempotency_key,
    )
    entry = await context.services.ledger.post(adjustment(context, correction))
    return {"member": member, "activity": entry}


@mutation(
    "Takes an entry back, wholly or in part, from or to the same lots.",
    payload=EntryReversePayload,
    refusals=REVERSE,
    scopes=["support:adjust"],
)
async def entry_reverse(context: Context, sent: EntryReverseInput) -> dict[str, Any]:
    """Post a reversal."""
    check_key(sent.idempotency_key)
    note = check_note(sent.note)
    member = await standing_member(context, str(sent.member_id))
    entry = await entry_of(context, member, str(sent.entry_id))
    wanted = TakingBack(entry, sent.points, sent.reason_code.value, note, sent.idempotency_key)
    return {"member": member, "activity": await context.services.ledger.post(reversal(context, wanted))}


@mutation(
    "Gives a member a new card number; the old one is refused from now on.",
    payload=CardReplacePayload,
    refusals=CARD_REPLACE,
    scopes=["support:adjust"],
)
async def card_replace(context: Context, sent: CardReplaceInput) -> dict[str, Any]:
    """Replace the card."""
    member = await context.services.members.replace_card(
        str(sent.member_id), reason=sent.reason, actor=context.access.actor
    )
    return {"card": card_of(member)}
