"""What must happen once happens once, however often and however many at a time ask for it."""

import asyncio
import secrets
from typing import Any

from tests.schema.world import Caller, World

SOLD = "duplicate purchase { id earned total { amount } } receipt { pointsBefore pointsEarned pointsAfter }"


async def identified(world: World, till: Caller, member: Caller) -> str:
    number = (await member.ask("{ viewer { card { number } } }")).data["viewer"]["card"]["number"]
    seen = await till.do("cardIdentify", "identification", code=number, basketId=secrets.token_hex(6))
    return str(seen["identification"])


async def balance(member: Caller) -> dict[str, int]:
    found = (await member.ask("{ viewer { balance { active reserved } } }")).data["viewer"]["balance"]
    assert isinstance(found, dict)
    return found


async def test_one_reservation_sent_a_hundred_times_is_one_with_a_hundred_equal_answers(world: World) -> None:
    ada, reward = await world.member(points=1000), await world.reward(price=40)
    selection = "redemption { id code status points reservedAt }"
    key = secrets.token_hex(8)
    answers = await asyncio.gather(
        *(ada.do("rewardReserve", selection, rewardId=reward, idempotencyKey=key) for _ in range(100))
    )
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["userErrors"] == []
    assert await balance(ada) == {"active": 960, "reserved": 40}
    other = await ada.do("rewardReserve", selection, rewardId=await world.reward(price=1), idempotencyKey=key)
    assert other["userErrors"][0]["code"] == "IDEMPOTENCY_CONFLICT"


async def test_one_sale_sent_a_hundred_times_is_one_with_a_hundred_equal_answers(world: World) -> None:
    ada, till = await world.member(), await world.till()
    sale = world.sale(identification=await identified(world, till, ada))
    answers = await asyncio.gather(*(till.do("purchaseRecord", SOLD, **sale) for _ in range(100)))
    assert sum(not answer["duplicate"] for answer in answers) == 1
    plain = [{**answer, "duplicate": None} for answer in answers]
    assert all(answer == plain[0] for answer in plain)
    assert (await balance(ada))["active"] == plain[0]["purchase"]["earned"]
    changed = {**sale, "lines": [world.line(1, "1.00")]}
    assert (await till.do("purchaseRecord", SOLD, **changed))["userErrors"][0]["code"] in {
        "IDEMPOTENCY_CONFLICT",
        "RECEIPT_CONFLICT",
    }


async def test_an_adjustment_sent_often_counts_once(world: World) -> None:
    ada, agent = await world.member(), await world.staff("agent")
    sent = {"memberId": ada.id, "points": 7, "reasonCode": "COURTESY", "note": "sorry", "idempotencyKey": "k"}
    selection = "activity { id balanceAfter hash }"
    answers = await asyncio.gather(*(agent.do("pointsAdjust", selection, **sent) for _ in range(40)))
    assert all(answer == answers[0] for answer in answers)
    assert (await balance(ada))["active"] == 7


async def test_sixty_units_are_given_to_sixty_of_five_hundred(world: World) -> None:
    reward = await world.reward(price=10, stock=60)
    members = await world.members(500, points=10)

    async def grab(member: Caller) -> dict[str, Any]:
        return await member.do("rewardReserve", "redemption { id }", rewardId=reward, idempotencyKey="grab")

    answers = await asyncio.gather(*(grab(member) for member in members))
    assert sum(answer["redemption"] is not None for answer in answers) == 60
    assert {error["code"] for answer in answers for error in answer["userErrors"]} == {"OUT_OF_STOCK"}
    left = (await members[0].ask("query ($id: ID!) { node(id: $id) { ... on Reward { stock } } }", id=reward)).data
    assert left["node"]["stock"] == 0
    balances = await world.stampbook.ledger.balances([member.id for member in members])
    assert sum(each.active for each in balances.values()) == 440 * 10
    assert sum(each.reserved for each in balances.values()) == 60 * 10


async def test_one_receipt_sent_by_two_devices_of_a_till_is_one_sale(world: World) -> None:
    """A receipt number counts for its till, store and day (another till's receipt of that number is another sale)."""
    ada = await world.member()
    first, second = await world.till(), await world.till()
    receipt = secrets.token_hex(4)
    sales = []
    for till in (first, first, second, second):
        identification = await identified(world, till, ada)
        sales.append((till, world.sale(identification=identification, receiptNumber=receipt)))
    assert sales[0][1]["idempotencyKey"] != sales[1][1]["idempotencyKey"]
    sales[3][1]["idempotencyKey"] = sales[2][1]["idempotencyKey"]
    answers = await asyncio.gather(*(till.do("purchaseRecord", SOLD, **sale) for till, sale in sales))
    ids = [answer["purchase"]["id"] for answer in answers]
    assert ids[0] == ids[1]
    assert ids[2] == ids[3]
    assert ids[0] != ids[2]
    assert (await balance(ada))["active"] == answers[0]["purchase"]["earned"] + answers[2]["purchase"]["earned"]
