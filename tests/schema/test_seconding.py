"""Merging two members who both have an account takes two people of the staff."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

from app.core.clock import MovableClock
from app.members.models import ImportedMember
from app.members.seconding import LIFETIME
from tests.schema.test_timeline import later, timeline
from tests.schema.world import Caller, World

REQUEST = """request { id status reason decision survivor { id } merged { id }
  askedBy { id } decidedBy { id } expiresAt }"""
WAITING = """query ($id: ID, $first: Int, $after: String) { staff { mergeRequestCount
  mergeRequests(memberId: $id, first: $first, after: $after) {
    nodes { id status } pageInfo { hasNextPage endCursor } } } }"""


async def asked(lead: Caller, kept: str, gone: str, key: str = "m", reason: str = "Same person") -> dict[str, Any]:
    return await lead.do("memberMerge", REQUEST, survivorId=kept, mergedId=gone, reason=reason, idempotencyKey=key)


async def approved(second: Caller, request: dict[str, Any]) -> dict[str, Any]:
    return await second.do("memberMergeApprove", f"{REQUEST} merged {{ status }}", requestId=request["id"])


async def waiting(lead: Caller, member: str) -> list[str]:
    page = (await lead.ask(WAITING, id=member)).data["staff"]["mergeRequests"]
    return [request["id"] for request in page["nodes"]]


def code(payload: dict[str, Any]) -> str:
    return str(payload["userErrors"][0]["code"])


async def leads(world: World, count: int = 2) -> list[Caller]:
    return [await world.staff("agent_lead") for _ in range(count)]


async def test_two_claimed_members_are_merged_by_two_people(world: World) -> None:
    kept, gone = await world.member("Amira Haddad", points=30), await world.member("Bo Haddad", points=12)
    lead, second = await leads(world)
    left = await asked(lead, kept.id, gone.id)
    request = left["request"]
    assert (request["status"], request["reason"], request["askedBy"]) == ("OPEN", "Same person", {"id": lead.id})
    assert (await gone.ask("{ viewer { id balance { active } } }")).data["viewer"] == {
        "id": gone.id,
        "balance": {"active": 12},
    }, "nothing is changed yet"
    assert await asked(lead, kept.id, gone.id) == left, "the same key gives the same request"
    assert code(await asked(lead, gone.id, kept.id)) == "IDEMPOTENCY_CONFLICT"
    assert await waiting(lead, kept.id) == await waiting(second, gone.id) == [request["id"]]

    later(world, 1)
    own = await approved(lead, request)
    assert (own["request"], code(own)) == (None, "SECOND_PERSON_NEEDED")
    done = await approved(second, request)
    assert (done["request"]["status"], done["request"]["decidedBy"]) == ("APPROVED", {"id": second.id})
    assert done["merged"]["status"] == "MERGED"
    assert await approved(second, request) == done
    assert code(await approved(await world.staff("agent_lead"), request)) == "ALREADY_DECIDED"
    assert await waiting(lead, kept.id) == []
    assert (await kept.ask("{ viewer { balance { active } } }")).data["viewer"]["balance"]["active"] == 42

    entry = (await world.stampbook.ledger.entries(kept.id))[0]
    assert entry["actor"] == f"agent:{lead.id}+{second.id}"
    told = await timeline(lead, kept.id, kinds=["MERGE"])
    assert [(event["title"], event["by"]["name"]) for event in told if "Bo" in event["title"]] == [
        ("Merged with Bo Haddad", "Ann Agent, Ann Agent"),
        ("Merge with Bo Haddad asked for", "Ann Agent"),
    ]
    assert {event["by"]["id"] for event in told if event["title"].endswith("asked for")} == {lead.id}


async def test_a_merge_is_declined_with_a_reason_or_withdrawn_and_may_be_asked_for_again(world: World) -> None:
    kept, gone = await world.member(), await world.member("Bo Haddad")
    lead, second = await leads(world)
    request = (await asked(lead, kept.id, gone.id))["request"]
    assert code(await second.do("memberMergeDecline", REQUEST, requestId=request["id"], reason=" ")) == "INVALID"
    sent = {"requestId": request["id"], "reason": "Twins"}
    declined = await second.do("memberMergeDecline", REQUEST, **sent)
    assert (declined["request"]["status"], declined["request"]["decision"]) == ("DECLINED", "Twins")
    assert await second.do("memberMergeDecline", REQUEST, **sent) == declined
    assert code(await lead.do("memberMergeDecline", REQUEST, **sent)) == "ALREADY_DECIDED"
    assert code(await approved(second, request)) == "ALREADY_DECIDED"
    assert (await asked(lead, kept.id, gone.id))["request"]["status"] == "DECLINED", "its key is used up"

    again = (await asked(lead, kept.id, gone.id, "m2"))["request"]
    withdrawn = await lead.do("memberMergeDecline", REQUEST, requestId=again["id"], reason="My mistake")
    assert withdrawn["request"]["status"] == "DECLINED"
    told = await timeline(lead, kept.id, kinds=["MERGE"])
    assert {(event["title"], event["by"]["id"]) for event in told} == {
        ("Merge with Bo Haddad asked for", lead.id),
        ("Merge with Bo Haddad declined", second.id),
        ("Merge with Bo Haddad withdrawn", lead.id),
    }
    assert (await gone.ask("{ viewer { id } }")).data["viewer"]["id"] == gone.id


async def test_a_pair_has_one_open_request_whoever_asks(world: World) -> None:
    kept, gone = await world.member(), await world.member()
    askers = await leads(world, 4)
    answers = await asyncio.gather(
        *(asked(each, *pair) for each, pair in zip(askers, [(kept.id, gone.id), (gone.id, kept.id)] * 2, strict=True))
    )
    assert sorted(code(answer) if answer["userErrors"] else "" for answer in answers) == ["", *["ALREADY_ASKED"] * 3]
    assert len(await waiting(askers[0], kept.id)) == 1


async def test_a_request_runs_out(world: World) -> None:
    kept, gone = await world.member(), await world.member()
    lead, second = await leads(world)
    request = (await asked(lead, kept.id, gone.id))["request"]
    clock = world.stampbook.clock
    assert isinstance(clock, MovableClock)
    clock.advance(LIFETIME + timedelta(seconds=1))
    lead, second, late = await world.staff("agent_lead"), *(await leads(world))
    assert await waiting(lead, kept.id) == []
    assert code(await approved(second, request)) == "EXPIRED"
    assert code(await second.do("memberMergeDecline", REQUEST, requestId=request["id"], reason="No")) == "EXPIRED"
    anew = (await asked(late, kept.id, gone.id))["request"]
    assert code(await approved(second, request)) == "EXPIRED"
    assert await waiting(lead, kept.id) == [anew["id"]]


async def test_a_request_dies_when_one_of_the_two_is_merged_otherwise(world: World) -> None:
    kept, gone, other = [await world.member() for _ in range(3)]
    lead, second = await leads(world)
    doomed = (await asked(lead, kept.id, gone.id))["request"]
    later(world, 1)
    faster = (await asked(lead, other.id, gone.id, "m2"))["request"]
    assert await waiting(lead, gone.id) == [doomed["id"], faster["id"]]
    assert (await approved(second, faster))["userErrors"] == []
    assert code(await approved(second, doomed)) == "ALREADY_DECIDED"
    assert await waiting(lead, kept.id) == []
    assert code(await asked(lead, kept.id, gone.id, "m3")) == "ALREADY_MERGED"


async def test_two_who_approve_at_the_same_moment_merge_once(world: World) -> None:
    kept, gone = await world.member(points=5), await world.member(points=7)
    lead, *others = await leads(world, 4)
    request = (await asked(lead, kept.id, gone.id))["request"]
    answers = await asyncio.gather(*(approved(each, request) for each in others))
    assert sorted(code(answer) if answer["userErrors"] else "" for answer in answers) == ["", *["ALREADY_DECIDED"] * 2]
    entries = await world.stampbook.ledger.entries(kept.id)
    assert [entry["kind"] for entry in entries if entry["kind"] == "merge_in"] == ["merge_in"]


async def test_an_account_merged_into_a_member_without_one_still_needs_the_second_person(world: World) -> None:
    """Merging somebody's member into an imported one first is no way round."""
    kept, gone = await world.member(), await world.member()
    lead, _ = await leads(world)
    source = secrets.token_hex(4)
    joined = world.stampbook.clock.now() - timedelta(days=9)
    imported = (await world.stampbook.members.import_members([ImportedMember(source, "Old", "Record", joined, None)]))[
        source
    ]
    at_once = await asked(lead, imported["_id"], gone.id)
    assert (at_once["request"], at_once["userErrors"]) == (None, [])
    assert code(await asked(lead, kept.id, imported["_id"])) == "IDEMPOTENCY_CONFLICT", "its key merged others"
    assert (await asked(lead, kept.id, imported["_id"], "m2"))["request"]["status"] == "OPEN"


async def test_what_waits_is_read_page_by_page_and_only_by_who_may_merge(world: World) -> None:
    kept, agent = await world.member(), await world.staff("agent")
    lead, second = await leads(world)
    made = [(await asked(lead, kept.id, (await world.member()).id, f"m{n}"))["request"]["id"] for n in range(3)]
    first = (await second.ask(WAITING, id=kept.id, first=2)).data["staff"]
    assert first["mergeRequestCount"] >= 3
    rest = (await second.ask(WAITING, id=kept.id, first=2, after=first["mergeRequests"]["pageInfo"]["endCursor"])).data[
        "staff"
    ]["mergeRequests"]
    assert sorted(made) == sorted(each["id"] for each in (*first["mergeRequests"]["nodes"], *rest["nodes"]))
    assert not rest["pageInfo"]["hasNextPage"]
    assert (await second.ask(WAITING, id=kept.id, after="00")).code == "BAD_CURSOR"
    assert (await agent.ask(WAITING, id=kept.id)).code == "FORBIDDEN"
    for name, sent in (("memberMergeApprove", {}), ("memberMergeDecline", {"reason": "No"})):
        query = f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ {REQUEST} }} }}"
        assert (await agent.ask(query, input={"requestId": made[0], **sent})).code == "FORBIDDEN"
