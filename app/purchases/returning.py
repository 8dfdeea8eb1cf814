"""Returns: taking back exactly what the returned part of a sale had earned.

What is to be taken back in all is earn(all lines) − earn(lines kept), both under the sale's own rules and context, so
the order and the number of part returns cannot matter.
"""

from app.core.clock import Clock
from app.earning.service import EarningService
from app.ledger.service import Ledger
from app.programme import ProgrammeService
from app.purchases import intake, receipts, tender
from app.purchases.errors import (
    BeforePurchase,
    Busy,
    IdempotencyConflict,
    NotEnoughPoints,
    PurchaseNotFound,
)
from app.purchases.judging import explain_return, judge
from app.purchases.models import PaidWithPoints, Purchase, PurchaseLine, RecordReturn, Return, Returned, ReturnLine
from app.purchases.refunds import is_returned_in_full, take_back_lines
from app.purchases.repository import Insertion, PurchaseRepository
from app.purchases.settling import Settler

_ATTEMPTS = 50


class ReturnDesk:
    """Records returns."""

    def __init__(
        self,
        repository: PurchaseRepository,
        clock: Clock,
        ledger: Ledger,
        programmes: ProgrammeService,
        earning: EarningService,
        settler: Settler,
        *,
        restore_rewards: bool,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._ledger = ledger
        self._programmes = programmes
        self._earning = earning
        self._settler = settler
        self._restore_rewards = restore_rewards

    async def return_(self, command: RecordReturn) -> Returned:
        """Record a return once; see `PurchaseService.return_`."""
        intake.check_key(command.idempotency_key)
        intake.check_receipt_number(command.receipt_number)
        intake.check_instant(command.occurred_at, self._clock.now())
        return_id = intake.return_id(command.till_id, command.idempotency_key)
        for _ in range(_ATTEMPTS):
            purchase = await self._repository.by_id(command.purchase_id)
            if purchase is None:
                raise PurchaseNotFound
            if (stored := _stored(purchase, return_id, command)) is not None:
                return await self._settled(purchase, stored, duplicate=True)
            if purchase.get("posting") and "paid_with_points" in purchase:
                # Only what was paid for can come back.
                await self._paid(purchase)
            if command.occurred_at < purchase["occurred_at"] - intake.SKEW:
                raise BeforePurchase(purchase["occurred_at"].date())
            lines, back = take_back_lines(purchase["lines"], command.lines, purchase["currency"])
            addition = await self._draft(command, return_id, purchase, lines, back)
            outcome = await self._repository.add_return(purchase, lines, addition)
            if outcome is Insertion.EXISTS:
                raise IdempotencyConflict
            if outcome is Insertion.DONE:
                purchase["lines"] = lines
                purchase["returns"].append(addition)
                purchase["revision"] += 1
                return await self._settled(purchase, addition, duplicate=False)
        raise Busy

    async def _paid(self, purchase: Purchase) -> None:
        try:
            await self._settler.sale(purchase, await self._settler.account_of(purchase))
        except NotEnoughPoints:
            raise PurchaseNotFound from None

    async def _draft(
        self,
        command: RecordReturn,
        return_id: str,
        purchase: Purchase,
        lines: list[PurchaseLine],
        back: list[ReturnLine],
    ) -> Return:
        programme = await self._programmes.current()
        rules = await self._earning.version(purchase["rules"])
        kept = judge(rules, purchase["occurred_at"], purchase["currency"], purchase["context"], lines, programme)
        anonymous = purchase["member"] is None
        before = purchase["returns"][-1]["reversed_total"] if purchase["returns"] else 0
        # A daily cap may have trimmed what was counted late, so that less is there to be taken than is not kept.
        total = 0 if anonymous else max(before, purchase["earned"] - kept.points)
        given, given_total = _given_back(purchase, lines)
        restore = self._restore_rewards and is_returned_in_full(lines)
        addition: Return = {
            "id": return_id,
            "receipt_number": command.receipt_number,
            "occurred_at": command.occurred_at,
            "received_at": self._clock.now(),
            "lines": back,
            "total": sum(line["amount"] for line in back),
            "reversed": total - before,
            "reversed_total": total,
            "qualifying_total": 0 if anonymous else purchase["qualifying"] - kept.qualifying,
            "restored": [redemption["id"] for redemption in purchase["redemptions"]] if restore else [],
            "explanation": explain_return(kept, purchase, total - before, given["points"], programme),
            "till": command.till_id,
            "actor": command.actor,
            "idempotency_key": command.idempotency_key,
            "digest": _digest(command),
            "posting": True,
        }
        if "paid_with_points" in purchase:
            addition["points_back"], addition["points_back_total"] = given, given_total["points"]
        return addition

    async def _settled(self, purchase: Purchase, return_: Return, *, duplicate: bool) -> Returned:
        account = await self._settler.account_of(purchase)
        if purchase.get("posting"):
            await self._settler.sale(purchase, account)
        if return_.get("posting"):
            await self._settler.returns(purchase, account)
        entries = await self._settler.entries_of(purchase, return_, account) if account is not None else []
        active = (await self._ledger.balance(account)).active if account is not None and not entries else None
        programme = await self._programmes.current()
        return Returned(return_, purchase, receipts.of_return(programme, return_, entries, active), duplicate)


def _stored(purchase: Purchase, return_id: str, command: RecordReturn) -> Return | None:
    """The return that this is a repetition of: by its key, or by its own receipt number. Raises IdempotencyConflict."""
    for return_ in purchase["returns"]:
        if return_["id"] == return_id:
            if return_["digest"] != _digest(command):
                raise IdempotencyConflict
            return return_
    if command.receipt_number == purchase["receipt_number"]:
        # A till without numbers of its own for returns repeats the sale's: that says nothing about which return it is.
        return None
    for return_ in purchase["returns"]:
        same_receipt = (return_["till"], return_["receipt_number"]) == (command.till_id, command.receipt_number)
        if same_receipt and return_["digest"] == _digest(command):
            return return_
    return None


def _given_back(purchase: Purchase, lines: list[PurchaseLine]) -> tuple[PaidWithPoints, PaidWithPoints]:
    """What is given back of the points paid with, now and in all, once the lines are these."""
    paid = purchase.get("paid_with_points")
    if paid is None:
        return {"points": 0, "amount": 0}, {"points": 0, "amount": 0}
    before, after = tender.all_back(paid, purchase["lines"]), tender.all_back(paid, lines)
    return {"points": after["points"] - before["points"], "amount": after["amount"] - before["amount"]}, after


def _digest(command: RecordReturn) -> str:
    lines = [
        [line.line_id, line.quantity, None if line.amount is None else f"{line.amount.normalize():f}"]
        for line in command.lines
    ]
    return intake.fingerprint_of_return(command.purchase_id, command.receipt_number, lines)
