"""Sales: previewing, recording once, finding. Returns are in returning.py, posting in settling.py."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from app.core.batching import Batcher, QueueFull
from app.core.clock import Clock
from app.core.database import Database
from app.core.errors import DomainError
from app.core.jobs import Job
from app.earning.service import EarningService
from app.ledger.models import Balance, EntryDocument
from app.ledger.service import Ledger
from app.members.models import Member
from app.members.service import MemberService
from app.products.models import Product
from app.products.service import ProductService
from app.programme import ProgrammeService
from app.programme.models import Programme
from app.programme.service import zone_of
from app.purchases import drafting, intake, receipts, tender
from app.purchases.catalogue import Catalogue
from app.purchases.errors import (
    BeforeMemberJoined,
    Busy,
    IdempotencyConflict,
    MemberUnknown,
    NotEnoughPoints,
    PayWithPointsNotAllowed,
    ReceiptConflict,
    RedemptionNotAllowed,
)
from app.purchases.judging import context_to_store, judge
from app.purchases.lateness import Lateness, is_late
from app.purchases.models import (
    DayOfSales,
    Known,
    Preview,
    PreviewPurchase,
    Purchase,
    Recorded,
    RecordPurchase,
    RecordReturn,
    Return,
    Returned,
)
from app.purchases.repository import Insertion, PurchaseRepository
from app.purchases.returning import ReturnDesk
from app.purchases.settling import Settler
from app.rewards.models import HandOver
from app.rewards.service import RewardService
from app.stores.service import StoreService
from app.tiers.models import Standing
from app.tiers.service import TierService

_NOTHING_KNOWN = Known()
_SWEEP_EVERY = timedelta(seconds=15)
_BATCH = 128
_QUEUE = 20_000


class PurchaseService:
    """What can be done with sales and returns. One insert and one ledger entry make a sale.

    `oldest` is how far back a sale may lie. Any method that writes may raise Busy; the same request may be sent again.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        ledger: Ledger,
        programmes: ProgrammeService,
        members: MemberService,
        products: ProductService,
        stores: StoreService,
        earning: EarningService,
        tiers: TierService,
        rewards: RewardService,
        oldest: timedelta = timedelta(days=400),
        restore_rewards: bool = True,
    ) -> None:
        self._repository = PurchaseRepository(database)
        self._clock = clock
        self._ledger = ledger
        self._programmes = programmes
        self._members = members
        self._earning = earning
        self._tiers = tiers
        self._rewards = rewards
        self._oldest = oldest
        self._catalogue = Catalogue(products, clock)
        self._inserts: Batcher[Purchase, Insertion] = Batcher(
            self._repository.insert_many, _BATCH, in_flight=2, queue=_QUEUE
        )
        self._balances: Batcher[str, Balance] = Batcher(self._read_balances, _BATCH, in_flight=2, queue=_QUEUE)
        self._lateness = Lateness(self._repository, clock, ledger, programmes, members, earning)
        self._settler = Settler(
            self._repository, clock, ledger, programmes, members, stores, tiers, rewards, self._lateness
        )
        self._desk = ReturnDesk(
            self._repository, clock, ledger, programmes, earning, self._settler, restore_rewards=restore_rewards
        )

    def jobs(self) -> list[Job]:
        """What must run every so often: finishing what a crash left half done."""
        return [Job("purchases-settle", _SWEEP_EVERY, self._settler.sweep)]

    async def stop(self) -> None:
        """Finish the writes that nobody waits for."""
        await self._settler.close()

    async def preview(self, wanted: PreviewPurchase) -> Preview:
        """What a sale would come to and earn now; nothing is written, nothing is promised.

        Raises what `record` raises for such a sale.
        """
        programme = await self._programmes.current()
        intake.check_lines(wanted.lines, programme["currency"])
        intake.check_redemptions(wanted.redemption_ids)
        intake.check_points(wanted.pay_with_points)
        now = self._clock.now()
        products = await self._catalogue.resolve(wanted.lines, {})
        member = await self._member(wanted.member_id, _NOTHING_KNOWN)
        rewards = await self._handovers(member, wanted.redemption_ids, None)
        balance = await self._balance(member)
        standing = await self._standing(balance, now)
        _check_payment(programme, wanted.pay_with_points, member, balance, may_redeem=wanted.may_redeem)
        lines, discounts = drafting.sold("pur_preview", wanted.lines, products, rewards, programme["currency"])
        paid = None
        if wanted.pay_with_points is not None:
            paid, lines = tender.tender(programme, wanted.pay_with_points, lines)
        rules = await self._earning.at(now)
        context = context_to_store(programme, standing)
        earning = judge(rules, now, programme["currency"], context, lines, programme)
        return drafting.preview(programme, lines, discounts, paid, earning, anonymous=member is None)

    async def record(
        self, command: RecordPurchase, *, known: Known = _NOTHING_KNOWN, oldest: timedelta | None = None
    ) -> Recorded:
        """Record a sale once and post what it earned; the same receipt again gives the first answer.

        `oldest` replaces the service's own limit. Raises InvalidPurchase, CurrencyMismatch, LimitReached, InTheFuture,
        TooOld, ProductUnknown, MemberUnknown, BeforeMemberJoined, ReceiptConflict, IdempotencyConflict,
        RedemptionNotAllowed, PayWithPointsNotAllowed, PayWithPointsOutOfRange, NotEnoughPoints, the errors of rewards,
        and Busy.
        """
        programme = await self._programmes.current()
        purchase_id = intake.purchase_id(programme["_id"], command)
        try:
            return await self._record(command, programme, purchase_id, known, oldest or self._oldest)
        except (Busy, QueueFull, ReceiptConflict, IdempotencyConflict):
            raise
        except DomainError:
            # What was recorded once stays answered, even if it would be refused today.
            stored = await self._repository.by_id(purchase_id)
            if stored is None or stored["digest"] != intake.digest(command):
                raise
            return await self._again(stored)

    async def return_(self, command: RecordReturn) -> Returned:
        """Record a return once and take back what the returned part had earned.

        Raises PurchaseNotFound, LineNotFound, NothingLeft, MoreThanLeft, IdempotencyConflict, InTheFuture,
        InvalidPurchase, BeforePurchase and Busy.
        """
        return await self._desk.return_(command)

    async def by_id(self, purchase_id: str) -> Purchase | None:
        """One purchase."""
        return await self._repository.by_id(purchase_id)

    async def by_ids(self, purchase_ids: Sequence[str]) -> dict[str, Purchase]:
        """Purchases by id; unknown ids are left out."""
        return await self._repository.by_ids(purchase_ids)

    async def by_return(self, return_id: str) -> tuple[Purchase, Return] | None:
        """A return and the purchase it belongs to."""
        purchase = await self._repository.by_return(return_id)
        if purchase is None:
            return None
        return purchase, next(each for each in purchase["returns"] if each["id"] == return_id)

    async def by_receipt(
        self, receipt_number: str, *, store: str | None = None, business_date: date | None = None, first: int = 20
    ) -> list[Purchase]:
        """Purchases with this receipt number, in a store or any, on a day or any, newest day first."""
        day = business_date.isoformat() if business_date else None
        return await self._repository.by_receipt(receipt_number, store, day, first)

    async def recent(self, till: str, first: int = 20) -> list[Purchase]:
        """What a till sent in last, newest first."""
        return await self._repository.recent(till, first)

    async def of_member(
        self, member_ids: Sequence[str], first: int = 20, after: tuple[datetime, str] | None = None
    ) -> list[Purchase]:
        """Purchases of a member and of those merged into it, latest first.

        `after` is (occurred_at, _id) of the last one seen.
        """
        return await self._repository.of_members(member_ids, after, first)

    async def returns_of_member(
        self, member_ids: Sequence[str], first: int, after: tuple[datetime, str] | None = None
    ) -> list[tuple[Purchase, Return]]:
        """Returns of a member with their sales, latest first, after (occurred at, id) of the last one seen."""
        return await self._repository.returns_of_members(member_ids, after, first)

    async def by_day(self, first_day: date) -> list[DayOfSales]:
        """Sales and points earned on each business day from `first_day` on."""
        return await self._repository.by_day(first_day.isoformat())

    async def _record(
        self, command: RecordPurchase, programme: Programme, purchase_id: str, known: Known, oldest: timedelta
    ) -> Recorded:
        now = self._clock.now()
        intake.check_record(command, programme["currency"], zone_of(programme), now, oldest)
        products = await self._catalogue.resolve(command.lines, known.products)
        member = await self._member(command.member_id, known)
        if member is not None and command.occurred_at < member["joined_at"] - intake.SKEW:
            raise BeforeMemberJoined(command.occurred_at, member["joined_at"])
        rewards = await self._handovers(member, command.redemption_ids, purchase_id, command)
        balance = await self._balance(member)
        standing = await self._standing(balance, command.occurred_at)
        if balance is not None and is_late(balance, command.occurred_at):
            standing = await self._lateness.standing(balance.account, command.occurred_at, purchase_id)
        may_redeem = command.may_redeem and not command.deferred
        _check_payment(programme, command.pay_with_points, member, balance, may_redeem=may_redeem)
        purchase = await self._draft(command, programme, purchase_id, products, rewards, member, standing)

        await self._rewards.in_sales.claim([each.redemption["_id"] for each in rewards], purchase_id, command.actor)
        if await self._inserts(purchase) is Insertion.EXISTS:
            return await self._existing(command, purchase)
        entry = await self._settler.sale(purchase, member["_id"] if member else None, balance)
        receipt = receipts.of_sale(programme, purchase, entry, balance.active if balance else None)
        return Recorded(purchase, receipt, duplicate=False)

    async def _draft(
        self,
        command: RecordPurchase,
        programme: Programme,
        purchase_id: str,
        products: Sequence[Product],
        rewards: Sequence[HandOver],
        member: Member | None,
        standing: Standing | None,
    ) -> Purchase:
        rules = await self._earning.at(command.occurred_at)
        lines, discounts = drafting.sold(purchase_id, command.lines, products, rewards, programme["currency"])
        paid = None
        if command.pay_with_points is not None:
            paid, lines = tender.tender(programme, command.pay_with_points, lines)
        context = context_to_store(programme, standing)
        earning = judge(rules, command.occurred_at, programme["currency"], context, lines, programme)
        cap = rules.caps.per_day
        if cap is not None and member is not None:
            key = drafting.day_key(programme, member["_id"], command.occurred_at)
            context["earned_today"] = await self._repository.earned_before(
                key, purchase_id, earning.points, cap, self._clock.now()
            )
            earning = judge(rules, command.occurred_at, programme["currency"], context, lines, programme)
        return drafting.purchase(
            command,
            programme,
            purchase_id,
            lines,
            discounts,
            rewards,
            paid,
            member,
            earning,
            context,
            self._clock.now(),
        )

    async def _existing(self, command: RecordPurchase, purchase: Purchase) -> Recorded:
        """The answer when a unique key was there before: the first answer, or which key is in conflict."""
        stored = await self._repository.by_id(purchase["_id"])
        if stored is not None and stored["digest"] == purchase["digest"]:
            return await self._again(stored)
        handed_over = {each["id"] for each in stored["redemptions"]} if stored else set()
        claimed = [each["id"] for each in purchase["redemptions"] if each["id"] not in handed_over]
        await self._rewards.in_sales.unclaim(claimed, purchase["_id"])
        if stored is None and not await self._repository.has_key(command.till_id, command.idempotency_key):
            # It was withdrawn a moment ago, since it could not be paid with points: asking again says so.
            raise Busy
        if stored is None or stored["idempotency_key"] == command.idempotency_key:
            raise IdempotencyConflict
        raise ReceiptConflict(stored)

    async def _again(self, stored: Purchase) -> Recorded:
        account = await self._settler.account_of(stored)
        entry: EntryDocument | None = None
        if stored.get("posting"):
            entry = await self._settler.sale(stored, account)
        elif account is not None:
            entry = await self._ledger.entry(account, f"purchase:{stored['_id']}")
        active = (await self._ledger.balance(account)).active if account is not None and entry is None else None
        programme = await self._programmes.current()
        return Recorded(stored, receipts.of_sale(programme, stored, entry, active), duplicate=True)

    async def _member(self, member_id: str | None, known: Known) -> Member | None:
        if member_id is None:
            return None
        member = known.members.get(member_id) or await self._members.by_id(member_id)
        if member is not None and member["status"] == "merged":
            member = await self._members.survivor(member)
        if member is None or member["status"] == "closed":
            raise MemberUnknown
        return member

    async def _handovers(
        self,
        member: Member | None,
        redemption_ids: Sequence[str],
        purchase_id: str | None,
        command: RecordPurchase | None = None,
    ) -> list[HandOver]:
        if not redemption_ids:
            return []
        if member is None:
            raise RedemptionNotAllowed("Rewards belong to a member; identify the card first.")
        if command is not None and (command.deferred or not command.may_redeem):
            raise RedemptionNotAllowed("This way of identifying the member cannot hand over rewards.")
        return await self._rewards.in_sales.for_sale(member["_id"], redemption_ids, purchase_id)

    async def _balance(self, member: Member | None) -> Balance | None:
        return await self._balances(member["_id"]) if member is not None else None

    async def _read_balances(self, accounts: Sequence[str]) -> list[Balance]:
        found = await self._ledger.balances(accounts)
        return [found[account] for account in accounts]

    async def _standing(self, balance: Balance | None, at: datetime) -> Standing | None:
        return await self._tiers.standing(balance, at) if balance is not None else None


def _check_payment(
    programme: Programme, points: int | None, member: Member | None, balance: Balance | None, *, may_redeem: bool
) -> None:
    """Refuse to pay with points that are nobody's, not there, or not to be spent by who shows this card."""
    if points is None:
        return
    if member is None or balance is None:
        raise PayWithPointsNotAllowed("Points belong to a member; identify the card first.")
    if not may_redeem:
        raise PayWithPointsNotAllowed("This way of identifying the member cannot spend points.")
    if member["status"] != "active":
        raise PayWithPointsNotAllowed("Points can be spent once the member has claimed the card by signing in.")
    if points > balance.active:
        raise NotEnoughPoints(programme["points_other"])
