"""The subscription to a member's changes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from enum import Enum
from typing import Any, Final

import strawberry

from app.core.changes import Change
from app.ledger.models import EntryDocument
from app.rewards.models import Redemption as RedemptionDocument
from schema.context import Context
from schema.execution import ClientError
from schema.fields import says, value
from schema.ledger import Activity
from schema.members.types import Member
from schema.rewards.types import Redemption
from schema.scalars import DateTime


@strawberry.enum(description="Why a message was sent.")
class MemberChangeCause(Enum):
    """Names of the causes."""

    CONNECTED = value("CONNECTED", "The first message, and whenever changes may have been missed.")
    POINTS = value("POINTS", "A ledger entry.")
    REDEMPTION = value("REDEMPTION", "A redemption came about or went on.")
    PROFILE = value("PROFILE", "The profile.")
    CARD = value("CARD", "The card or one of its phones.")
    SESSION = value("SESSION", "Where the member is signed in.")


async def _activity(change: dict[str, Any], context: Context) -> EntryDocument | None:
    return await context.services.ledger.entry_by_id(change["entry"]) if "entry" in change else None


async def _redemption(change: dict[str, Any], context: Context) -> RedemptionDocument | None:
    return await context.redemptions.load(change["redemption"]) if "redemption" in change else None


@strawberry.type(description="What changed, with the member as it is now.")
class MemberChange:
    """Source: a dict made here, with the `_id` of what changed."""

    cause: MemberChangeCause = says("Why this message was sent.")
    member: Member = says("The member as it is now.", load=lambda _change, context: context.own_member())
    activity: Activity | None = says("The newest entry, for POINTS.", load=_activity)
    redemption: Redemption | None = says("The redemption, for REDEMPTION.", load=_redemption)
    server_time: DateTime = says("When this was sent.", load=lambda _change, context: context.now)


# Several changes of one moment, such as the entry and the redemption of one sale, become few messages.
_SETTLE_SECONDS: Final = 0.05
_CAUSES: Final = {
    "entries": "POINTS",
    "redemptions": "REDEMPTION",
    "members": "PROFILE",
    "card_credentials": "CARD",
    "": "CONNECTED",
}


async def member_changes(context: Context) -> AsyncIterator[dict[str, Any]]:
    """Messages for the signed-in member: one at once, then one for each cause of each burst of changes."""
    member_id = context.access.member_id
    if member_id is None:
        raise ClientError("NOT_A_MEMBER", "Join the programme first.")
    async with context.services.changes.listen(member_id) as changes:
        yield {"cause": "CONNECTED"}
        waiting: asyncio.Task[Change] | None = None
        try:
            while True:
                waiting = waiting or _next(changes)
                burst = [await waiting]
                await asyncio.sleep(_SETTLE_SECONDS)
                waiting = _next(changes)
                # One turn of the event loop lets what is queued already arrive.
                await asyncio.sleep(0)
                while waiting.done():
                    burst.append(waiting.result())
                    waiting = _next(changes)
                    await asyncio.sleep(0)
                for message in messages_of(burst):
                    context.forget()
                    yield message
        finally:
            if waiting is not None:
                waiting.cancel()


def _next(changes: AsyncIterator[Change]) -> "asyncio.Task[Change]":
    async def following() -> Change:
        return await anext(changes)

    return asyncio.create_task(following())


def messages_of(burst: Sequence[Change]) -> list[dict[str, Any]]:
    """One message for each cause, with the newest `_id` of it; redemptions only once they came about."""
    messages: dict[str, dict[str, Any]] = {}
    for change in burst:
        cause = _CAUSES.get(change.collection)
        document: dict[str, Any] = change.document
        if cause is None or (cause == "REDEMPTION" and _is_nobodys(document)):
            continue
        message: dict[str, Any] = {"cause": cause}
        messages[cause] = message
        if cause == "POINTS":
            message["entry"] = document["_id"]
        elif cause == "REDEMPTION":
            message["redemption"] = document["_id"]
    return list(messages.values())


def _is_nobodys(redemption: dict[str, Any]) -> bool:
    return bool(redemption["status"] == "REFUSED" or redemption["step"] == "reserving")
