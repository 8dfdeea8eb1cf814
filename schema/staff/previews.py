"""What an adjustment or a merge would do."""

import asyncio
from dataclasses import dataclass, replace

from app.ledger.models import Balance
from app.members.models import Member
from schema.context import Context
from schema.execution import ClientError
from schema.ledger import BalanceView
from schema.staff.adjusting import Correction, adjustment


@dataclass(frozen=True, slots=True)
class BalanceChangeView:
    """Two balances."""

    before: BalanceView
    after: BalanceView


@dataclass(frozen=True, slots=True)
class MergeView:
    """Two members and what would remain."""

    survivor: Member
    merged: Member
    after: BalanceView


async def adjustment_preview(context: Context, member_id: str, points: int) -> BalanceChangeView:
    """Balances before and after; a refusal of the ledger is raised as it is."""
    await member_of(context, member_id)
    correction = Correction(member_id, points, "CORRECTION", "preview", None, None, "preview")
    before, after = await context.services.ledger.preview(adjustment(context, correction))
    now = context.now
    return BalanceChangeView(BalanceView(before, now), BalanceView(after, now))


async def merge_preview(context: Context, survivor_id: str, merged_id: str) -> MergeView:
    """Everything of both together; a deficit of one is made up for by points of the other."""
    survivor, merged = await asyncio.gather(member_of(context, survivor_id), member_of(context, merged_id))
    kept, added = await asyncio.gather(context.balance(survivor_id), context.balance(merged_id))
    return MergeView(survivor, merged, BalanceView(together(kept, added), context.now))


def together(kept: Balance, added: Balance) -> Balance:
    """The balance of a survivor after a merge."""
    active, deficit = kept.active + added.active, kept.deficit + added.deficit
    repaid = min(active, deficit)
    far = max((lot.expires_at for lot in (*kept.lots, *added.lots) if lot.expires_at), default=None)
    lots = sorted((*kept.lots, *added.lots), key=lambda lot: (lot.expires_at is None, lot.expires_at or far, lot.id))
    left = []
    owed = repaid
    for lot in lots:
        taken = min(lot.remaining, owed)
        owed -= taken
        if lot.remaining > taken:
            left.append(replace(lot, remaining=lot.remaining - taken))
    months = dict(kept.qualifying)
    for month, points in added.qualifying.items():
        months[month] = months.get(month, 0) + points
    return replace(
        kept,
        active=active - repaid,
        pending=kept.pending + added.pending,
        reserved=kept.reserved + added.reserved,
        deficit=deficit - repaid,
        lifetime=kept.lifetime + added.lifetime,
        qualifying=months,
        lots=tuple(left),
        pendings=(*kept.pendings, *added.pendings),
        holds=(*kept.holds, *added.holds),
    )


async def member_of(context: Context, member_id: str) -> Member:
    """The member of an id; raises ClientError when there is none."""
    member = await context.members.load(member_id)
    if member is None:
        raise ClientError("NOT_FOUND", "There is no such member.")
    return member
