"""What an agent sees of a member's history: in order of when things happened, and by whom."""

import secrets
from collections import Counter
from datetime import timedelta
from typing import Any

from app.core.clock import MovableClock
from tests.profiling import profiling
from tests.schema.world import Caller, World, instant

TIMELINE = """
  query ($id: ID!, $first: Int, $after: String, $kinds: [TimelineKind!]) { staff {
    timeline(memberId: $id, first: $first, after: $after, kinds: $kinds) {
      nodes { id kind at title points by { kind id name store { id name } }
        activity { occurredAt postedAt } purchase { receiptNumber } return { receiptNumber } }
      pageInfo { hasNextPage endCursor }
    }
  } }
"""
PREVIEW = """
  query ($member: ID!, $entry: ID!, $points: Points) { staff {
    reversalPreview(memberId: $member, entryId: $entry, points: $points) {
      before { active deficit } after { active deficit } lots { lotId expiresAt before after }
    }
  } }
"""


async def timeline(agent: Caller, member_id: str, **variables: Any) -> list[dict[str, Any]]:
    """Every event of a member, page after page."""
    events: list[dict[str, Any]] = []
    after = None
    while True:
        asked = await agent.ask(TIMELINE, **{"first": 100, **variables, "id": member_id, "after": after})
        page = asked.data["staff"]["timeline"]
        events += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return events


async def identification(world: World, till: Caller, member: Caller) -> str:
    card = (await member.ask("{ viewer { card { number } } }")).data["viewer"]["card"]["number"]
    seen = await till.do("cardIdentify", "identification", code=card, basketId=secrets.token_hex(6))
    return str(seen["identification"])


def later(world: World, minutes: int) -> None:
    clock = world.stampbook.clock
    assert isinstance(clock, MovableClock)
    clock.advance(timedelta(minutes=minutes))


async def test_a_late_sale_stands_where_it_happened(world: World) -> None:
    ada, joined = await world.member(), world.stampbook.clock.now()
    later(world, 20)
    till, agent = await world.till(), await world.staff("agent")
    seen = await identification(world, till, ada)
    prompt = world.sale(identification=seen)
    await till.do("purchaseRecord", "purchase { id }", **prompt)
    early = instant(joined + timedelta(minutes=4))
    late = world.sale(identification=seen, occurredAt=early)
    await till.do("purchaseRecord", "purchase { id }", **late)

    events = await timeline(agent, ada.id)
    assert [event["at"] for event in events] == sorted((event["at"] for event in events), reverse=True)
    told = [(event["kind"], event["purchase"] and event["purchase"]["receiptNumber"]) for event in events]
    prompt_number, late_number = prompt["receiptNumber"], late["receiptNumber"]
    assert told[:4] == [
        ("POINTS", prompt_number),
        ("PURCHASE", prompt_number),
        ("POINTS", late_number),
        ("PURCHASE", late_number),
    ]
    entry = events[2]
    assert entry["at"] == entry["activity"]["occurredAt"] == early
    assert entry["activity"]["postedAt"] > early
    assert await timeline(agent, ada.id, first=1) == events
    assert await timeline(agent, ada.id, first=3) == events
    assert [event["kind"] for event in await timeline(agent, ada.id, first=1, kinds=["POINTS"])] == ["POINTS"] * 2


async def test_everybody_who_acted_is_named(world: World) -> None:
    ada, till, agent = await world.member("Ada Named", points=5), await world.till(), await world.staff("agent")
    sale = world.sale(identification=await identification(world, till, ada))
    await till.do("purchaseRecord", "purchase { id }", **sale)
    gift = {"memberId": ada.id, "points": 1, "reasonCode": "OTHER", "note": "n", "idempotencyKey": "named"}
    await agent.do("pointsAdjust", "activity { id }", **gift)
    events = await timeline(agent, ada.id)
    named = {(event["by"]["kind"], event["by"]["name"]) for event in events if event["by"]}
    assert {("STAFF", "Ann Agent"), ("TILL", "Till 1"), ("MEMBER", "Ada Named"), ("SYSTEM", "test")} <= named
    sold = next(event for event in events if event["kind"] == "PURCHASE")
    assert sold["by"] == {"kind": "TILL", "id": till.id, "name": "Till 1", "store": {
        "id": world.store_id, "name": "Market Street",
    }}  # fmt: skip


async def test_names_are_read_in_batches(world: World) -> None:
    ada, agent = await world.member("Ada Batched"), await world.staff("agent")
    tills = [await world.till() for _ in range(3)]
    for till in tills * 2:
        sale = world.sale(identification=await identification(world, till, ada))
        await till.do("purchaseRecord", "purchase { id }", **sale)
    async with profiling(world.stampbook.database) as commands:
        events = await timeline(agent, ada.id)
    assert len({event["by"]["id"] for event in events if event["kind"] == "PURCHASE"}) == len(tills)
    # A job looks for unfinished merges every 20 seconds, perhaps just now.
    asked = [each for each in commands if each["op"] != "update" and "merge.state" not in str(each["command"])]
    reads = Counter(each["ns"].partition(".")[2] for each in asked)
    assert [reads[name] for name in ("clients", "stores", "identities", "members")] == [1, 1, 1, 2], reads


async def test_a_return_that_moved_no_points_is_told_too(world: World) -> None:
    ada, till, agent = await world.member(), await world.till(), await world.staff("agent")
    small = world.sale(identification=await identification(world, till, ada), lines=[world.line(1, "0.10")])
    sold = await till.do("purchaseRecord", "purchase { id earned }", **small)
    assert sold["purchase"]["earned"] == 0
    back = {"occurredAt": instant(world.stampbook.clock.now()), "idempotencyKey": "back", "lines": []}
    await till.do(
        "purchaseReturn", "return { id reversed }", purchaseId=sold["purchase"]["id"], receiptNumber="R-0", **back
    )
    (returned,) = await timeline(agent, ada.id, kinds=["RETURN"])
    assert (returned["return"]["receiptNumber"], returned["points"]) == ("R-0", 0)
    assert returned["purchase"]["receiptNumber"] == small["receiptNumber"]


async def test_a_reversal_is_shown_before_it_is_done(world: World) -> None:
    ada, agent = await world.member(), await world.staff("agent_lead")
    gift = {"memberId": ada.id, "points": 80, "reasonCode": "GOODWILL", "note": "n", "idempotencyKey": "preview"}
    entry = (await agent.do("pointsAdjust", "activity { id }", **gift))["activity"]["id"]
    asked = await agent.ask(PREVIEW, member=ada.id, entry=entry, points=30)
    shown = asked.data["staff"]["reversalPreview"]
    assert (shown["before"], shown["after"]) == ({"active": 80, "deficit": 0}, {"active": 50, "deficit": 0})
    assert [(lot["before"], lot["after"]) for lot in shown["lots"]] == [(80, 50)]
    back = {"memberId": ada.id, "entryId": entry, "reasonCode": "CORRECTION", "note": "n", "idempotencyKey": "r"}
    done = await agent.do("entryReverse", "member { balance { active } } activity { kind }", **back, points=30)
    assert (done["member"]["balance"]["active"], done["activity"]["kind"]) == (50, "REVERSE")
    await agent.do("entryReverse", "activity { kind }", **{**back, "idempotencyKey": "rest"})
    refused = await agent.ask(PREVIEW, member=ada.id, entry=entry)
    assert refused.code == "ALREADY_REVERSED"
    assert (await agent.ask(PREVIEW, member=(await world.member()).id, entry=entry)).code == "NOT_FOUND"
