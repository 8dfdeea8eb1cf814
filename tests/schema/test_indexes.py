"""No query of the journey scans a collection: the profiler watches while a member, a till and an agent work."""

import secrets
from typing import Any

from tests.profiling import profiling
from tests.schema.test_journey import RECEIPT, TILL_MEMBER, VIEWER
from tests.schema.world import World, instant

CONSOLE = """
  query ($id: ID!, $text: String!) { staff {
    name email members(search: $text) { nodes { id displayName } }
    member(id: $id) { displayName balance { active } standing { tier { name } } purchases { nodes { id } }
      redemptions { nodes { id } } activity { nodes { id title } } sessions { id } securityEvents { nodes { id } } }
    timeline(memberId: $id) { nodes { id kind title } }
    mergeRequestCount mergeRequests { nodes { id } } own: mergeRequests(memberId: $id) { nodes { id } }
  } }
"""


async def journey(world: World) -> None:
    email = f"{secrets.token_hex(5)}@example.com"
    ada = await world.somebody(email)
    join = {"displayName": "Ada Index", "acceptTerms": True, "idempotencyKey": "j"}
    ada.id = (await ada.do("memberJoin", "member { id }", **join))["member"]["id"]
    till, agent = await world.till(), await world.staff("agent_lead")
    reward = await world.reward(price=5, per_member=3)
    number = (await ada.ask(VIEWER)).data["viewer"]["card"]["number"]
    seen = await till.do("cardIdentify", f"identification {TILL_MEMBER}", code=number, basketId=secrets.token_hex(4))
    await till.ask(
        '{ till { products(search: "milk") { nodes { id } } catalogue { nodes { id } }'
        " recentPurchases { id } store { name } } }"
    )
    sale = world.sale(identification=seen["identification"])
    sold = await till.do("purchaseRecord", f"purchase {{ id }} {RECEIPT}", **sale)
    held = await ada.do("rewardReserve", "redemption { id code }", rewardId=reward, idempotencyKey="k")
    code = held["redemption"]["code"]
    await till.do("redemptionConfirm", f"redemption {{ id }} {RECEIPT}", code=code, idempotencyKey="c")
    await till.ask("query ($r: String!) { till { purchase(receiptNumber: $r) { id } } }", r=sale["receiptNumber"])
    at = instant(world.stampbook.clock.now())
    await till.do(
        "purchaseReturn", "return { id }", purchaseId=sold["purchase"]["id"], receiptNumber="R", occurredAt=at,
        idempotencyKey="b", lines=[],
    )  # fmt: skip
    await ada.ask(VIEWER)
    for text in (email, "ada index", number, sale["receiptNumber"], sold["purchase"]["id"], code):
        assert (await agent.ask(CONSOLE, id=ada.id, text=text)).data["staff"]["members"]["nodes"], text
    await agent.do(
        "pointsAdjust", "activity { id }", memberId=ada.id, points=1, reasonCode="OTHER", note="n", idempotencyKey="a"
    )


# Collections that are read whole on purpose: one programme, and the handful of keys that sign tokens.
WHOLE = frozenset({"programmes", "keys"})


def is_own_check(read: dict[str, Any]) -> bool:
    """The ledger's own checks beside the journey: every account's name each night, what was written last at a start."""
    command = read.get("command", {})
    nightly = read["ns"].endswith(".accounts") and command.get("projection") == {"_id": 1}
    starting = read["ns"].endswith(".entries") and command.get("hint") == {"$natural": -1} and "limit" in command
    return bool(nightly or starting)


async def test_the_journey_reads_by_index_only(world: World) -> None:
    async with profiling(world.stampbook.database) as commands:
        await journey(world)
    assert len(commands) > 50
    walked = [
        f"{each['ns'].partition('.')[2]}: {each['op']} {each.get('command')}"[:500]
        for each in commands
        if "COLLSCAN" in each["planSummary"] and each["ns"].partition(".")[2] not in WHOLE and not is_own_check(each)
    ]
    assert walked == []
