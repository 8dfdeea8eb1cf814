"""A member's whole history: points, sales, redemptions, sign-in, mail and profile in one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.ledger.models import EntryDocument
from app.members.models import Member, MemberEvent
from app.messages.models import Mail
from app.purchases.models import Purchase
from app.rewards.models import Redemption
from auth.events.models import SecurityEventDocument
from auth.events.service import SecurityEvents
from schema.connections import Key, Page
from schema.context import Context
from schema.purchases.types import ReturnView
from schema.staff.merging import Source, merged_page

KINDS: Final = frozenset({"POINTS", "PURCHASE", "RETURN", "REDEMPTION", "SECURITY", "MESSAGE", "PROFILE", "MERGE"})
_MERGE: Final = frozenset({"MERGE_ASKED", "MERGE_DECLINED", "MERGED", "UNMERGED"})
_BY_TIME: Final = (datetime, str)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened."""

    id: str
    kind: str
    at: datetime
    title: str
    key: Key
    detail: str | None = None
    actor: str | None = None
    points: int | None = None
    activity: EntryDocument | None = None
    purchase: Purchase | None = None
    redemption: Redemption | None = None
    returned: ReturnView | None = None


async def timeline_page(
    context: Context, member: Member, first: int, after: str | None, kinds: Sequence[str] | None
) -> Page:
    """A page of everything that happened to a member and to those merged into it."""
    everybody = [member["_id"], *await context.services.members.aliases(member["_id"])]
    sources = [_points(context, account) for account in everybody]
    sources += [
        _purchases(context, everybody),
        _returns(context, everybody),
        _redemptions(context, everybody),
        _profile(context, everybody),
    ]
    sources += [_messages(context, each) for each in everybody]
    if member["identity_id"] is not None:
        sources.append(_security(context, member["identity_id"]))
    return await merged_page("timeline", sources, first, after, frozenset(kinds) if kinds else KINDS)


def _points(context: Context, account: str) -> Source[Event]:
    async def fetch(after: Key | None, first: int) -> list[Event]:
        place = (after[0], after[1]) if after else None
        entries = await context.services.ledger.chronicle(account, after=place, first=first)
        return [_entry_event(entry) for entry in entries]

    return Source(f"points {account}", frozenset({"POINTS"}), _BY_TIME, fetch)


def _entry_event(entry: EntryDocument) -> Event:
    reason = entry["reason"]
    reference = reason.get("reference", {})
    return Event(
        id="ent_" + entry["_id"],
        kind="POINTS",
        at=entry["occurred_at"],
        title=reason["title"],
        key=(entry["occurred_at"], entry["_id"]),
        # What an agent wrote for colleagues tells more than what the member reads.
        detail=reference.get("note") or reason.get("summary"),
        actor=entry["actor"],
        points=entry["points"],
        activity=entry,
    )


def _purchases(context: Context, everybody: Sequence[str]) -> Source[Event]:
    async def fetch(after: Key | None, first: int) -> list[Event]:
        place = (after[0], after[1]) if after else None
        found = await context.services.purchases.of_member(everybody, first, place)
        for purchase in found:
            # Their entries and returns refer to them.
            context.purchases.prime(purchase["_id"], purchase)
        return [
            Event(
                id=purchase["_id"],
                kind="PURCHASE",
                at=purchase["occurred_at"],
                title=f"Purchase {purchase['receipt_number']}",
                key=(purchase["occurred_at"], purchase["_id"]),
                detail=purchase["explanation"]["summary"],
                actor=purchase["actor"],
                points=purchase["earned"],
                purchase=purchase,
            )
            for purchase in found
        ]

    return Source("purchases", frozenset({"PURCHASE"}), _BY_TIME, fetch)


def _returns(context: Context, everybody: Sequence[str]) -> Source[Event]:
    async def fetch(after: Key | None, first: int) -> list[Event]:
        place = (after[0], after[1]) if after else None
        found = await context.services.purchases.returns_of_member(everybody, first, place)
        return [
            Event(
                id=returned["id"],
                kind="RETURN",
                at=returned["occurred_at"],
                title=f"Return {returned['receipt_number']}",
                key=(returned["occurred_at"], returned["id"]),
                detail=returned["explanation"]["summary"],
                actor=returned["actor"],
                points=-returned["reversed"],
                returned=ReturnView(returned, purchase),
            )
            for purchase, returned in found
        ]

    return Source("returns", frozenset({"RETURN"}), _BY_TIME, fetch)


def _redemptions(context: Context, everybody: Sequence[str]) -> Source[Event]:
    async def fetch(after: Key | None, first: int) -> list[Event]:
        place = (after[0], after[1]) if after else None
        found = await context.services.rewards.of_member(everybody, first, place)
        rewards = await context.services.rewards.by_ids([redemption["reward"] for redemption in found])
        return [
            Event(
                id=redemption["_id"],
                kind="REDEMPTION",
                at=redemption["reserved_at"],
                title=rewards[redemption["reward"]]["name"] if redemption["reward"] in rewards else "Reward",
                key=(redemption["reserved_at"], redemption["_id"]),
                detail=redemption["status"].capitalize(),
                actor=redemption["actor"] or f"member:{redemption['member']}",
                points=-redemption["points"],
                redemption=redemption,
            )
            for redemption in found
        ]

    return Source("redemptions", frozenset({"REDEMPTION"}), _BY_TIME, fetch)


def _profile(context: Context, everybody: Sequence[str]) -> Source[Event]:
    async def fetch(after: Key | None, first: int) -> list[Event]:
        found = await context.services.members.events(everybody, before=after[0] if after else None, first=first)
        return [_profile_event(event) for event in found]

    return Source("profile", frozenset({"PROFILE", "MERGE"}), (datetime,), fetch)


def _profile_event(event: MemberEvent) -> Event:
    return Event(
        id=event["_id"],
        kind="MERGE" if event["kind"] in _MERGE else "PROFILE",
        at=event["at"],
        title=event["title"],
        key=(event["at"],),
        detail=event["detail"],
        actor=event["actor"],
    )


def _messages(context: Context, member_id: str) -> Source[Event]:
    async def fetch(after: Key | None, first: int) -> list[Event]:
        found = await context.services.mails.of_member(member_id, after[0] if after else None, first)
        return [_mail_event(mail) for mail in found]

    return Source(f"messages {member_id}", frozenset({"MESSAGE"}), (datetime,), fetch)


def _mail_event(mail: Mail) -> Event:
    return Event(
        id=mail["_id"],
        kind="MESSAGE",
        at=mail["created_at"],
        title=mail["subject"],
        key=(mail["created_at"],),
        detail=f"Mail to {mail['to']}",
        actor="system:mail",
    )


def _security(context: Context, identity_id: str) -> Source[Event]:
    async def fetch(after: Key | None, first: int) -> list[Event]:
        place = (after[0], after[1]) if after else None
        return [_security_event(event) for event in await context.services.auth.events.page(identity_id, first, place)]

    return Source("security", frozenset({"SECURITY"}), _BY_TIME, fetch)


def _security_event(event: SecurityEventDocument) -> Event:
    return Event(
        id=event["_id"],
        kind="SECURITY",
        at=event["at"],
        title=SecurityEvents.text(event),
        key=(event["at"], event["_id"]),
        detail=event["detail"].get("note") or event["device"],
        actor=event["actor"],
    )
