import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from app.core.errors import DomainError
from app.members.models import Enrolling
from app.rewards.codes import new_code, read_code
from app.rewards.errors import Busy, Ineligible, InvalidReward
from app.rewards.models import NewReward
from tests.purchases.shop import MILK, OTHER_TILL, STORE, TILL, Shop, line


async def confirm(shop: Shop, code: str, key: str = "confirm", till: str = TILL, **changes: Any) -> Any:
    return await shop.rewards.confirm(code, till=till, actor=f"till:{till}", idempotency_key=key, **changes)


async def test_reserve_sets_points_aside_and_handing_over_spends_them(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 250)
    reward = await shop.offer(stock=5)
    redemption = await shop.reserve(member, reward)
    assert (redemption["status"], redemption["step"], redemption["points"]) == ("RESERVED", None, 100)
    assert redemption["reserved_until"] == shop.clock.now() + timedelta(minutes=1440)
    assert re.fullmatch("LR[0-9A-HJKMNP-TV-Z]{16}", redemption["code"])
    balance = await shop.balance(member)
    assert (balance.active, balance.reserved) == (150, 100)
    [stocked] = await shop.rewards.catalog()
    assert await shop.rewards.stock([stocked]) == {reward: 4}
    assert [each["_id"] for each in await shop.rewards.ready([member["_id"]])] == [redemption["_id"]]

    handed = await confirm(shop, redemption["code"].lower().replace("0", "o"))
    assert (handed["status"], handed["confirmed_at"], handed["till"]) == ("CONFIRMED", shop.clock.now(), TILL)
    balance = await shop.balance(member)
    assert (balance.active, balance.reserved) == (150, 0)
    assert await shop.rewards.stock([stocked]) == {reward: 4}
    assert await shop.rewards.ready([member["_id"]]) == []


async def test_one_key_is_one_reservation(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 1000)
    reward, other_reward = await shop.offer(stock=5), await shop.offer()
    other = shop.again()
    answers = await asyncio.gather(
        *(place.rewards.reserve(member["_id"], reward, "same") for _ in range(25) for place in (shop, other))
    )
    assert {answer["_id"] for answer in answers} == {answers[0]["_id"]}
    assert {answer["code"] for answer in answers} == {answers[0]["code"]}
    assert (await shop.balance(member)).active == 900
    with pytest.raises(DomainError) as conflict:
        await shop.rewards.reserve(member["_id"], other_reward, "same")
    assert conflict.value.code == "IDEMPOTENCY_CONFLICT"


async def test_500_redeemers_for_the_last_60_units_make_exactly_60(shop: Shop) -> None:
    members = [await shop.member() for _ in range(100)]
    await asyncio.gather(*(shop.give(member["_id"], 1000) for member in members))
    reward = await shop.offer(stock=60)
    other = shop.again()
    outcomes = await asyncio.gather(
        *((shop, other)[n % 2].rewards.reserve(members[n % 100]["_id"], reward, f"key-{n}") for n in range(500)),
        return_exceptions=True,
    )
    got = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
    assert len(got) == 60
    assert len(refused) == 440
    assert {error.code for error in refused} == {"OUT_OF_STOCK"}
    balances = await shop.ledger.balances([member["_id"] for member in members])
    assert sum(balance.reserved for balance in balances.values()) == 60 * 100
    assert sum(balance.active for balance in balances.values()) == 100 * 1000 - 60 * 100
    assert (await shop.ledger.balance(reward)).active == 0


async def test_a_members_limit_holds_against_requests_at_the_same_moment(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 5000)
    reward = await shop.offer(per_member=2)
    other = shop.again()
    outcomes = await asyncio.gather(
        *((shop, other)[n % 2].rewards.reserve(member["_id"], reward, f"key-{n}") for n in range(20)),
        return_exceptions=True,
    )
    got = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    assert len(got) == 2
    assert {getattr(outcome, "code", None) for outcome in outcomes if outcome not in got} <= {
        "MEMBER_LIMIT_REACHED",
        Busy.code,
    }
    assert (await shop.balance(member)).reserved == 200
    await shop.rewards.cancel(got[0]["_id"], actor=f"member:{member['_id']}")
    await shop.reserve(member, reward)
    with pytest.raises(DomainError) as refused:
        await shop.reserve(member, reward)
    assert refused.value.code == "MEMBER_LIMIT_REACHED"


async def test_two_reservations_cannot_spend_the_same_points(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 150)
    reward = await shop.offer(stock=10)
    outcomes = await asyncio.gather(
        *(shop.rewards.reserve(member["_id"], reward, f"key-{n}") for n in range(10)), return_exceptions=True
    )
    assert sum(isinstance(outcome, dict) for outcome in outcomes) == 1
    assert {error.code for error in outcomes if isinstance(error, DomainError)} == {"NOT_ENOUGH_POINTS"}
    balance = await shop.balance(member)
    assert (balance.active, balance.reserved) == (50, 100)
    assert (await shop.ledger.balance(reward)).active == 9


async def test_a_refused_key_may_succeed_later(shop: Shop) -> None:
    member = await shop.member()
    reward = await shop.offer(stock=1)
    with pytest.raises(Ineligible) as refused:
        await shop.rewards.reserve(member["_id"], reward, "key")
    assert refused.value.eligibility.points_missing == 100
    await shop.give(member["_id"], 100)
    assert (await shop.rewards.reserve(member["_id"], reward, "key"))["status"] == "RESERVED"


async def test_cancelling_gives_points_and_unit_back_at_once(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 100)
    reward = await shop.offer(stock=1)
    redemption = await shop.reserve(member, reward)
    for _ in range(2):
        ended = await shop.rewards.cancel(redemption["_id"], actor="member:x", member_ids=[member["_id"]])
        assert ended["status"] == "CANCELLED"
    balance = await shop.balance(member)
    assert (balance.active, balance.reserved) == (100, 0)
    assert (await shop.ledger.balance(reward)).active == 1
    with pytest.raises(DomainError) as refused:
        await confirm(shop, redemption["code"])
    assert refused.value.code == "ENDED"


async def test_nobody_cancels_somebody_elses_reservation(shop: Shop) -> None:
    member, other = await shop.member(), await shop.member()
    await shop.give(member["_id"], 100)
    redemption = await shop.reserve(member, await shop.offer())
    with pytest.raises(DomainError) as refused:
        await shop.rewards.cancel(redemption["_id"], actor="member:x", member_ids=[other["_id"]])
    assert refused.value.code == "NOT_FOUND"
    with pytest.raises(DomainError) as refused:
        await confirm(shop, redemption["code"], member_ids=[other["_id"]])
    assert refused.value.code == "OTHER_MEMBER"


async def test_a_reservation_runs_out_by_itself(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 100)
    reward = await shop.offer(stock=1)
    redemption = await shop.reserve(member, reward)
    shop.clock.advance(timedelta(minutes=1440))
    assert (await shop.balance(member)).active == 100, "right on reading, before any job"
    [seen] = await shop.rewards.of_member([member["_id"]])
    assert seen["status"] == "EXPIRED"
    with pytest.raises(DomainError) as refused:
        await confirm(shop, redemption["code"])
    assert refused.value.code == "EXPIRED"
    with pytest.raises(DomainError) as refused:
        await shop.rewards.cancel(redemption["_id"], actor="member:x")
    assert refused.value.code == "ALREADY_ENDED"
    assert await shop.rewards.sweep() == 1
    assert await shop.rewards.sweep() == 0
    stored = await shop.rewards.redemption(redemption["_id"])
    assert stored is not None
    assert stored["status"] == "EXPIRED"
    assert (await shop.ledger.balance(reward)).active == 1
    assert (await shop.balance(member)).reserved == 0


async def test_handing_over_happens_once(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 300)
    reward = await shop.offer()
    redemption, second = await shop.reserve(member, reward), await shop.reserve(member, reward)
    other = shop.again()
    outcomes = await asyncio.gather(
        *(confirm(place, redemption["code"], key) for key in ("a", "b") for place in (shop, other) for _ in range(5)),
        return_exceptions=True,
    )
    won = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    assert len(won) == 10, "one key, all its repetitions"
    assert {outcome.code for outcome in outcomes if isinstance(outcome, DomainError)} == {"ENDED"}
    assert (await shop.balance(member)).active == 100
    with pytest.raises(DomainError) as conflict:
        await confirm(shop, second["_id"], won[0]["confirm_key"])
    assert conflict.value.code == "IDEMPOTENCY_CONFLICT"
    assert (await confirm(shop, second["_id"], won[0]["confirm_key"], till=OTHER_TILL))["status"] == "CONFIRMED"
    with pytest.raises(DomainError) as too_late:
        await shop.rewards.cancel(redemption["_id"], actor="member:x")
    assert too_late.value.code == "ALREADY_CONFIRMED"


async def test_each_voucher_code_goes_out_once(shop: Shop) -> None:
    members = [await shop.member() for _ in range(5)]
    for member in members:
        await shop.give(member["_id"], 1000)
    reward = await shop.offer(kind="VOUCHER_CODE", name="Cinema ticket")
    codes = [f"CINE-{n}" for n in range(20)]
    assert await shop.rewards.add_codes(reward, codes) == 20
    assert await shop.rewards.add_codes(reward, codes[:5]) == 0
    assert (await shop.ledger.balance(reward)).active == 20
    reserved = [await shop.reserve(members[n % 5], reward) for n in range(20)]
    with pytest.raises(DomainError) as none_left:
        await shop.reserve(members[0], reward)
    assert none_left.value.code == "OUT_OF_STOCK"
    other = shop.again()
    handed = await asyncio.gather(
        *(confirm(place, each["code"], each["_id"]) for each in reserved for place in (shop, other))
    )
    assert sorted({each["voucher_code"] for each in handed}) == sorted(codes)


@pytest.mark.parametrize(
    ("offer", "points", "reason", "message"),
    [
        ({"price": 300}, 100, "NOT_ENOUGH_POINTS", "200 points are still missing."),
        ({"price": 101}, 100, "NOT_ENOUGH_POINTS", "1 point is still missing."),
        ({"stock": 0}, 100, "OUT_OF_STOCK", "This reward ran out. Your points are untouched."),
        ({"min_tier": "gold"}, 100, "TIER_TOO_LOW", "This reward is for Gold members and above."),
    ],
)
async def test_why_not(shop: Shop, offer: dict[str, Any], points: int, reason: str, message: str) -> None:
    member = await shop.member()
    await shop.give(member["_id"], points)
    reward = await shop.rewards.by_id(await shop.offer(**offer))
    assert reward is not None
    balance = await shop.balance(member)
    verdict = await shop.rewards.eligibility(
        member, reward, balance, await shop.tiers.standing(balance, shop.clock.now())
    )
    assert (verdict.eligible, verdict.reason, verdict.message) == (False, reason, message)
    with pytest.raises(DomainError) as refused:
        await shop.reserve(member, reward["_id"])
    assert refused.value.code == reason
    assert await shop.rewards.of_member([member["_id"]]) == []


async def test_offers_begin_and_end(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 500)
    now = shop.clock.now()
    reward = await shop.offer(
        available_from=now + timedelta(days=1), available_until=now + timedelta(days=2), min_tier="bronze"
    )
    for days, allowed in ((0, False), (1, True), (2, False)):
        shop.clock.move_to(now + timedelta(days=days))
        if allowed:
            assert (await shop.reserve(member, reward))["status"] == "RESERVED"
        else:
            with pytest.raises(DomainError) as refused:
                await shop.reserve(member, reward)
            assert refused.value.code == "NOT_AVAILABLE"


async def test_somebody_enrolled_at_the_till_redeems_after_claiming(shop: Shop) -> None:
    enrolled = await shop.members.enrol_at_till(
        Enrolling(till_id=TILL, store_id=STORE, idempotency_key="enrol", display_name="A.")
    )
    await shop.give(enrolled.member["_id"], 500)
    with pytest.raises(DomainError) as refused:
        await shop.reserve(enrolled.member, await shop.offer())
    assert refused.value.code == "UNCLAIMED"


async def test_a_deficit_blocks_spending(shop: Shop) -> None:
    member = await shop.member()
    purchase = (await shop.buy(line(MILK, "100.00"), member=member)).purchase
    await confirm(shop, (await shop.reserve(member, await shop.offer()))["code"])
    await shop.bring_back(purchase)
    balance = await shop.balance(member)
    assert balance.deficit > 0
    with pytest.raises(DomainError) as refused:
        await shop.reserve(member, await shop.offer(price=1))
    assert refused.value.code == "DEFICIT"


async def test_unknown_things_are_not_found(shop: Shop) -> None:
    member = await shop.member()
    for attempt in (
        shop.rewards.reserve(member["_id"], "rwd_none", "k"),
        shop.rewards.cancel("rdm_none", actor="member:x"),
        confirm(shop, "LR0000000000000000"),
        confirm(shop, '{"$gt": ""}'),
    ):
        with pytest.raises(DomainError) as refused:
            await attempt
        assert refused.value.code == "NOT_FOUND"
    for key in ("", "x" * 129, "a\nb"):
        with pytest.raises(InvalidReward) as invalid:
            await shop.rewards.reserve(member["_id"], "rwd_none", key)
        assert invalid.value.field == ("input", "idempotencyKey")


async def test_the_catalogue_is_read_page_by_page(shop: Shop) -> None:
    made = [await shop.offer(rank=rank) for rank in (3, 1, 2, 1)]
    first = await shop.rewards.catalog(2)
    rest = await shop.rewards.catalog(10, (first[-1]["rank"], first[-1]["_id"]))
    assert [each["_id"] for each in first + rest] == [made[1], made[3], made[2], made[0]]
    assert set(await shop.rewards.by_ids(made)) == set(made)


async def test_a_members_redemptions_are_read_page_by_page(shop: Shop) -> None:
    member = await shop.member()
    await shop.give(member["_id"], 500)
    reward = await shop.offer()
    made = []
    for _ in range(4):
        shop.clock.advance(timedelta(minutes=1))
        made.append((await shop.reserve(member, reward))["_id"])
    first = await shop.rewards.of_member([member["_id"]], 2)
    rest = await shop.rewards.of_member([member["_id"]], 9, (first[-1]["reserved_at"], first[-1]["_id"]))
    assert [each["_id"] for each in first + rest] == made[::-1]
    assert await shop.rewards.of_member([member["_id"]], statuses=["CONFIRMED"]) == []


async def test_stock_can_be_added_and_taken(shop: Shop) -> None:
    reward = await shop.offer(stock=1)
    for _ in range(2):
        await shop.rewards.add_stock(reward, 5, "delivery")
    await shop.rewards.add_stock(reward, -2, "broken")
    assert (await shop.ledger.balance(reward)).active == 4
    with pytest.raises(DomainError):
        await shop.rewards.add_stock("rwd_none", 5, "delivery")
    with pytest.raises(InvalidReward):
        await shop.rewards.add_stock(await shop.offer(), 5, "delivery")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price": 0}, "price"),
        ({"discount": None}, "discount"),
        ({"percent": 5}, "percent"),
        ({"discount": 0}, "discount"),
        ({"kind": "PERCENT_DISCOUNT", "percent": 101}, "percent"),
        ({"kind": "FREE_PRODUCT"}, "product"),
        ({"kind": "VOUCHER_CODE", "stock": 3}, "stock"),
        ({"stock": -1}, "stock"),
        ({"per_member": 0}, "perMember"),
    ],
)
async def test_a_reward_that_cannot_work_is_refused(shop: Shop, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidReward) as refused:
        await shop.offer(**changes)
    assert refused.value.field == (field,)


def test_codes_are_read_forgivingly() -> None:
    code = new_code()
    assert read_code(code) == code
    assert read_code(f" {code[:6].lower()}-{code[6:]} ") == code
    assert read_code("LR" + "O" * 16) == "LR" + "0" * 16
    assert read_code("LR" + "U" * 16) is None
    assert read_code("") is None
    assert read_code("LR" + "0" * 15) is None
    assert read_code("LR" + "0" * 1000) is None


def test_a_new_reward_is_plain_data() -> None:
    assert NewReward("rwd_1", "FIXED_DISCOUNT", "n", "d", 1, "tag").rank == 0
