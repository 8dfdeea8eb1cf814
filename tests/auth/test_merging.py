"""Two members that are one person have one account: after a merge, and no longer after its undoing."""

import secrets

import pytest
from pymongo.errors import AutoReconnect

from tests.schema.world import PEER, Caller, World

MERGED = "survivor { id } merged { id status }"


async def person(world: World, points: int = 0) -> tuple[Caller, str]:
    """A member who joined a while ago, and the address that signs in."""
    address = f"{secrets.token_hex(6)}@example.com"
    member = await world.member(email=address, points=points)
    world.stampbook.clock.advance(world.stampbook.auth.policy.touch_every)  # type: ignore[attr-defined]  # movable
    return member, address


async def merge(world: World, kept: Caller, gone: Caller) -> None:
    """Have an agent ask for two members to be merged, and another one approve it."""
    lead, second = await world.staff("agent_lead"), await world.staff("agent_lead")
    sent = {"survivorId": kept.id, "mergedId": gone.id, "reason": "Same person", "idempotencyKey": "m"}
    asked = await lead.do("memberMerge", f"request {{ id status }} {MERGED}", **sent)
    assert (asked["userErrors"], asked["request"]["status"]) == ([], "OPEN")
    done = await second.do("memberMergeApprove", MERGED, requestId=asked["request"]["id"])
    assert (done["userErrors"], done["merged"]["status"]) == ([], "MERGED")
    assert await second.do("memberMergeApprove", MERGED, requestId=asked["request"]["id"]) == done


async def unmerge(world: World, gone: Caller) -> None:
    lead = await world.staff("agent_lead")
    sent = {"mergedId": gone.id, "reason": "Two people", "idempotencyKey": secrets.token_hex(8)}
    done = await lead.do("memberUnmerge", MERGED, **sent)
    assert done["userErrors"] == []
    assert await lead.do("memberUnmerge", MERGED, **sent) == done


async def signed_in_as(world: World, address: str) -> tuple[str, str]:
    """The identity and the member that somebody becomes who proves an address."""
    again = await world.somebody(address)
    viewer = (await again.ask("{ viewer { id } }")).data["viewer"]
    return again.identity, viewer["id"]


async def test_after_a_merge_both_ways_to_sign_in_open_the_one_account(world: World) -> None:
    (kept, kept_address), (gone, gone_address) = await person(world), await person(world, 12)
    passkey = await world.stampbook.auth.identities.add_method(
        gone.identity, "passkey", secrets.token_hex(16), "Passkey", peer=PEER
    )
    await merge(world, kept, gone)
    assert (await gone.ask("{ viewer { id } }")).code == "UNAUTHENTICATED"
    assert (await kept.ask("{ viewer { id } }")).data["viewer"]["id"] == kept.id
    methods = (await kept.ask("{ viewer { signInMethods { id kind label } } }")).data["viewer"]["signInMethods"]
    assert {method["label"] for method in methods} == {kept_address, gone_address, "Passkey"}
    assert passkey["_id"] in {method["id"] for method in methods}
    assert await signed_in_as(world, gone_address) == (kept.identity, kept.id)
    assert await signed_in_as(world, kept_address) == (kept.identity, kept.id)
    old_subject = await world.stampbook.auth.identities.by_id(gone.identity)
    assert old_subject is not None
    assert old_subject["_id"] == kept.identity
    told = {mail["to"] for mail in await world.stampbook.mails.newest(4) if "accounts are one" in mail["subject"]}
    assert told == {kept_address, gone_address}


async def test_the_own_address_stays_the_one_that_codes_and_shops_see(world: World) -> None:
    gone, _ = await person(world)
    kept, kept_address = await person(world)
    await merge(world, kept, gone)
    assert await world.stampbook.auth.identities.email_of(kept.identity) == kept_address


async def test_after_an_unmerge_each_signs_in_to_the_own_account_and_everybody_is_signed_out(world: World) -> None:
    (kept, kept_address), (gone, gone_address) = await person(world), await person(world)
    await merge(world, kept, gone)
    intruder = await world.somebody(gone_address)
    await unmerge(world, gone)
    assert (await intruder.ask("{ viewer { id } }")).code == "UNAUTHENTICATED"
    assert (await kept.ask("{ viewer { id } }")).code == "UNAUTHENTICATED"
    assert await signed_in_as(world, gone_address) == (gone.identity, gone.id)
    assert await signed_in_as(world, kept_address) == (kept.identity, kept.id)
    events = await world.stampbook.auth.events.page(gone.identity, 20)
    assert {"accounts_merged", "accounts_separated"} <= {event["type"] for event in events}


async def test_a_merge_that_is_sent_again_after_the_undoing_merges_no_accounts(world: World) -> None:
    (kept, _), (gone, gone_address) = await person(world), await person(world)
    lead, second = await world.staff("agent_lead"), await world.staff("agent_lead")
    sent = {"survivorId": kept.id, "mergedId": gone.id, "reason": "Same person", "idempotencyKey": "m"}
    asked = await lead.do("memberMerge", "request { id }", **sent)
    await second.do("memberMergeApprove", MERGED, requestId=asked["request"]["id"])
    await unmerge(world, gone)
    assert (await lead.do("memberMerge", "request { id }", **sent))["request"] == asked["request"]
    await second.do("memberMergeApprove", MERGED, requestId=asked["request"]["id"])
    assert await signed_in_as(world, gone_address) == (gone.identity, gone.id)


async def test_accounts_become_one_also_when_the_database_went_away_between(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept, _), (gone, gone_address) = await person(world, 5), await person(world, 12)
    lead, second = await world.staff("agent_lead"), await world.staff("agent_lead")
    sent = {"survivorId": kept.id, "mergedId": gone.id, "reason": "Same person", "idempotencyKey": "m"}
    asked = await lead.do("memberMerge", "request { id }", **sent)

    async def away(*_: str) -> None:
        raise AutoReconnect("gone")

    with monkeypatch.context() as cut:
        cut.setattr(world.stampbook.auth.identities._repository, "move_methods", away)
        answer = await second.ask(
            "mutation ($id: ID!) { memberMergeApprove(input: {requestId: $id}) { merged { id } } }",
            id=asked["request"]["id"],
        )
    assert answer.code == "UNAVAILABLE"
    assert (await world.stampbook.ledger.balance(kept.id)).active == 17
    assert await world.stampbook.members.settle_merges() == 1
    assert await signed_in_as(world, gone_address) == (kept.identity, kept.id)
    await unmerge(world, gone)
    assert await signed_in_as(world, gone_address) == (gone.identity, gone.id)


async def test_a_chain_of_merges_comes_apart_in_its_order(world: World) -> None:
    (first, first_address), (second, second_address), (third, _) = [await person(world) for _ in range(3)]
    await merge(world, second, first)
    await merge(world, third, second)
    assert await signed_in_as(world, first_address) == (third.identity, third.id)
    await unmerge(world, second)
    assert await signed_in_as(world, second_address) == (second.identity, second.id)
    assert await signed_in_as(world, first_address) == (second.identity, second.id)
    await unmerge(world, first)
    assert await signed_in_as(world, first_address) == (first.identity, first.id)


async def test_a_member_without_an_account_is_merged_without_one(world: World) -> None:
    kept, kept_address = await person(world)
    till = await world.till()
    enrolled = await till.do(
        "memberEnrol", "member { unclaimed }", displayName="Walk In", email="walk-in@example.com", idempotencyKey="e"
    )
    assert enrolled["userErrors"] == []
    [found] = (await world.stampbook.members.search("walk-in@example.com")).hits
    gone = Caller(world.http, id=found.member["_id"])
    lead = await world.staff("agent_lead")
    sent = {"survivorId": kept.id, "mergedId": gone.id, "reason": "Same person", "idempotencyKey": "m"}
    done = await lead.do("memberMerge", f"request {{ id }} {MERGED}", **sent)
    assert (done["request"], done["merged"]["status"]) == (None, "MERGED")
    assert await lead.do("memberMerge", f"request {{ id }} {MERGED}", **sent) == done
    assert await signed_in_as(world, kept_address) == (kept.identity, kept.id)
    await unmerge(world, gone)
    assert await signed_in_as(world, kept_address) == (kept.identity, kept.id)
