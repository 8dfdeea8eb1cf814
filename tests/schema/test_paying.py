"""Paying with points, and sales that earn nothing, through the API."""

import secrets
from typing import Any

from tests.schema.world import Caller, World

PAID = "paidWithPoints { points amount { amount currencyCode } }"
ACTIVITY = """{ viewer { balance { active } activity(first: 5) { nodes {
  kind points title explanation { summary parts { kind text } } purchase { receiptNumber paidWithPoints { points } }
} } } }"""


async def identified(world: World, till: Caller, member: Caller, *, may_redeem: bool) -> str:
    """An identification, by the card's number; one that may spend is made out of a weaker one."""
    number = (await member.ask("{ viewer { card { number } } }")).data["viewer"]["card"]["number"]
    seen = await till.do("cardIdentify", "identification mayRedeem", code=number, basketId=secrets.token_hex(6))
    if may_redeem:
        stored = world.stampbook.database["card_identifications"]
        changed = await stored.update_one({"_id": seen["identification"]}, {"$set": {"may_redeem": True}})
        assert changed.modified_count == 1
    return str(seen["identification"])


async def test_a_till_takes_points_as_a_part_payment(world: World) -> None:
    ada, till = await world.member(points=2000), await world.till()
    policy = "{ programme { payWithPoints { pointsPerUnit minimum maximumShare } } }"
    assert (await ada.ask(policy)).data["programme"]["payWithPoints"] == {
        "pointsPerUnit": 100,
        "minimum": 100,
        "maximumShare": 50,
    }
    weak = await identified(world, till, ada, may_redeem=False)
    refused = await till.do("purchaseRecord", "purchase { id }", **world.sale(identification=weak, payWithPoints=300))
    assert refused["purchase"] is None
    assert refused["userErrors"][0]["code"] == "PAY_WITH_POINTS_NOT_ALLOWED"
    assert refused["userErrors"][0]["field"] == ["input", "payWithPoints"]

    strong = await identified(world, till, ada, may_redeem=True)
    for points, code in ((99, "OUT_OF_RANGE"), (1001, "OUT_OF_RANGE")):
        sale = world.sale(identification=strong, payWithPoints=points)
        refused = await till.do("purchaseRecord", "purchase { id }", **sale)
        assert refused["userErrors"][0]["code"].endswith(code)
    wanted = {"identification": strong, "lines": [world.line(2, "20.00")], "payWithPoints": 300}
    preview = await till.do("purchasePreview", f"total {{ amount }} earned {PAID}", **wanted)
    paid = {"points": 300, "amount": {"amount": "3.00", "currencyCode": "USD"}}
    assert preview["paidWithPoints"] == paid
    sale = world.sale(identification=strong, payWithPoints=300)
    sold = await till.do("purchaseRecord", f"purchase {{ id earned {PAID} }} receipt {{ pointsUsed lines }}", **sale)
    assert not sold["userErrors"]
    assert (sold["purchase"]["earned"], sold["purchase"]["paidWithPoints"]) == (preview["earned"], paid)
    assert sold["receipt"]["pointsUsed"] == 300
    seen: dict[str, Any] = (await ada.ask(ACTIVITY)).data["viewer"]
    assert [(entry["kind"], entry["points"]) for entry in seen["activity"]["nodes"][:2]] == [
        ("EARN", preview["earned"]),
        ("REDEEM", -300),
    ]
    assert seen["activity"]["nodes"][1]["purchase"]["paidWithPoints"] == {"points": 300}

    back = await till.do(
        "purchaseReturn", "return { reversed pointsBack { points amount { amount } } }",
        purchaseId=sold["purchase"]["id"], receiptNumber="B-1", occurredAt=sale["occurredAt"],
        idempotencyKey="b", lines=[],
    )  # fmt: skip
    assert back["return"]["pointsBack"] == {"points": 300, "amount": {"amount": "3.00"}}
    assert (await ada.ask(ACTIVITY)).data["viewer"]["balance"]["active"] == 2000


async def test_a_member_reads_why_a_sale_earned_nothing(world: World) -> None:
    ada, till = await world.member(), await world.till()
    card = await identified(world, till, ada, may_redeem=False)
    await till.do("purchaseRecord", "purchase { id }", **world.sale(identification=card, lines=[world.line(1, "0.40")]))
    [entry] = (await ada.ask(ACTIVITY)).data["viewer"]["activity"]["nodes"]
    assert (entry["kind"], entry["points"]) == ("NOTE", 0)
    assert entry["explanation"]["summary"].startswith("You earned no points: ")
    assert "MISS" in [part["kind"] for part in entry["explanation"]["parts"]]
    assert entry["purchase"]["receiptNumber"]
