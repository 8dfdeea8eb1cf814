import asyncio
from datetime import timedelta

import pytest

from app.core.clock import MovableClock
from app.core.errors import DomainError
from app.ledger.models import Earn, Redeem, Void
from app.members import MemberService
from app.members.errors import (
    AlreadyMerged,
    MemberBusy,
    MemberNotFound,
    MergeKeyReused,
    NotMerged,
    ReasonMissing,
    SameMember,
    SurvivorUnclaimed,
)
from app.members.models import Enrolling, ImportedMember, Member
from tests.members.conftest import BreakableLedger

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


async def test_a_merged_member_is_an_alias(
    members: MemberService, clock: MovableClock, ledger: BreakableLedger
) -> None:
    amira, bo = await people(members, clock, 2)
    done = await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same person", idempotency_key="k")
    survivor, merged = done.survivor, done.merged
    assert (survivor["_id"], merged["merged_into"], merged["status"]) == (amira["_id"], amira["_id"], "merged")
    assert (merged["email"], merged["phone"]) == (bo["email"], bo["phone"]), "contacts are kept"
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


async def test_unmerging_sets_the_member_free(
    members: MemberService, clock: MovableClock, ledger: BreakableLedger
) -> None:
    amira, bo = await people(members, clock, 2)
    await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k")
    survivor, freed = await members.unmerge(bo["_id"], actor=AGENT, reason="twins", idempotency_key="u")
    assert (survivor["_id"], freed["status"], freed["merged_into"]) == (amira["_id"], "active", None)
    found = await members.by_card_number(bo["cards"][0]["number"])
    assert found is not None
    assert found["_id"] == bo["_id"]
    again = await members.unmerge(bo["_id"], actor=AGENT, reason="twins", idempotency_key="u")
    assert (again[1]["status"], again[1]["merged_into"]) == ("active", None)
    await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="not twins", idempotency_key="k2")
    entries = await ledger.entries(amira["_id"])
    assert [entry["kind"] for entry in entries] == ["merge_in", "unmerge_out", "merge_in"]


async def test_a_merge_repeats_with_its_key(
    members: MemberService, clock: MovableClock, ledger: BreakableLedger
) -> None:
    amira, bo, chen = await people(members, clock, 3)
    pairs = await asyncio.gather(
        *(members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k") for _ in range(5))
    )
    assert {pair.merged["_id"] for pair in pairs} == {bo["_id"]}
    assert len(await ledger.entries(amira["_id"])) == 1
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


async def test_a_merge_cut_short_is_finished_later(
    members: MemberService, clock: MovableClock, ledger: BreakableLedger
) -> None:
    amira, bo = await people(members, clock, 2)
    ledger.broken = True
    with pytest.raises(MemberBusy):
        await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k")
    alias = await members.by_id(bo["_id"])
    assert alias is not None
    assert alias["status"] == "merged", "no new points reach the merged member meanwhile"
    ledger.broken = False
    assert await members.settle_merges() == 1
    assert await members.settle_merges() == 0
    assert [entry["kind"] for entry in await ledger.entries(amira["_id"])] == ["merge_in"]
    ledger.broken = True
    with pytest.raises(MemberBusy):
        await members.unmerge(bo["_id"], actor=AGENT, reason="no", idempotency_key="u")
    ledger.broken = False
    assert await members.settle_merges() == 1
    freed = await members.by_id(bo["_id"])
    assert freed is not None
    assert freed["status"] == "active"


async def earn(ledger: BreakableLedger, clock: MovableClock, member: Member, points: int) -> None:
    await ledger.post(
        Earn(
            account=member["_id"],
            operation=f"purchase:{points}",
            occurred_at=clock.now(),
            actor="till:1",
            reason={"title": "A sale"},
            points=points,
            qualifying=points,
            month="2026-03",
            active_at=None,
            expires_at=clock.now() + timedelta(days=365),
        )
    )


async def active(ledger: BreakableLedger, *members: Member) -> list[int]:
    return [(await ledger.balance(member["_id"])).active for member in members]


async def test_points_go_with_the_merge_and_come_back_even_after_some_were_spent(
    members: MemberService, clock: MovableClock, ledger: BreakableLedger
) -> None:
    amira, bo = await people(members, clock, 2)
    await earn(ledger, clock, amira, 100)
    await earn(ledger, clock, bo, 250)
    await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k")
    assert await active(ledger, amira, bo) == [350, 0]
    await ledger.post(
        Redeem(
            account=amira["_id"],
            operation="redeem:1",
            occurred_at=clock.now(),
            actor=AGENT,
            reason={"title": "A reward"},
            points=300,
        )
    )
    await members.unmerge(bo["_id"], actor=AGENT, reason="twins", idempotency_key="u")
    left = await active(ledger, amira, bo)
    assert sum(left) == 50
    assert min(left) >= 0
    entries = await ledger.entries(bo["_id"])
    assert entries[0]["kind"] == "unmerge_in"
    assert entries[0]["reason"].get("summary") == "twins"


async def test_a_merge_that_the_ledger_called_off_is_begun_anew(
    members: MemberService, clock: MovableClock, ledger: BreakableLedger
) -> None:
    amira, bo = await people(members, clock, 2)
    await earn(ledger, clock, bo, 250)
    ledger.broken = True
    with pytest.raises(MemberBusy):
        await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k")
    ledger.broken = False
    alias = await members.by_id(bo["_id"])
    assert alias is not None
    await ledger.post(
        Void(
            account=bo["_id"],
            operation=alias["merge"]["posted_as"],
            occurred_at=clock.now(),
            actor="system:sagas",
            reason={"title": "Called off"},
        )
    )
    assert await members.settle_merges() == 1
    assert await active(ledger, amira, bo) == [250, 0]
    await members.unmerge(bo["_id"], actor=AGENT, reason="no", idempotency_key="u")
    assert await active(ledger, amira, bo) == [0, 250]


async def test_undoing_at_the_same_moment_undoes_once(
    members: MemberService, clock: MovableClock, ledger: BreakableLedger
) -> None:
    amira, bo = await people(members, clock, 2)
    await earn(ledger, clock, bo, 250)
    await members.merge(amira["_id"], bo["_id"], actor=AGENT, reason="same", idempotency_key="k")
    results = await asyncio.gather(
        *(members.unmerge(bo["_id"], actor=AGENT, reason="no", idempotency_key=f"u{n}") for n in range(4)),
        return_exceptions=True,
    )
    assert any(isinstance(result, tuple) for result in results)
    assert all(isinstance(result, tuple | NotMerged) for result in results)
    assert await active(ledger, amira, bo) == [0, 250]


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
