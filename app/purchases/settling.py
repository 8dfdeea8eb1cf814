"""Posting what purchases and returns are worth, so that a crash at any point is made good by doing it again.

The purchase is the record and its ledger operations have ids that follow from it ("purchase:<id>", "return:<id>"), so
posting twice is posting once. A purchase says `posting` until everything of it is in the ledger.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

import structlog

from app.core.batching import Batcher
from app.core.clock import Clock
from app.core.errors import DomainError
from app.ledger.errors import Busy as LedgerBusy
from app.ledger.errors import (
    IdempotencyConflict,
    InsufficientPoints,
    LedgerUnavailable,
    OperationVoided,
    UnknownAccount,
)
from app.ledger.models import Balance, Command, EntryDocument, Reverse
from app.ledger.service import Ledger
from app.members.service import MemberService
from app.programme import ProgrammeService
from app.purchases import entries
from app.purchases.drafting import day_key
from app.purchases.errors import Busy, NotEnoughPoints
from app.purchases.lateness import Lateness, came_in_order
from app.purchases.models import PaidWithPoints, Purchase, Return
from app.purchases.repository import PurchaseRepository
from app.rewards.service import RewardService
from app.stores.service import StoreService
from app.tiers.service import TierService

_SWEEP_AFTER = timedelta(seconds=30)
_SWEEP_BATCH = 200
_MARK_LINGER = 0.1
_MARKS = 20_000
_NO_POINTS: Final = PaidWithPoints(points=0, amount=0)

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
        lateness: Lateness,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._ledger = ledger
        self._programmes = programmes
        self._members = members
        self._stores = stores
        self._tiers = tiers
        self._rewards = rewards
        self._lateness = lateness
        self._store_names: dict[str, str] = {}
        self._marks: Batcher[str, None] = Batcher(repository.mark_settled, 1000, linger=_MARK_LINGER, queue=_MARKS)

    async def close(self) -> None:
        """Write the notes that are still on their way."""
        await self._marks.close()

    async def sale(self, purchase: Purchase, account: str | None, seen: Balance | None = None) -> EntryDocument | None:
        """Settle a sale: its payment and rewards, what it earned, what later sales earn more; None without a member.

        `seen` is the balance that it was judged by, if it was just now. Raises NotEnoughPoints, with the sale
        withdrawn, when the points to pay with were gone first.
        """
        entry = await self._post_sale(purchase, account)
        if account is not None and entry is not None and not came_in_order(purchase, entry, seen):
            for changed in await self._lateness.recount(purchase, account):
                await self._settle_again(changed, account)
        if purchase.get("posting") and not purchase["returns"] and not purchase["revision"]:
            self._marks.send(purchase["_id"])
        return entry

    async def _settle_again(self, purchase_id: str, account: str) -> None:
        """Post what was counted late of a sale, and whatever else of it may be missing."""
        purchase = await self._repository.by_id(purchase_id)
        if purchase is not None:
            # One that turns out not to be paid for is gone; that is its own till's concern.
            with suppress(NotEnoughPoints):
                await self._post_sale(purchase, account)
                await self.returns(purchase, account)

    async def _post_sale(self, purchase: Purchase, account: str | None) -> EntryDocument | None:
        if account is not None and "paid_with_points" in purchase:
            await self._pay(purchase, purchase["paid_with_points"], account)
        for redemption in purchase["redemptions"]:
            await self._hand_over(purchase, redemption["id"])
        entry = None
        if account is not None:
            month = await self._tiers.month(purchase["occurred_at"])
            programme, store = await self._programmes.current(), await self._store_name(purchase["store"])
            entry = await self._post(purchase, entries.sale(programme, purchase, account, store, month))
            for late in entries.late_counts(programme, purchase, account, month):
                await self._post(purchase, late)
            await self._keep_alive(purchase, account)
        return entry

    async def returns(self, purchase: Purchase, account: str | None) -> None:
        """Post every return of a purchase in order."""
        for return_ in purchase["returns"]:
            if account is not None:
                await self.entries_of(purchase, return_, account)
            for redemption_id in return_["restored"]:
                with _busy_when_the_ledger_is():
                    await self._rewards.in_sales.reverse(redemption_id, actor=return_["actor"])
        await self._repository.mark_returns_settled(purchase["_id"], purchase["revision"])

    async def entries_of(self, purchase: Purchase, return_: Return, account: str) -> list[EntryDocument]:
        """The entries of one return, posted if they were not yet: points given back, then points taken back.

        In this order, so that what the sale had earned can be taken out of what comes back.
        """
        programme, store = await self._programmes.current(), await self._store_name(purchase["store"])
        commands: list[Reverse] = []
        if return_.get("points_back", _NO_POINTS)["points"]:
            commands.append(entries.payment_return(purchase, return_, account, store))
        commands += entries.sale_return(programme, purchase, return_, account, store)
        return [await self._post(purchase, command) for command in commands]

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
                if purchase["returns"] or purchase["revision"]:
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

    async def _pay(self, purchase: Purchase, paid: PaidWithPoints, account: str) -> None:
        try:
            store = await self._store_name(purchase["store"])
            await self._post(purchase, entries.payment(purchase, paid, account, store))
        except (InsufficientPoints, UnknownAccount, OperationVoided):
            # One unique key decides: either the payment is there after all, or it can never happen any more.
            decision = await self._post(purchase, entries.payment_called_off(purchase, account))
            if decision["kind"] == "void":
                await self._withdraw(purchase)
                raise NotEnoughPoints((await self._programmes.current())["points_other"]) from None

    async def _withdraw(self, purchase: Purchase) -> None:
        """Undo the recording of a sale that could not be paid for."""
        await self._repository.withdraw(purchase["_id"], purchase["digest"])
        if purchase["member"] is not None:
            day = day_key(await self._programmes.current(), purchase["member"], purchase["occurred_at"])
            await self._repository.forget_earned(day, purchase["_id"])
        await self._rewards.in_sales.unclaim([each["id"] for each in purchase["redemptions"]], purchase["_id"])

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
        extend = entries.longer_validity(programme, purchase, account)
        lots = (await self._ledger.balance(account)).lots
        if any(lot.expires_at is not None and lot.expires_at < extend.expires_at for lot in lots):
            await self._post(purchase, extend)

    async def _post(self, purchase: Purchase, command: Command) -> EntryDocument:
        if command.account != purchase["member"] and (stored := await self._posted_before_merge(command)):
            return stored
        try:
            with _busy_when_the_ledger_is():
                return await self._ledger.post(command)
        except IdempotencyConflict:
            # Posted before under words or policies that were changed since; what is in the ledger stands.
            stored = await self._ledger.entry(command.account, command.operation)
            if stored is None:
                raise
            return stored

    async def _posted_before_merge(self, command: Command) -> EntryDocument | None:
        """The entry that this made on an account merged into this one; an id counts once per account only."""
        for alias in await self._members.aliases(command.account):
            if (stored := await self._ledger.entry(alias, command.operation)) is not None:
                return stored
        return None

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
