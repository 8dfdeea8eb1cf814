"""Pages of the catalogue and of redemptions."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from app.members.models import Member
from app.rewards.models import Redemption, RedemptionStatus
from schema.connections import Page, key_of, page_of, page_size
from schema.context import Context

_WHOLE_CATALOG = 100


async def catalog_page(context: Context, first: int, after: str | None) -> Page:
    """Rewards on offer, in the programme's own order."""
    size = page_size(first)
    key = key_of("rewards", after, int, str)
    found = await context.services.rewards.catalog(size + 1, (key[0], key[1]) if key else None)
    for reward in found:
        context.rewards.prime(reward["_id"], reward)
    return page_of(found, size, after, "rewards", lambda reward: (reward["rank"], reward["_id"]))


async def redemption_page(
    context: Context, member_id: str, first: int, after: str | None, statuses: Sequence[str]
) -> Page:
    """Redemptions of a member and of those merged into it, newest first."""
    size = page_size(first)
    key = key_of("redemptions", after, datetime, str)
    everybody = [member_id, *await context.services.members.aliases(member_id)]
    wanted = cast("Sequence[RedemptionStatus]", statuses) if statuses else None
    found = await context.services.rewards.of_member(everybody, size + 1, (key[0], key[1]) if key else None, wanted)
    return page_of(found, size, after, "redemptions", lambda each: (each["reserved_at"], each["_id"]))


async def ready_redemptions(context: Context, member: Member) -> list[Redemption]:
    """Reservations that can be handed over now."""
    everybody = [member["_id"], *await context.services.members.aliases(member["_id"])]
    return await context.services.rewards.ready(everybody)


async def affordable_rewards(context: Context, member: Member) -> int:
    """How many rewards a member could have now."""
    services = context.services
    balance = await context.balance(member["_id"])
    standing = await services.tiers.standing(balance, context.now)
    offered = await services.rewards.catalog(_WHOLE_CATALOG)
    verdicts = await services.rewards.eligibilities(member, offered, balance, standing)
    return sum(verdict.eligible for verdict in verdicts.values())
