"""Scans that a till made while the line was down: once, earning only, within limits."""

import asyncio
from datetime import datetime, timedelta

import pytest

from app.core.clock import MovableClock
from app.core.errors import InvalidInput
from tests.wallet.conftest import ADA, TILL, Phone, card_number
from wallet.cards import CardService
from wallet.models import Identification, Verdict


async def post(
    cards: CardService, code: str, scanned_at: datetime | None, basket: str = "b1", till: str = TILL
) -> Identification:
    return await cards.identify(code, till_id=till, basket_id=basket, scanned_at=scanned_at, deferred=True)


async def test_a_deferred_scan_earns_only_and_is_flagged(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    scanned_at = clock.now()
    code = phone.code(scanned_at, flags=2)
    clock.advance(timedelta(hours=71))
    answer = await post(cards, code, scanned_at)
    assert (answer.verdict, answer.member_id, answer.deferred) == (Verdict.FRESH, ADA, True)
    assert answer.may_earn
    assert not any((answer.may_see_name, answer.may_see_balance, answer.may_redeem, answer.wants_to_redeem))
    assert await post(cards, code, scanned_at) == answer
    clock.advance(timedelta(minutes=20))
    assert (await post(cards, code, scanned_at)).id == answer.id
    assert (await post(cards, code, scanned_at, "b2")).verdict is Verdict.REPLAY


async def test_a_code_counts_once_on_both_ways(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    scanned_at = clock.now()
    live, queued = phone.code(scanned_at), phone.code(scanned_at + timedelta(seconds=30))
    await cards.identify(live, till_id=TILL, basket_id="b1")
    assert (await post(cards, live, scanned_at, "b2", "til_2")).verdict is Verdict.REPLAY
    assert (await post(cards, queued, scanned_at, "b3", "til_2")).verdict is Verdict.FRESH
    again = await cards.identify(queued, till_id=TILL, basket_id="b4")
    assert again.verdict is Verdict.REPLAY


async def test_a_live_scan_whose_answer_was_lost_may_be_posted_later(
    cards: CardService, phone: Phone, clock: MovableClock
) -> None:
    scanned_at = clock.now()
    code = phone.code(scanned_at)
    live = await cards.identify(code, till_id=TILL, basket_id="b1")
    clock.advance(timedelta(hours=1))
    later = await post(cards, code, scanned_at)
    assert (later.verdict, later.id, later.may_redeem) == (Verdict.FRESH, live.id, False)


@pytest.mark.parametrize("number", ["number", "static"])
async def test_a_number_may_be_deferred(cards: CardService, clock: MovableClock, number: str) -> None:
    code = card_number("1") if number == "number" else await cards.static_code(ADA)
    scanned_at = clock.now()
    clock.advance(timedelta(hours=2))
    answer = await post(cards, code, scanned_at)
    assert (answer.verdict, answer.may_earn, answer.may_see_name) == (Verdict.FRESH, True, False)


async def test_the_window_is_the_scan_s_own(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    scanned_at = clock.now()
    old = phone.code(scanned_at - timedelta(minutes=5))
    ancient = phone.code(scanned_at - timedelta(minutes=11))
    clock.advance(timedelta(hours=3))
    stale = await post(cards, old, scanned_at, "b1")
    assert (stale.verdict, stale.may_earn) == (Verdict.STALE, True)
    refused = await post(cards, ancient, scanned_at, "b2")
    assert (refused.verdict, refused.may_earn) == (Verdict.STALE, False)


async def test_after_72_hours_a_person_decides(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    scanned_at = clock.now()
    codes = [phone.code(scanned_at), card_number("1")]
    clock.advance(timedelta(hours=72, milliseconds=1))
    for code in codes:
        answer = await post(cards, code, scanned_at)
        assert (answer.verdict, answer.may_earn, answer.id) == (Verdict.STALE, False, None)
        assert "service desk" in answer.message


async def test_times_that_cannot_be(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    code = phone.code(clock.now())
    for scanned_at in (None, clock.now() + timedelta(minutes=3)):
        with pytest.raises(InvalidInput) as refused:
            await post(cards, code, scanned_at)
        assert refused.value.field == ("scannedAt",)


async def test_a_device_revoked_later_was_good_then(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    scanned_at = clock.now()
    before = phone.code(scanned_at)
    clock.advance(timedelta(hours=1))
    await cards.revoke(ADA, None)
    after_at = clock.now()
    after = phone.code(after_at)
    assert (await post(cards, before, scanned_at, "b1")).verdict is Verdict.FRESH
    assert (await post(cards, after, after_at, "b2")).verdict is Verdict.REVOKED


@pytest.mark.parametrize("kind", ["rotating", "number"])
async def test_ten_a_member_and_day(cards: CardService, phone: Phone, clock: MovableClock, kind: str) -> None:
    start = clock.now().replace(hour=8)
    clock.move_to(start + timedelta(hours=30))

    async def one(number: int, day: int = 0) -> Verdict:
        clock.advance(timedelta(seconds=1))
        at = start + timedelta(minutes=number, days=day)
        code = phone.code(at) if kind == "rotating" else card_number("1")
        return (await post(cards, code, at, f"b{day}-{number}", f"til_{number}")).verdict

    assert [await one(number) for number in range(10)] == [Verdict.FRESH] * 10
    assert await one(10) is Verdict.LOCKED
    assert await one(9) is Verdict.FRESH
    assert await one(11, day=1) is Verdict.FRESH


async def test_a_burst_after_an_outage_is_posted_once_each(
    cards: CardService, phone: Phone, clock: MovableClock
) -> None:
    at = clock.now()
    code = phone.code(at)
    clock.advance(timedelta(hours=5))
    posts = [post(cards, code, at, f"b{n}", f"til_{n}") for n in range(100)]
    verdicts = [answer.verdict for answer in await asyncio.gather(*posts)]
    assert verdicts.count(Verdict.FRESH) == 1
    assert verdicts.count(Verdict.REPLAY) == 99
