from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.errors import DomainError
from app.members.models import Member
from app.purchases.models import PreviewPurchase, ReturnLineInput
from app.rewards.models import Redemption
from tests.purchases.shop import APPLES, BREAD, MILK, Shop, line


async def ready(shop: Shop, member: Member, **offer: Any) -> Redemption:
    await shop.give(member["_id"], 100)
    return await shop.reserve(member, await shop.offer(**offer))


async def test_the_receipt_shows_before_earned_used_after(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 1140)
    redemption = await ready(shop, member, stock=3)
    recorded = await shop.buy(line(MILK, "57.00"), member=member, redemption_ids=(redemption["_id"],))
    purchase, receipt = recorded.purchase, recorded.receipt
    assert (purchase["total"], purchase["discount"], purchase["earned"]) == (5200, 500, 52)
    assert (receipt.points_before, receipt.points_earned, receipt.points_used, receipt.points_after) == (
        1240,
        52,
        100,
        1192,
    )
    assert receipt.lines == (
        "You earned 52 points for $52.00.",
        "$5 off: $5.00 off",
        "Points before: 1,240",
        "Earned: 52",
        "Used: 100",
        "Points now: 1,192",
    )
    handed = await shop.rewards.redemption(redemption["_id"])
    assert handed is not None
    assert (handed["status"], handed["purchase"]) == ("CONFIRMED", purchase["_id"])
    balance = await shop.balance(member)
    assert (balance.active, balance.reserved) == (1192, 0)


@pytest.mark.parametrize(
    ("offer", "paid"),
    [
        ({}, [(1000, 800), (1000, 800), (500, 400)]),
        ({"discount": 99_999}, [(1000, 0), (1000, 0), (500, 0)]),
        ({"kind": "PERCENT_DISCOUNT", "percent": 50}, [(1000, 500), (1000, 500), (500, 250)]),
        ({"kind": "FREE_PRODUCT", "product": APPLES}, [(1000, 1000), (1000, 667), (500, 500)]),
    ],
)
async def test_money_off_is_spread_over_the_lines(
    shop: Shop, offer: dict[str, Any], paid: list[tuple[int, int]]
) -> None:
    member = await shop.member()
    redemption = await ready(shop, member, **offer)
    lines = (line(MILK, "10.00"), line(APPLES, "10.00", 3), line(BREAD, "5.00"))
    preview = await shop.purchases.preview(PreviewPurchase(lines, member["_id"], (redemption["_id"],)))
    recorded = await shop.buy(*lines, member=member, redemption_ids=(redemption["_id"],))
    assert [(row["amount"], row["paid"]) for row in recorded.purchase["lines"]] == paid
    assert recorded.purchase["total"] == preview.total == sum(after for _, after in paid)
    assert recorded.purchase["discount"] == preview.discount == 2500 - preview.total
    assert recorded.purchase["earned"] == preview.earned


async def test_several_rewards_in_one_sale(shop: Shop) -> None:
    member = await shop.member()
    kinds: list[dict[str, Any]] = [
        {},
        {"kind": "PERCENT_DISCOUNT", "percent": 10},
        {"kind": "FREE_PRODUCT", "product": MILK},
        {"kind": "FREE_PRODUCT", "product": MILK},
    ]
    rewards = [await ready(shop, member, **kind) for kind in kinds]
    recorded = await shop.buy(
        line(MILK, "30.00", 3), member=member, redemption_ids=tuple(each["_id"] for each in rewards)
    )
    assert [each["discount"] for each in recorded.purchase["redemptions"]] == [500, 100, 1000, 1000]
    assert recorded.purchase["total"] == 400
    assert recorded.receipt.points_used == 400


async def test_a_free_product_must_be_rung_up(shop: Shop) -> None:
    member = await shop.member()
    redemption = await ready(shop, member, kind="FREE_PRODUCT", product=BREAD)
    with pytest.raises(DomainError) as refused:
        await shop.buy(line(MILK, "10.00"), member=member, redemption_ids=(redemption["_id"],))
    assert refused.value.code == "REDEMPTION_NOT_ALLOWED"
    stored = await shop.rewards.redemption(redemption["_id"])
    assert stored is not None
    assert (stored["status"], stored["step"]) == ("RESERVED", None)


async def test_a_repeated_sale_hands_over_once(shop: Shop) -> None:
    member = await shop.member()
    redemption = await ready(shop, member)
    sale = shop.sale(line(MILK, "57.00"), member=member, redemption_ids=(redemption["_id"],))
    first = await shop.purchases.record(sale)
    again = await shop.purchases.record(sale)
    assert again.duplicate
    assert again.receipt == first.receipt
    with pytest.raises(DomainError) as refused:
        await shop.purchases.record(replace(sale, receipt_number="other", idempotency_key="other"))
    assert refused.value.code == "REDEMPTION_ENDED"
    assert (await shop.balance(member)).active == 52


async def test_a_refused_sale_leaves_the_reservation_alone(shop: Shop) -> None:
    member = await shop.member()
    redemption, second = await ready(shop, member), await ready(shop, member)
    first = shop.sale(line(MILK, "10.00"), member=member)
    await shop.purchases.record(first)
    conflicting = replace(first, idempotency_key="other", redemption_ids=(redemption["_id"],))
    with pytest.raises(DomainError) as refused:
        await shop.purchases.record(conflicting)
    assert refused.value.code == "RECEIPT_CONFLICT"
    await shop.rewards.cancel(second["_id"], actor="member:x")
    with pytest.raises(DomainError) as ended:
        await shop.buy(line(MILK, "10.00"), member=member, redemption_ids=(redemption["_id"], second["_id"]))
    assert ended.value.code == "REDEMPTION_ENDED"
    stored = await shop.rewards.redemption(redemption["_id"])
    assert stored is not None
    assert (stored["status"], stored["step"], stored["purchase"]) == ("RESERVED", None, None)


async def test_somebody_elses_or_a_lapsed_reward_is_refused(shop: Shop) -> None:
    member, other = await shop.member(), await shop.member()
    redemption = await ready(shop, member)
    with pytest.raises(DomainError) as refused:
        await shop.buy(line(MILK, "10.00"), member=other, redemption_ids=(redemption["_id"],))
    assert refused.value.code == "REDEMPTION_NOT_FOUND"
    shop.clock.advance(timedelta(days=1))
    with pytest.raises(DomainError) as refused:
        await shop.buy(line(MILK, "10.00"), member=member, redemption_ids=(redemption["_id"],))
    assert refused.value.code == "REDEMPTION_ENDED"


async def test_a_full_return_gives_rewards_back_to_their_lots(shop: Shop) -> None:
    member = await shop.member()
    redemption = await ready(shop, member, stock=3)
    lots = (await shop.balance(member)).lots
    purchase = (await shop.buy(line(MILK, "57.00", 3), member=member, redemption_ids=(redemption["_id"],))).purchase
    part = await shop.bring_back(purchase, ReturnLineInput(purchase["lines"][0]["id"], quantity=1))
    assert part.return_["restored"] == []
    rest = await shop.bring_back(purchase)
    assert rest.return_["restored"] == [redemption["_id"]]
    assert part.return_["total"] + rest.return_["total"] == 5200
    balance = await shop.balance(member)
    assert (balance.active, balance.deficit, balance.reserved) == (100, 0, 0)
    assert lots == ()
    restored = await shop.rewards.redemption(redemption["_id"])
    assert restored is not None
    assert restored["status"] == "REVERSED"
    assert (await shop.ledger.balance(redemption["reward"])).active == 3


async def test_a_voucher_that_is_out_stays_out(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 100)
    reward = await shop.offer(kind="VOUCHER_CODE")
    await shop.rewards.add_codes(reward, ["CINE-1"])
    redemption = await shop.reserve(member, reward)
    purchase = (await shop.buy(line(MILK, "10.00"), member=member, redemption_ids=(redemption["_id"],))).purchase
    assert purchase["total"] == 1000
    await shop.bring_back(purchase)
    stored = await shop.rewards.redemption(redemption["_id"])
    assert stored is not None
    assert (stored["status"], stored["voucher_code"], stored["till"]) == ("CONFIRMED", "CINE-1", None)
    assert (await shop.balance(member)).active == 0
