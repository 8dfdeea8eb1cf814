"""A member's first day through the API: joins, is scanned, buys, redeems, and an agent sees all of it."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

import orjson
import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.schema.world import Caller, World, instant

VIEWER = """
  query Home {
    serverTime
    programme { name currencyCode tiers { id name threshold earnMultiplier }
      cardServerKey cardKeyEpoch cardStepSeconds }
    viewer {
      id displayName status joinedAt language contacts { kind value verified }
      card { number status pngPath svgPath sheetPath devices { id name } passes { platform available why } }
      balance { active pending reserved deficit lifetime asOf nextExpiration { points at } expirations { points at } }
      standing { tier { id name } qualifyingPoints nextTier { name } pointsToNext
        periodStart periodEnd guaranteedUntil }
      activity(first: 20) {
        nodes {
          id kind points balanceAfter occurredAt postedAt title hash actor
          explanation { summary parts { kind ruleId ruleVersion text points lineIds } }
          purchase { id store { name city } total { amount currencyCode } }
          redemption { id status }
          lots { lotId place points expiresAt }
        }
        pageInfo { hasNextPage endCursor }
      }
      purchases { nodes { id receiptNumber
        lines { name quantity amount { amount } earned product { sku price { amount } } } } }
      rewards { nodes { id name price stock eligibility { eligible reason message pointsMissing } } }
      redemptions { nodes { id status points code reward { name } } }
      sessions { id kind device current method place }
      signInMethods { id kind label verifiedAt }
      securityEvents { nodes { type text at actor device } }
    }
  }
"""
TILL_MEMBER = (
    "member { firstName tierName cardNumberEnding unclaimed affordableRewards balance { active } "
    "readyRedemptions { id code reward { name } } }"
)
RECEIPT = "receipt { pointsBefore pointsEarned pointsUsed pointsAfter lines }"


async def identify(till: Caller, code: str) -> dict[str, Any]:
    selection = f"verdict trust message mayEarn maySeeBalance mayRedeem identification {TILL_MEMBER}"
    return await till.do("cardIdentify", selection, code=code, basketId=secrets.token_hex(6))


async def next_message(socket: ClientConnection) -> dict[str, Any]:
    message = orjson.loads(await asyncio.wait_for(socket.recv(), 5))
    assert message["type"] == "next", message
    change = message["payload"]["data"]["memberChanged"]
    assert isinstance(change, dict)
    return change


async def test_the_first_day_of_a_member(world: World) -> None:
    somebody = await world.somebody("grace@example.com")
    assert (await somebody.ask("{ viewer { id } }")).data == {"viewer": None}
    refused = await somebody.do(
        "memberJoin", "member { id }", displayName="Grace Hopper", acceptTerms=False, idempotencyKey="j"
    )
    assert refused["userErrors"][0]["code"] == "TERMS_NOT_ACCEPTED"
    assert refused["userErrors"][0]["field"] == ["input", "acceptTerms"]
    join = {"displayName": "Grace Hopper", "acceptTerms": True, "idempotencyKey": "j"}
    joined = await somebody.do("memberJoin", "member { id rewards { nodes { eligibility { eligible } } } }", **join)
    again = await somebody.do("memberJoin", "member { id }", **join)
    assert joined["member"]["id"] == again["member"]["id"]
    grace = somebody
    grace.id = joined["member"]["id"]
    home = (await grace.ask(VIEWER)).data["viewer"]
    assert home["contacts"] == [{"kind": "EMAIL", "value": "grace@example.com", "verified": True}]
    assert home["balance"]["active"] == 0
    assert home["standing"]["tier"]["name"]
    assert [session["current"] for session in home["sessions"]] == [True]

    till, reward = await world.till(), await world.reward(price=10)
    headers = {"Cookie": grace.headers["cookie"], "Origin": world.url}
    address = world.url.replace("http", "ws") + "/graphql"
    protocol = websockets.Subprotocol("graphql-transport-ws")
    async with connect(address, subprotocols=[protocol], additional_headers=headers) as page:
        await page.send('{"type": "connection_init"}')
        await page.recv()
        query = (
            "subscription { memberChanged { cause member { balance { active reserved } } "
            "activity { kind points } redemption { status } } }"
        )
        await page.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}).decode())
        first = await next_message(page)
        assert (first["cause"], first["member"]["balance"]["active"]) == ("CONNECTED", 0)

        seen = await identify(till, home["card"]["number"])
        assert (seen["verdict"], seen["trust"], seen["mayEarn"]) == ("FRESH", "NUMBER", True)
        sale = world.sale(identification=seen["identification"])
        sold = await till.do(
            "purchaseRecord",
            f"duplicate purchase {{ id earned explanation {{ summary parts {{ text }} }} }} {RECEIPT}",
            **sale,
        )
        assert not sold["userErrors"]
        earned = sold["purchase"]["earned"]
        assert earned >= 20
        assert sold["receipt"]["pointsEarned"] == earned
        told = await next_message(page)
        assert (told["cause"], told["member"]["balance"]["active"]) == ("POINTS", earned)
        assert told["activity"] == {"kind": "EARN", "points": earned}

        reserved = await grace.do(
            "rewardReserve", "redemption { id code status points } member { balance { active reserved } }",
            rewardId=reward, idempotencyKey="r1",
        )  # fmt: skip
        assert reserved["member"]["balance"] == {"active": earned - 10, "reserved": 10}
        told = await next_message(page)
        assert told["member"]["balance"] == {"active": earned - 10, "reserved": 10}
        while told["cause"] != "REDEMPTION":
            told = await next_message(page)
        assert (told["activity"], told["redemption"]) == (None, {"status": "RESERVED"})

    handed = await till.do(
        "redemptionConfirm", f"redemption {{ status confirmedAt }} {RECEIPT}",
        code=reserved["redemption"]["code"], idempotencyKey="c1",
    )  # fmt: skip
    assert handed["redemption"]["status"] == "CONFIRMED"
    assert handed["receipt"]["pointsUsed"] == 10

    returned = await till.do(
        "purchaseReturn", f"return {{ id reversed lines {{ quantity line {{ name }} }} }} {RECEIPT}",
        purchaseId=sold["purchase"]["id"], receiptNumber="R-1", occurredAt=sale["occurredAt"],
        idempotencyKey="b1", lines=[],
    )  # fmt: skip
    assert returned["return"]["reversed"] == earned

    agent = await world.staff("agent")
    for text, matched in (("grace@example.com", "EMAIL"), ("hopper", "NAME"), (sale["receiptNumber"], "RECEIPT")):
        found = await agent.ask(
            "query ($s: String!) { staff { members(search: $s) { edges { matchedOn node { id } } } } }", s=text
        )
        edges = found.data["staff"]["members"]["edges"]
        assert {"matchedOn": matched, "node": {"id": grace.id}} in edges, text
    timeline = """
      query ($id: ID!, $first: Int!, $after: String) {
        staff { name roles scopes member(id: $id) { displayName sessions { id } }
          timeline(memberId: $id, first: $first, after: $after) {
          edges { cursor node { id kind at title detail actor points activity { id lots { points } }
            purchase { id } return { id } redemption { id } } }
          pageInfo { hasNextPage endCursor }
        } }
      }"""
    whole = (await agent.ask(timeline, id=grace.id, first=50)).data["staff"]["timeline"]
    kinds = [edge["node"]["kind"] for edge in whole["edges"]]
    assert set(kinds) >= {"POINTS", "PURCHASE", "RETURN", "REDEMPTION", "PROFILE", "SECURITY"}
    instants = [edge["node"]["at"] for edge in whole["edges"]]
    assert instants == sorted(instants, reverse=True)
    paged: list[str] = []
    after = None
    while True:
        page_ = (await agent.ask(timeline, id=grace.id, first=2, after=after)).data["staff"]["timeline"]
        paged += [edge["node"]["id"] + edge["node"]["kind"] for edge in page_["edges"]]
        after = page_["pageInfo"]["endCursor"]
        if not page_["pageInfo"]["hasNextPage"]:
            break
    assert paged == [edge["node"]["id"] + edge["node"]["kind"] for edge in whole["edges"]]

    final = (await grace.ask(VIEWER)).data["viewer"]
    assert [entry["kind"] for entry in final["activity"]["nodes"]].count("EARN") == 1
    assert final["purchases"]["nodes"][0]["lines"][0]["product"]["sku"]


async def test_an_agent_corrects_and_takes_back(world: World) -> None:
    ada, agent = await world.member(points=50), await world.staff("agent_lead")
    preview = await agent.ask(
        "query ($id: ID!) { staff { adjustmentPreview(memberId: $id, points: 25) "
        "{ before { active } after { active nextExpiration { points } } } } }",
        id=ada.id,
    )
    assert preview.data["staff"]["adjustmentPreview"]["after"]["active"] == 75
    adjust = {
        "memberId": ada.id,
        "points": 25,
        "reasonCode": "GOODWILL",
        "note": "late delivery",
        "idempotencyKey": "a",
    }
    selection = "member { balance { active } } activity { id title actor }"
    done = await agent.do("pointsAdjust", selection, **adjust)
    assert done["member"]["balance"]["active"] == 75
    assert await agent.do("pointsAdjust", selection, **adjust) == done
    other = await agent.do("pointsAdjust", "activity { id }", **{**adjust, "points": 26})
    assert other["userErrors"][0]["code"] == "IDEMPOTENCY_CONFLICT"
    assert other["userErrors"][0]["field"] == ["input", "idempotencyKey"]
    much = await agent.do("pointsAdjust", "activity { id }", **{**adjust, "points": 10**9, "idempotencyKey": "b"})
    assert much["userErrors"][0]["code"] == "OVER_LIMIT"
    less = await agent.do("pointsAdjust", "activity { id }", **{**adjust, "points": -76, "idempotencyKey": "c"})
    assert less["userErrors"][0]["code"] == "NOT_ENOUGH_POINTS"
    entry = done["activity"]["id"]
    reverse = {"memberId": ada.id, "entryId": entry, "reasonCode": "OTHER", "note": "mistake", "idempotencyKey": "d"}
    back = await agent.do("entryReverse", "member { balance { active } } activity { kind }", **reverse)
    assert back["member"]["balance"]["active"] == 50, back


async def test_two_agents_merge_and_one_undoes_it(world: World) -> None:
    kept, gone, lead = await world.member(points=30), await world.member(points=12), await world.staff("agent_lead")
    preview = await lead.ask(
        "query ($a: ID!, $b: ID!) { staff { mergePreview(survivorId: $a, mergedId: $b) "
        "{ survivor { id } merged { id } after { active } } } }",
        a=kept.id, b=gone.id,
    )  # fmt: skip
    assert preview.data["staff"]["mergePreview"]["after"]["active"] == 42
    selection = "survivor { id balance { active } } merged { id status balance { active } }"
    merge = {"survivorId": kept.id, "mergedId": gone.id, "reason": "same person", "idempotencyKey": "m"}
    asked = await lead.do("memberMerge", f"request {{ id }} {selection}", **merge)
    assert (asked["survivor"]["balance"]["active"], asked["merged"]["status"]) == (30, "ACTIVE")
    second = await world.staff("agent_lead")
    merged = await second.do("memberMergeApprove", selection, requestId=asked["request"]["id"])
    assert merged["survivor"]["balance"]["active"] == 42
    assert merged["merged"]["status"] == "MERGED"
    freed = await lead.do("memberUnmerge", selection, mergedId=gone.id, reason="not so", idempotencyKey="u")
    assert freed["merged"]["balance"]["active"] == 12
    assert freed["survivor"]["balance"]["active"] == 30


async def test_signing_a_member_out_everywhere_works_at_the_next_request(world: World) -> None:
    ada, agent = await world.member(), await world.staff("agent")
    ended = await agent.do("memberSessionsEnd", "ended", memberId=ada.id, note="lost phone")
    assert ended["ended"] == 1
    assert (await ada.ask("{ viewer { id } }")).code == "UNAUTHENTICATED"


async def test_a_member_manages_sessions(world: World) -> None:
    ada = await world.member(email="sessions@example.com")
    other = await world.somebody("sessions@example.com")
    left = await ada.do("sessionEnd", "sessions { id current }", sessionId=other.session)
    assert [session["current"] for session in left["sessions"]] == [True]
    assert (await other.ask("{ viewer { id } }")).code == "UNAUTHENTICATED"
    stranger = await world.member()
    refused = await ada.do("sessionEnd", "sessions { id }", sessionId=stranger.session)
    assert refused["userErrors"][0]["code"] == "NOT_FOUND"
    await world.somebody("sessions@example.com")
    rest = (await ada.ask("mutation { sessionEndOthers { sessions { current } userErrors { code } } }")).data
    assert rest["sessionEndOthers"] == {"sessions": [{"current": True}], "userErrors": []}


async def test_a_cashier_enrols_somebody_who_claims_later(world: World) -> None:
    till = await world.till()
    enrolled = await till.do(
        "memberEnrol", f"identification cardNumber claimCode claimUrl {TILL_MEMBER}",
        displayName="Walk In", email="walkin@example.com", idempotencyKey="e1",
    )  # fmt: skip
    assert enrolled["member"]["unclaimed"] is True
    sale = world.sale(identification=enrolled["identification"])
    sold = await till.do("purchaseRecord", "purchase { earned member { id } }", **sale)
    assert sold["purchase"]["earned"] > 0
    assert sold["purchase"]["member"] is None
    somebody = await world.somebody()
    joined = await somebody.do(
        "memberJoin", "member { balance { active } status }", displayName="Walk In", acceptTerms=True,
        idempotencyKey="x", claimCode=enrolled["claimCode"],
    )  # fmt: skip
    assert joined["member"] == {"balance": {"active": sold["purchase"]["earned"]}, "status": "ACTIVE"}


async def test_a_manager_runs_tills_and_staff(world: World) -> None:
    admin = await world.staff("admin")
    made = await admin.do("tillPairingCreate", "code expiresAt", storeId=world.store_id, name="Till 9")
    assert len(made["code"]) == 8
    till = await world.till()
    listed = (await admin.ask("{ staff { tills { id status store { name } lastSeenAt } stores { id } } }")).data
    assert till.id in [each["id"] for each in listed["staff"]["tills"]]
    assert (await till.ask("{ till { id name store { name } recentPurchases { id } } }")).data["till"]["id"] == till.id
    disabled = await admin.do("tillDisable", "till { status }", tillId=till.id, reason="stolen")
    assert disabled["till"]["status"] == "disabled"
    assert (await till.ask("{ till { id } }")).status == 401
    address = f"{secrets.token_hex(4)}@example.com"
    added = await admin.do("staffAdd", "staff { id name roles }", email=address, name="New Agent", roles=["agent"])
    assert added["staff"]["roles"] == ["agent"]
    again = await admin.do("staffAdd", "staff { id }", email=address, name="New Agent", roles=["agent"])
    assert again["userErrors"][0]["code"] == "ALREADY_STAFF"
    people = (await admin.ask("{ staff { people { name email roles lastSeenAt } } }")).data["staff"]["people"]
    assert address in [person["email"] for person in people]


async def test_the_balance_of_another_day(world: World) -> None:
    ada = await world.member(points=10)
    before = world.stampbook.clock.now() - timedelta(days=1)
    asked = await ada.ask(
        "query ($at: DateTime) { viewer { now: balanceAsOf { active } then: balanceAsOf(at: $at) { active asOf } } }",
        at=instant(before),
    )
    assert asked.data["viewer"]["now"]["active"] == 10
    assert asked.data["viewer"]["then"] == {"active": 0, "asOf": instant(before)}
