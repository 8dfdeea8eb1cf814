"""Sales that arrive late, or out of order, end the same as in order, the tier's multiplier included.

A sale is judged in the tier that the status points of all sales before it reach, by when they happened (ties by id),
whenever they arrived. Where a late sale would have made a tier before sales that were posted already, what those earn
more is posted as their own entry ("late:<purchase>:<number>"), explained, once.

Points are only ever added so. A return that lowers the status points does not take back what the multiplier had given
to other sales: those were bought in good faith in that tier. Nor does a late sale lower anybody's tier.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from app.core.clock import Clock
from app.earning.models import RuleSet
from app.earning.service import EarningService
from app.ledger.canonical import whole_milliseconds
from app.ledger.models import Balance, EntryDocument
from app.ledger.service import Ledger
from app.ledger.state import add_months
from app.members.service import MemberService
from app.programme import ProgrammeService
from app.programme.models import Programme
from app.purchases.drafting import day_key
from app.purchases.errors import Busy
from app.purchases.judging import context_to_store, explain_late, judge
from app.purchases.models import LateCount, PastSale, Purchase, PurchaseLine, StoredContext
from app.purchases.repository import PurchaseRepository
from app.tiers.models import Standing
from app.tiers.standing import month_of, standing_of

_LOOK_BACK: Final = timedelta(days=800)
"""More than the two years of months that a tier can rest on."""

_ATTEMPTS: Final = 50
_MOST_OPENINGS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """A sale that is judged anew: its context now, its lines' points, and what it earns more, if anything."""

    context: StoredContext
    lines: list[PurchaseLine]
    late: LateCount | None


class Lateness:
    """Judges sales by what had happened before them, and counts again what was judged too low."""

    def __init__(
        self,
        repository: PurchaseRepository,
        clock: Clock,
        ledger: Ledger,
        programmes: ProgrammeService,
        members: MemberService,
        earning: EarningService,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._ledger = ledger
        self._programmes = programmes
        self._members = members
        self._earning = earning

    async def standing(self, account: str, occurred_at: datetime, purchase_id: str) -> Standing:
        """Where a member stood when a sale happened, by the sales before it that are known now."""
        programme = await self._programmes.current()
        place = (whole_milliseconds(occurred_at), purchase_id)
        months, history = await self._past(programme, account, occurred_at)
        for at, sale_id, month, change, _ in _events(programme, history):
            if (at, sale_id) >= place:
                break
            months = add_months(months, {month: change})
        return standing_of(programme, months, occurred_at)

    async def recount(self, late: Purchase, account: str) -> list[str]:
        """Judge a sale and all after it anew; ids of those that earn more now. May be repeated. Raises Busy."""
        for _ in range(_ATTEMPTS):
            changed = await self._attempt(late, account)
            if changed is not None:
                return changed
        raise Busy

    async def _attempt(self, late: Purchase, account: str) -> list[str] | None:
        """As `recount`; None when a sale changed while it was looked at."""
        programme = await self._programmes.current()
        place = (whole_milliseconds(late["occurred_at"]), late["_id"])
        months, history = await self._past(programme, account, late["occurred_at"])
        changed: list[str] = []
        for at, sale_id, month, change, sale in _events(programme, history):
            extra = 0
            if sale is not None and (at, sale_id) >= place:
                standing = standing_of(programme, months, sale["occurred_at"])
                if standing.multiplier > Decimal(sale["context"]["tier_multiplier"]):
                    count = await self._raise(programme, sale, standing, late)
                    if count is None:
                        return None
                    if count.late is not None:
                        changed.append(sale_id)
                        extra = count.late["qualifying"]
            months = add_months(months, {month: change + extra})
        return changed

    async def _raise(self, programme: Programme, sale: PastSale, standing: Standing, late: Purchase) -> Change | None:
        """Judge one sale in a better tier; None when it changed since it was seen.

        The tier follows from what was seen: were it applied to a sale that another late one had raised further since,
        it would lower that one's tier, and the next recount would pay the difference twice.
        """
        purchase = await self._repository.by_id(sale["_id"])
        if purchase is None or purchase["revision"] != sale["revision"]:
            return None
        rules = await self._earning.version(purchase["rules"])
        change = await self._change(programme, purchase, rules, standing, late)
        done = await self._repository.recount(purchase, change.context, change.lines, change.late)
        return change if done else None

    async def _change(
        self, programme: Programme, purchase: Purchase, rules: RuleSet, standing: Standing, late: Purchase
    ) -> Change:
        occurred_at, currency, lines = purchase["occurred_at"], purchase["currency"], purchase["lines"]
        context = context_to_store(programme, standing, purchase["context"]["earned_today"])
        before = judge(rules, occurred_at, currency, purchase["context"], lines, programme)
        after = judge(rules, occurred_at, currency, context, lines, programme)
        operation = f"late:{purchase['_id']}:{len(purchase.get('late', ())) + 1}"
        points, trimmed = max(0, after.points - before.points), 0
        if rules.caps.per_day is not None and points and purchase["member"] is not None:
            day = day_key(programme, purchase["member"], occurred_at)
            used = await self._repository.earned_before(day, operation, points, rules.caps.per_day, self._clock.now())
            trimmed = max(0, points - max(0, rules.caps.per_day - used))
        points -= trimmed
        qualifying = max(0, after.qualifying - before.qualifying - trimmed)
        if not points and not qualifying:
            return Change(context, lines, None)
        more = {line: after.lines[line] - earned for line, earned in before.lines.items()} if not trimmed else {}
        counted: list[PurchaseLine] = [{**row, "earned": row["earned"] + more.get(row["id"], 0)} for row in lines]
        explanation = explain_late(purchase, late, standing, points, programme)
        count: LateCount = {
            "id": operation,
            "because": late["_id"],
            "points": points,
            "qualifying": qualifying,
            "explanation": explanation,
        }
        return Change(context, counted, count)

    async def _past(
        self, programme: Programme, account: str, occurred_at: datetime
    ) -> tuple[dict[str, int], list[PastSale]]:
        """Status points that did not come from sales, and the sales that a tier at this instant or later rests on."""
        everybody = [account, *await self._members.aliases(account)]
        months: dict[str, int] = {}
        for each in everybody:
            for entry in await self._ledger.entries(each, kinds=["migrate"], first=_MOST_OPENINGS):
                months = add_months(months, entry.get("qualifying", {}))
        return months, await self._repository.history(everybody, occurred_at - _LOOK_BACK)


def is_late(balance: Balance | None, occurred_at: datetime) -> bool:
    """Whether something of this account may have happened after this instant, or at it."""
    return (
        balance is not None and balance.latest_at is not None and whole_milliseconds(occurred_at) <= balance.latest_at
    )


def came_in_order(purchase: Purchase, entry: EntryDocument, seen: Balance | None) -> bool:
    """Whether a sale happened after all that was seen when it was judged, and nothing was posted in between."""
    if seen is None or is_late(seen, purchase["occurred_at"]):
        return False
    own = 1 + len(purchase["redemptions"]) + ("paid_with_points" in purchase)
    return entry["seq"] == seen.version + own


def _events(
    programme: Programme, history: Sequence[PastSale]
) -> Iterator[tuple[datetime, str, str, int, PastSale | None]]:
    """What changed the status points, by when it happened: (at, sale, month, change, the sale itself or None)."""
    events: list[tuple[datetime, str, int, str, int, PastSale | None]] = []
    for sale in history:
        month, before = month_of(programme, sale["occurred_at"]), 0
        events.append((sale["occurred_at"], sale["_id"], 0, month, sale["qualifying"], sale))
        for number, return_ in enumerate(sale["returns"], start=1):
            back = return_["qualifying_total"] - before
            before = return_["qualifying_total"]
            at = max(whole_milliseconds(return_["occurred_at"]), sale["occurred_at"])
            events.append((at, sale["_id"], number, month, -back, None))
    for at, sale_id, _, month, change, itself in sorted(events, key=lambda event: event[:3]):
        yield at, sale_id, month, change, itself
