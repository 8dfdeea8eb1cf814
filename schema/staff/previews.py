"""What an adjustment, a reversal or a merge would do."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from app.ledger.models import Balance, Command
from app.members.models import Member
from schema.context import Context
from schema.ledger import BalanceView
from schema.staff.adjusting import Correction, TakingBack, adjustment, reversal
from schema.staff.subjects import entry_of, known_member, standing_member


@dataclass(frozen=True, slots=True)
class LotChangeView:
    """What is left of a lot before and after."""

    lot_id: str
    expires_at: datetime | None
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class BalanceChangeView:
    """Two balances, and the lots in which they differ, soonest to expire first."""

    before: BalanceView
    after: BalanceView
    lots: tuple[LotChangeView, ...]


@dataclass(frozen=True, slots=True)
class MergeView:
    """Two members and what would remain."""

    survivor: Member
    merged: Member
    after: BalanceView


async def adjustment_preview(context: Context, member_id: str, points: int) -> BalanceChangeView:
    """Balances before and after; a refusal of the ledger is raised as it is."""
    member = await standing_member(context, member_id)
    correction = Correction(member["_id"], points, "CORRECTION", "preview", None, None, "preview")
    return await _change(context, adjustment(context, correction))


async def reversal_preview(context: Context, member_id: str, entry_id: str, points: int | None) -> BalanceChangeView:
    """Balances before and after an entry is taken back; a refusal of the ledger is raised as it is."""
    member = await standing_member(context, member_id)
    entry = await entry_of(context, member, entry_id)
    return await _change(context, reversal(context, TakingBack(entry, points, "CORRECTION", "preview", "preview")))


async def _change(context: Context, command: Command) -> BalanceChangeView:
    before, after = await context.services.ledger.preview(command)
    now = context.now
    return BalanceChangeView(BalanceView(before, now), BalanceView(after, now), _changed_lots(before, after))


def _changed_lots(before: Balance, after: Balance) -> tuple[LotChangeView, ...]:
    old, new = ({lot.id: lot for lot in balance.lots} for balance in (before, after))
    changes = [
        LotChangeView(
            lot_id,
            (new.get(lot_id) or old[lot_id]).expires_at,
            old[lot_id].remaining if lot_id in old else 0,
            new[lot_id].remaining if lot_id in new else 0,
        )
        for lot_id in {**old, **new}
    ]
    changed = [change for change in changes if change.before != change.after]
    dated = sorted((change for change in changed if change.expires_at), key=lambda change: str(change.expires_at))
    return (*dated, *(change for change in changed if not change.expires_at))


async def merge_preview(context: Context, survivor_id: str, merged_id: str) -> MergeView:
    """Everything of both together; a deficit of one is made up for by points of the other."""
    survivor, merged = await asyncio.gather(known_member(context, survivor_id), known_member(context, merged_id))
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
