"""Posting what purchases and returns are worth, so that a crash at any point is made good by doing it again.

The purchase is the record and its ledger operations have ids that follow from it ("purchase:<id>", "return:<id>"), so
posting twice is posting once. A purchase says `posting` until everything of it is in the ledger.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from app.core.clock import Clock
from app.core.errors import DomainError
from app.ledger.errors import Busy as LedgerBusy
from app.ledger.errors import IdempotencyConflict, LedgerUnavailable
from app.ledger.models import Command, Earn, EntryDocument, Extend, Reason, ReasonPart, Reverse
from app.ledger.service import Ledger
from app.members.service import MemberService
from app.programme import ProgrammeService
from app.purchases.errors import Busy
from app.purchases.grouping import Grouped
from app.purchases.models import Explanation, Purchase, Return
from app.purchases.repository import PurchaseRepository
from app.purchases.validity import validity
from app.rewards.service import RewardService
from app.stores.service import StoreService
from app.tiers.service import TierService

_SWEEP_AFTER = timedelta(seconds=30)
_SWEEP_BATCH = 200
_MARK_LINGER = 0.1
_MOST_REASON_LINES = 40

_log = structlog.get_logger("purchases")


class Settler:
    """Brings the ledger and the rewards in line with recorded purchases."""

    def __init__(
        self,
        repository: PurchaseRepository,
        clock: Clock,
        ledger: Ledger,
        programmes: ProgrammeService,
        members: MemberService,
        stores: StoreService,
        tiers: TierService,
        rewards: RewardService,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._ledger = ledger
        self._programmes = programmes
        self._members = members
        self._stores = stores
        self._tiers = tiers
        self._rewards = rewards
        self._store_names: dict[str, str] = {}
        self._marks: Grouped[str, None] = Grouped(repository.mark_settled, most=1000, in_flight=1, linger=_MARK_LINGER)

    async def close(self) -> None:
        """Write the notes that are still on their way."""
        await self._marks.close()

    async def sale(self, purchase: Purchase, account: str | None) -> EntryDocument | None:
        """Hand its rewards over and post what it earned; None when nothing is posted."""
        for redemption in purchase["redemptions"]:
            await self._hand_over(purchase, redemption["id"])
        entry = None
        if account is not None and purchase["earned"]:
            entry = await self._post(await self._earn(purchase, account))
        if account is not None:
            await self._keep_alive(purchase, account)
        if purchase.get("posting") and not purchase["returns"]:
            self._marks.send(purchase["_id"])
        return entry

    async def returns(self, purchase: Purchase, account: str | None) -> dict[str, EntryDocument]:
        """Post every return of a purchase in order; the entries by return id, without those that took nothing."""
        entries: dict[str, EntryDocument] = {}
        points = qualifying = 0
        for return_ in purchase["returns"]:
            changed = (return_["reversed_total"], return_["qualifying_total"]) != (points, qualifying)
            points, qualifying = return_["reversed_total"], return_["qualifying_total"]
            if account is not None and changed:
                entries[return_["id"]] = await self._post(await self._reverse(purchase, return_, account))
            for redemption_id in return_["restored"]:
                with _busy_when_the_ledger_is():
                    await self._rewards.in_sales.reverse(redemption_id, actor=return_["actor"])
        await self._repository.mark_returns_settled(purchase["_id"], purchase["revision"])
        return entries

    async def account_of(self, purchase: Purchase) -> str | None:
        """The ledger account of its member today, who may have been merged since; None for an anonymous sale."""
        if purchase["member"] is None:
            return None
        member = await self._members.by_id(purchase["member"])
        return (await self._members.survivor(member))["_id"] if member else purchase["member"]

    async def sweep(self) -> int:
        """Finish what a crash left half done; answers how many purchases were looked at."""
        due = await self._repository.unsettled(self._clock.now() - _SWEEP_AFTER, _SWEEP_BATCH)
        for purchase in due:
            try:
                account = await self.account_of(purchase)
                await self.sale(purchase, account)
                if purchase["returns"]:
                    await self.returns(purchase, account)
            except DomainError as error:
                _log.warning("purchase_not_settled", purchase=purchase["_id"], code=error.code, message=error.message)
        await self._sweep_claims()
        return len(due)

    async def _sweep_claims(self) -> None:
        for redemption in await self._rewards.in_sales.claimed(self._clock.now() - _SWEEP_AFTER):
            purchase = await self._repository.by_id(redemption["purchase"] or "")
            if purchase and any(handed["id"] == redemption["_id"] for handed in purchase["redemptions"]):
                await self._hand_over(purchase, redemption["_id"])
            else:
                await self._rewards.in_sales.unclaim([redemption["_id"]], redemption["purchase"] or "")

    async def _hand_over(self, purchase: Purchase, redemption_id: str) -> None:
        try:
            with _busy_when_the_ledger_is():
                await self._rewards.in_sales.finish(redemption_id)
        except Busy:
            raise
        except DomainError as error:
            # The money is off already: the sale stands, and an operator sees that a reward was given for nothing.
            _log.error("reward_not_captured", purchase=purchase["_id"], redemption=redemption_id, code=error.code)

    async def _keep_alive(self, purchase: Purchase, account: str) -> None:
        """Where validity slides with activity, a sale is activity: every lot lasts as long as what was just earned."""
        programme = await self._programmes.current()
        if programme["earning"]["expiry"]["model"] != "sliding":
            return
        _, until = validity(programme, purchase["occurred_at"])
        lots = (await self._ledger.balance(account)).lots
        if any(lot.expires_at is not None and lot.expires_at < until for lot in lots):
            extend = Extend(
                account=account,
                operation=f"slide:{purchase['_id']}",
                occurred_at=purchase["occurred_at"],
                actor=purchase["actor"],
                reason={"title": "Your points last longer", "reference": {"purchase": purchase["_id"]}},
                expires_at=until,
            )
            await self._post(extend)

    async def _post(self, command: Command) -> EntryDocument:
        try:
            with _busy_when_the_ledger_is():
                return await self._ledger.post(command)
        except IdempotencyConflict:
            # Posted before under words or policies that were changed since; what is in the ledger stands.
            stored = await self._ledger.entry(command.account, command.operation)
            if stored is None:
                raise
            return stored

    async def _earn(self, purchase: Purchase, account: str) -> Earn:
        occurred_at = purchase["occurred_at"]
        active_at, expires_at = validity(await self._programmes.current(), occurred_at)
        return Earn(
            account=account,
            operation=f"purchase:{purchase['_id']}",
            occurred_at=occurred_at,
            actor=purchase["actor"],
            reason=_reason(
                await self._store_name(purchase["store"]), purchase["explanation"], {"purchase": purchase["_id"]}
            ),
            points=purchase["earned"],
            qualifying=purchase["qualifying"],
            month=await self._tiers.month(occurred_at),
            active_at=active_at,
            expires_at=expires_at,
        )

    async def _reverse(self, purchase: Purchase, return_: Return, account: str) -> Reverse:
        programme = await self._programmes.current()
        title = f"Return at {await self._store_name(purchase['store'])}"
        return Reverse(
            account=account,
            operation=f"return:{return_['id']}",
            occurred_at=return_["occurred_at"],
            actor=return_["actor"],
            reason=_reason(title, return_["explanation"], {"purchase": purchase["_id"], "return": return_["id"]}),
            of=f"purchase:{purchase['_id']}",
            points=return_["reversed_total"],
            qualifying=return_["qualifying_total"],
            policy=programme["return_policy"]["deficit"],
        )

    async def _store_name(self, store_id: str) -> str:
        if store_id not in self._store_names:
            store = await self._stores.by_id(store_id)
            self._store_names[store_id] = store["name"] if store else "the shop"
        return self._store_names[store_id]


@contextmanager
def _busy_when_the_ledger_is() -> Iterator[None]:
    try:
        yield
    except (LedgerBusy, LedgerUnavailable) as error:
        raise Busy from error


def _reason(title: str, explanation: Explanation, reference: dict[str, str]) -> Reason:
    parts: list[ReasonPart] = []
    for part in explanation["parts"]:
        kept: ReasonPart = {"kind": part["kind"], "text": part["text"]}  # type: ignore[typeddict-item] # stored words
        if part["rule"] is not None:
            kept["rule"] = part["rule"]
        if part["version"] is not None:
            kept["version"] = part["version"]
        if part["points"] is not None:
            kept["points"] = part["points"]
        # The lines of every part are with the purchase; an entry names them where they tell something.
        if part["kind"] != "BASIS" and part["rule"] != "base" and len(part["lines"]) <= _MOST_REASON_LINES:
            kept["lines"] = part["lines"]
        parts.append(kept)
    return {"title": title, "summary": explanation["summary"], "parts": parts, "reference": reference}
