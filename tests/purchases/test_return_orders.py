"""Through the real ledger: parts in any order, with points spent in between, end like one return of everything."""

from datetime import datetime, timedelta
from random import Random

import pytest

from app.ledger.models import Balance, Earn, Redeem
from app.members.models import Member
from app.purchases.models import LineInput, Purchase, ReturnLineInput
from app.purchases.money import from_minor
from tests.purchases.shop import MILK, PRODUCTS, Shop, line


def basket(random: Random) -> list[LineInput]:
    return [
        line(random.choice(PRODUCTS).id, f"{random.randint(0, 9000) / 100:.2f}", random.randint(1, 4))
        for _ in range(random.randint(1, 6))
    ]


async def spend(shop: Shop, member: Member, points: int) -> None:
    if points:
        await shop.ledger.post(
            Redeem(
                account=member["_id"],
                operation="spend",
                occurred_at=shop.clock.now(),
                actor="till:x",
                reason={"title": "Spent"},
                points=points,
            )
        )


def a_part(random: Random, purchase: Purchase) -> ReturnLineInput:
    row = random.choice([row for row in purchase["lines"] if row["returned_quantity"] < row["quantity"]])
    left = row["paid"] - row["returned_amount"]
    if left and random.random() < 0.4:
        return ReturnLineInput(row["id"], amount=from_minor(random.randint(1, left), "USD"), currency="USD")
    items = row["quantity"] - row["returned_quantity"]
    return ReturnLineInput(row["id"], quantity=random.randint(1, items))


def figures(balance: Balance) -> tuple[int, int, int, int]:
    return balance.active, balance.deficit, balance.lifetime, sum(balance.qualifying.values())


@pytest.mark.parametrize("seed", range(3))
async def test_points_that_were_paid_with_come_back_to_their_lots(shop: Shop, seed: int) -> None:
    random = Random(seed)
    whole, parts = await shop.member(), await shop.member()
    for name, points in (("soon", 700), ("later", 900), ("last", 4000)):
        for member in (whole, parts):
            until = shop.clock.now() + timedelta(days=points)
            await shop.ledger.post(lot(member, name, points, shop.clock.now(), until))
    before = [(each.id, each.remaining, each.expires_at) for each in (await shop.balance(whole)).lots]
    for _ in range(3):
        lines = [line(MILK, "10.00"), *basket(random)]
        points = random.randint(100, 500)
        in_one = (await shop.buy(*lines, member=whole, pay_with_points=points)).purchase
        in_parts = (await shop.buy(*lines, member=parts, pay_with_points=points)).purchase
        assert in_one["earned"] == in_parts["earned"]
        await shop.bring_back(in_one)
        for _ in range(6):
            in_parts = (await shop.bring_back(in_parts, a_part(random, in_parts))).purchase
            if all(row["returned_quantity"] == row["quantity"] for row in in_parts["lines"]):
                break
        else:
            in_parts = (await shop.bring_back(in_parts)).purchase
        given = [each["points_back"] for each in in_parts["returns"]]
        assert sum(each["points"] for each in given) == sum(each["amount"] for each in given) == points
        for member in (whole, parts):
            balance = await shop.balance(member)
            assert [(each.id, each.remaining, each.expires_at) for each in balance.lots] == before
            assert figures(balance) == (5600, 0, 5600, 0)


def lot(member: Member, name: str, points: int, now: datetime, until: datetime) -> Earn:
    return Earn(
        account=member["_id"],
        operation=name,
        occurred_at=now,
        actor="till:x",
        reason={"title": name},
        points=points,
        expires_at=until,
    )


@pytest.mark.parametrize("seed", range(4))
async def test_parts_end_like_the_whole(shop: Shop, seed: int) -> None:
    random = Random(seed)
    for _ in range(4):
        lines = basket(random)
        whole, parts = await shop.member(), await shop.member()
        in_one = (await shop.buy(*lines, member=whole)).purchase
        in_parts = (await shop.buy(*lines, member=parts)).purchase
        spent = random.randint(0, in_one["earned"])
        await spend(shop, whole, spent)
        await spend(shop, parts, spent)
        await shop.bring_back(in_one)
        for _ in range(8):
            in_parts = (await shop.bring_back(in_parts, a_part(random, in_parts))).purchase
            if all(row["returned_quantity"] == row["quantity"] for row in in_parts["lines"]):
                break
        else:
            in_parts = (await shop.bring_back(in_parts)).purchase
        assert figures(await shop.balance(whole)) == figures(await shop.balance(parts)) == (0, spent, 0, 0)
        assert sum(each["total"] for each in in_parts["returns"]) == in_parts["total"]
