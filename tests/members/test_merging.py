import asyncio
from datetime import timedelta

import pytest

from app.core.clock import MovableClock
from app.core.errors import DomainError
from app.members import MemberService
from app.members.errors import (
    AlreadyMerged,
    MemberNotFound,
    MergeKeyReused,
    NotMerged,
    ReasonMissing,
    SameMember,
    SurvivorUnclaimed,
)
from app.members.models import Enrolling, ImportedMember, Member
from tests.members.conftest import Moves

AGENT = "agent:idn_9"


async def people(members: MemberService, clock: MovableClock, count: int) -> list[Member]:
    names = ["Amira", "Bo", "Chen", "Dora"][:count]
    imported = await members.import_members(
        [
            ImportedMember(
                name,
                name,
                "Haddad",
                clock.now() - timedelta(days=9),
                None,
                f"{name}@example.com",
                f"212 555 010{place}",
            )
            for place, name in enumerate(names)
        ]
    )
    return [imported[name] for name in names]


async def test_a_merged_member_is_an_alias(members: MemberService, clock: MovableClock, moves: Moves) -> None:
    amira, bo = await people(members, clock, 2)
    survivor, merged = await members.merge(
        amira["_id"], bo["_id"], actor=AGENT, reason="same person", idempotency_key="k"
    )
    assert (survivor["_id"], merged["merged_into"], merged["status"]) == (amira["_id"], amira["_id"], "merged")
    assert (merged["email"], merged["phone"]) == (bo["email"], bo["phone"]), "contacts are kept"
    assert [move[:3] for move in moves.made] == [("merge", amira["_id"], bo["_id"])]
    found = await members.by_card_number(bo["cards"][0]["number"])
    assert found is not None
    assert found["_id"] == amira["_id"]
    assert await members.aliases(amira["_id"]) == [bo["_id"]]
    events = await members.events([amira["_id"], bo["_id"]])
    assert {event["title"] for event in events if event["kind"] == "MERGED"} == {
        "Merged into Amira Haddad",
        "Merged with Bo Haddad",
    }
    assert {event["actor"] for event in events if event["kind"] == "MERGED"} == {AGENT}


async def test_unmerging_sets_the_member_free(members: MemberService, clock: MovableClock, moves: Moves) -> None:
    amira, bo = await people(members, clock, 2)
    await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k")
    survivor, freed = await members.unmerge(bo["_id"], actor=AGENT, reason="twins", idempotency_key="u")
    assert (survivor["_id"], freed["status"], freed["merged_into"]) == (amira["_id"], "active", None)
    found = await members.by_card_number(bo["cards"][0]["number"])
    assert found is not None
    assert found["_id"] == bo["_id"]
    again = await members.unmerge(bo["_id"], actor=AGENT, reason="twins", idempotency_key="u")
    assert (again[1]["status"], again[1]["merged_into"]) == ("active", None)
    assert [move[0] for move in moves.made] == ["merge", "unmerge"]
    await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="not twins", idempotency_key="k2")
    assert [move[0] for move in moves.made] == ["merge", "unmerge", "merge"]


async def test_a_merge_repeats_with_its_key(members: MemberService, clock: MovableClock, moves: Moves) -> None:
    amira, bo, chen = await people(members, clock, 3)
    pairs = await asyncio.gather(
        *(members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k") for _ in range(5))
    )
    assert {pair[1]["_id"] for pair in pairs} == {bo["_id"]}
    assert len(moves.made) == 1
    assert len([e for e in await members.events([bo["_id"]]) if e["kind"] == "MERGED"]) == 1
    with pytest.raises(MergeKeyReused):
        await members.merge(chen["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k")
    with pytest.raises(MergeKeyReused):
        await members.merge(amira["_id"], chen["_id"], actor=AGENT, reason="same", idempotency_key="k")


async def test_two_opposite_merges_make_no_circle(members: MemberService, clock: MovableClock) -> None:
    amira, bo = await people(members, clock, 2)
    results = await asyncio.gather(
        members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k1"),
        members.merge(bo["_id"], amira["_id"], actor=AGENT, reason="same", idempotency_key="k2"),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, AlreadyMerged) for result in results) == [False, True]


async def test_chains_lead_to_the_last_survivor_and_unmerge_in_order(
    members: MemberService, clock: MovableClock
) -> None:
    amira, bo, chen = await people(members, clock, 3)
    await members.merge(bo["_id"], chen["_id"], actor=AGENT, reason="same", idempotency_key="k1")
    await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k2")
    found = await members.by_card_number(chen["cards"][0]["number"])
    assert found is not None
    assert found["_id"] == amira["_id"]
    assert await members.aliases(amira["_id"]) == [bo["_id"], chen["_id"]]
    with pytest.raises(AlreadyMerged):
        await members.unmerge(chen["_id"], actor=AGENT, reason="no", idempotency_key="u1")
    await members.unmerge(bo["_id"], actor=AGENT, reason="no", idempotency_key="u2")
    await members.unmerge(chen["_id"], actor=AGENT, reason="no", idempotency_key="u3")
    assert await members.aliases(amira["_id"]) == []


async def test_a_merge_cut_short_is_finished_later(members: MemberService, clock: MovableClock, moves: Moves) -> None:
    amira, bo = await people(members, clock, 2)
    moves.broken = True
    with pytest.raises(ConnectionError):
        await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k")
    alias = await members.by_id(bo["_id"])
    assert alias is not None
    assert alias["status"] == "merged", "no new points reach the merged member meanwhile"
    moves.broken = False
    assert await members.settle_merges() == 1
    assert await members.settle_merges() == 0
    assert [move[0] for move in moves.made] == ["merge"]
    moves.broken = True
    with pytest.raises(ConnectionError):
        await members.unmerge(bo["_id"], actor=AGENT, reason="no", idempotency_key="u")
    moves.broken = False
    assert await members.settle_merges() == 1
    freed = await members.by_id(bo["_id"])
    assert freed is not None
    assert freed["status"] == "active"


async def test_what_cannot_be_merged(members: MemberService, clock: MovableClock) -> None:
    amira, bo = await people(members, clock, 2)
    unclaimed = (await members.enrol_at_till(Enrolling("till_1", "str_1", "k"))).member
    for survivor, merged, reason, error in (
        (amira["_id"], amira["_id"], "same", SameMember),
        (amira["_id"], "mbr_none", "same", MemberNotFound),
        ("mbr_none", bo["_id"], "same", MemberNotFound),
        (unclaimed["_id"], bo["_id"], "same", SurvivorUnclaimed),
        (amira["_id"], bo["_id"], "  ", ReasonMissing),
    ):
        refused: type[DomainError] = error
        with pytest.raises(refused):
            await members.merge(survivor, merged, actor=AGENT, reason=reason, idempotency_key="k")
    with pytest.raises(NotMerged):
        await members.unmerge(bo["_id"], actor=AGENT, reason="no", idempotency_key="u")
