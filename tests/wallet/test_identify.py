"""What a scan is answered with: trust, verdicts, one acceptance, limits."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.core.clock import MovableClock
from app.core.database import Database
from app.core.errors import InvalidInput
from app.core.limits import RateLimited
from tests.profiling import profiling
from tests.wallet.conftest import ADA, BEN, TILL, Phone, Roll, card_number
from wallet import codes, identify
from wallet.cards import CardService
from wallet.models import Trust, Verdict
from wallet.totp import totp

SECOND = timedelta(seconds=1)


async def scan(cards: CardService, code: str, basket: str = "b1", till: str = TILL) -> Verdict:
    return (await cards.identify(code, till_id=till, basket_id=basket)).verdict


def at_step_start(clock: MovableClock) -> int:
    step = codes.step_at(clock.now().timestamp()) + 1
    clock.advance(timedelta(seconds=step * 30 - clock.now().timestamp()))
    return step


async def test_a_rotating_code_opens_everything(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    answer = await cards.identify(phone.code(clock.now(), flags=2), till_id=TILL, basket_id="b1")
    assert (answer.verdict, answer.trust, answer.member_id) == (Verdict.FRESH, Trust.ROTATING, ADA)
    assert answer.may_earn
    assert answer.may_see_name
    assert answer.may_see_balance
    assert answer.may_redeem
    assert answer.wants_to_redeem
    assert answer.expires_at == clock.now() + timedelta(minutes=15)


async def test_a_static_code_earns_and_shows_the_name(cards: CardService) -> None:
    code = await cards.static_code(ADA)
    assert code == await cards.static_code(ADA)
    answer = await cards.identify(code, till_id=TILL, basket_id="b1")
    assert (answer.verdict, answer.trust, answer.member_id) == (Verdict.FRESH, Trust.STATIC, ADA)
    assert (answer.may_earn, answer.may_see_name, answer.may_step_up) == (True, True, True)
    assert (answer.may_see_balance, answer.may_redeem) == (False, False)


async def test_a_wallet_pass_opens_everything_once(cards: CardService, clock: MovableClock) -> None:
    prefix, secret = await cards.totp_pass(ADA)
    assert (prefix, secret) == await cards.totp_pass(ADA)
    seconds = int(clock.now().timestamp())
    code = f"{prefix}{seconds:010d}{totp(secret, seconds // 30)}"
    answer = await cards.identify(code, till_id=TILL, basket_id="b1")
    assert (answer.verdict, answer.trust, answer.may_redeem) == (Verdict.FRESH, Trust.TOTP, True)
    same_step = f"{prefix}{seconds - 1:010d}{totp(secret, seconds // 30)}"
    assert await scan(cards, same_step, "b2") is Verdict.REPLAY
    clock.advance(timedelta(seconds=120))
    assert await scan(cards, code, "b3") is Verdict.REPLAY


@pytest.mark.parametrize("form", ["{}", "{0:.4} {1}", "  {}\r\n"])
async def test_a_number_earns_only(cards: CardService, form: str) -> None:
    number = card_number("1")
    code = form.format(number, f"{number[4:8]} {number[8:12]} {number[12:]}")
    answer = await cards.identify(code, till_id=TILL, basket_id="b1")
    assert (answer.verdict, answer.trust, answer.member_id) == (Verdict.FRESH, Trust.NUMBER, ADA)
    assert answer.may_earn
    assert not any((answer.may_see_name, answer.may_see_balance, answer.may_redeem, answer.may_step_up))


async def test_a_legacy_number_earns_only(cards: CardService, roll: Roll) -> None:
    body = "201234567890"
    number = body + codes.ean13_digit(body)
    roll.add(BEN, (number, "active"))
    answer = await cards.identify(number, till_id=TILL, basket_id="b1")
    assert (answer.trust, answer.member_id, answer.may_see_name) == (Trust.NUMBER, BEN, False)


async def test_window_edges_are_exact(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    step = at_step_start(clock)
    start = clock.now()
    for number, (after, verdict) in enumerate(
        [
            (timedelta(milliseconds=-30_001), Verdict.CLOCK_AHEAD),
            (timedelta(milliseconds=-30_000), Verdict.FRESH),
            (timedelta(milliseconds=89_999), Verdict.FRESH),
            (timedelta(milliseconds=90_000), Verdict.STALE),
        ]
    ):
        one = Phone()
        one.enrol(await cards.register_device(ADA, one.public_key, f"phone {number}"))
        clock.move_to(start + after)
        assert await scan(cards, one.code_of(step), f"b{number}") is verdict, after


@pytest.mark.parametrize("age", [90, 91, 120, 300, 600, 601, 3600, 86400 * 30])
async def test_an_old_screenshot_never_opens_anything_but_earning(
    cards: CardService, phone: Phone, clock: MovableClock, age: int
) -> None:
    step = at_step_start(clock)
    code = phone.code_of(step)
    clock.advance(timedelta(seconds=age))
    answer = await cards.identify(code, till_id=TILL, basket_id="b1")
    assert answer.verdict is Verdict.STALE
    assert not any((answer.may_see_name, answer.may_see_balance, answer.may_redeem, answer.may_step_up))
    assert answer.may_earn == (age < 630)


@pytest.mark.parametrize("off", [-25, -10, 0, 10, 25])
async def test_a_clock_off_by_25_seconds_is_always_fresh(
    cards: CardService, phone: Phone, clock: MovableClock, off: int
) -> None:
    for number in range(30):
        clock.advance(timedelta(seconds=61))
        shown = phone.code(clock.now() + timedelta(seconds=off))
        assert await scan(cards, shown, f"b{number}") is Verdict.FRESH


async def test_a_clock_that_is_off_earns_with_a_warning_and_is_noted(
    cards: CardService, phone: Phone, clock: MovableClock
) -> None:
    ahead = phone.code(clock.now() + timedelta(minutes=5))
    answer = await cards.identify(ahead, till_id=TILL, basket_id="b1")
    assert (answer.verdict, answer.may_earn, answer.may_redeem) == (Verdict.CLOCK_AHEAD, True, False)
    assert "clock is ahead" in answer.message
    (device,) = await cards.devices(ADA)
    assert device["drift_seconds"] == 300
    assert await scan(cards, ahead, "b2") is Verdict.REPLAY
    clock.advance(timedelta(minutes=5))
    assert await scan(cards, ahead, "b3") is Verdict.REPLAY  # the screenshot's own time has come
    assert await scan(cards, phone.code(clock.now() + timedelta(minutes=11)), "b4") is Verdict.CLOCK_AHEAD
    refused = await cards.identify(phone.code(clock.now() + timedelta(minutes=12)), till_id=TILL, basket_id="b5")
    assert (refused.may_earn, refused.id) == (False, None)


async def test_a_code_counts_once_and_older_ones_no_more(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    older, newer = phone.code(clock.now()), phone.code(clock.now() + 30 * SECOND)
    assert await scan(cards, newer, "b1") is Verdict.FRESH
    assert await scan(cards, newer, "b2") is Verdict.REPLAY
    assert await scan(cards, newer, "b1", "til_2") is Verdict.REPLAY
    assert await scan(cards, older, "b3") is Verdict.REPLAY


async def test_the_same_till_and_basket_get_the_same_answer(
    cards: CardService, phone: Phone, clock: MovableClock
) -> None:
    code = phone.code(clock.now())
    first = await cards.identify(code, till_id=TILL, basket_id="b1")
    clock.advance(timedelta(minutes=10))
    assert await cards.identify(f" {code}\n", till_id=TILL, basket_id="b1") == first
    clock.advance(timedelta(minutes=5))
    assert (await cards.identify(code, till_id=TILL, basket_id="b1")).may_redeem is False


async def test_a_retry_after_a_crash_between_the_two_writes_gets_its_answer(
    cards: CardService, phone: Phone, clock: MovableClock
) -> None:
    code = phone.code(clock.now())
    first = await cards.identify(code, till_id=TILL, basket_id="b1")
    await cards._repository._identifications.delete_many({})
    assert await cards.identify(code, till_id=TILL, basket_id="b1") == first
    await cards._repository._identifications.delete_many({})
    await cards._repository._scans.delete_many({})
    assert await cards.identify(code, till_id=TILL, basket_id="b1") == first


async def test_a_thousand_posts_of_one_code_are_accepted_once(
    cards: CardService, phone: Phone, clock: MovableClock
) -> None:
    code = phone.code(clock.now())
    posts = [scan(cards, code, f"basket {n}", f"til_{n:024d}") for n in range(1000)]
    counted = Counter(await asyncio.gather(*posts))
    assert counted == {Verdict.FRESH: 1, Verdict.REPLAY: 999}


async def test_a_thousand_posts_to_two_processes_are_accepted_once(
    cards: CardService, phone: Phone, clock: MovableClock, twin: CardService
) -> None:
    code = phone.code(clock.now())
    posts = [scan((cards, twin)[n % 2], code, f"basket {n}", f"til_{n:024d}") for n in range(1000)]
    counted = Counter(await asyncio.gather(*posts))
    assert counted == {Verdict.FRESH: 1, Verdict.REPLAY: 999}


async def test_posts_of_one_basket_at_once_get_one_answer(
    cards: CardService, phone: Phone, clock: MovableClock
) -> None:
    code = phone.code(clock.now())
    posts = [cards.identify(code, till_id=TILL, basket_id="b1") for _ in range(50)]
    assert len(set(await asyncio.gather(*posts))) == 1


async def test_unknown_and_forged_codes_get_one_answer(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    forger = Phone()
    forger.credential, forger._key = phone.credential, bytes(32)
    forged = await cards.identify(forger.code(clock.now()), till_id=TILL, basket_id="b1")
    forger.credential = b"nobody's"
    unknown = await cards.identify(forger.code(clock.now()), till_id=TILL, basket_id="b2")
    assert forged == unknown
    assert forged.verdict is Verdict.UNKNOWN
    phone.epoch = 7
    assert await scan(cards, phone.code(clock.now()), "b3") is Verdict.UNKNOWN


async def test_unknown_and_forged_codes_are_the_same_work(
    cards: CardService, phone: Phone, clock: MovableClock, database: Database
) -> None:
    forger, nobody = Phone(), Phone()
    forger.credential, nobody.credential = phone.credential, b"nobody's"
    forger._key = nobody._key = bytes(32)
    asked = []
    for number, one in enumerate((forger, nobody)):
        async with profiling(database) as seen:
            assert await scan(cards, one.code(clock.now()), f"b{number}") is Verdict.UNKNOWN
        asked.append(sorted((command["op"], command["ns"]) for command in seen))
    assert asked[0] == asked[1] != []


async def test_a_token_of_one_kind_is_no_token_of_another(cards: CardService, phone: Phone) -> None:
    static = codes.parse(await cards.static_code(ADA))
    assert isinstance(static, codes.Static)
    key = cards.keys.static_key(await cards.keys.current())
    crossed = codes.token_text(codes.static_message(phone.credential, 0), key)
    assert await scan(cards, crossed) is Verdict.UNKNOWN
    assert (
        await scan(cards, codes.token_text(codes.rotating_message(static.credential, 0, 0, 1), key)) is Verdict.UNKNOWN
    )


@pytest.mark.parametrize(("tries", "make"), [(10, "LY"), (5, "LG")])
async def test_failures_lock_the_credential(
    cards: CardService, phone: Phone, clock: MovableClock, tries: int, make: str
) -> None:
    prefix, secret = await cards.totp_pass(ADA)
    seconds = int(clock.now().timestamp())

    def code(good: bool) -> str:
        if make == "LY":
            right = phone.code(clock.now())
            return right if good else right[:-1] + ("0" if right[-1] != "0" else "1")
        value = totp(secret, seconds // 30)
        return f"{prefix}{seconds:010d}{value if good else str(9 - int(value[0])) + value[1:]}"

    for number in range(tries):
        assert await scan(cards, code(good=False), f"bad {number}", f"til_{number}") is Verdict.UNKNOWN
    assert await scan(cards, code(good=True), "b1") is Verdict.LOCKED
    assert await scan(cards, code(good=False), "b2") is Verdict.LOCKED
    assert await scan(cards, card_number("1"), "b3") is Verdict.FRESH
    clock.advance(identify.LOCK)
    seconds = int(clock.now().timestamp())
    assert await scan(cards, code(good=True), "b4") is Verdict.FRESH


async def test_an_unknown_credential_locks_as_a_known_one_does(cards: CardService, clock: MovableClock) -> None:
    nobody = Phone()
    nobody.credential, nobody._key = bytes(8), bytes(32)
    seen = [await scan(cards, nobody.code(clock.now()), f"b{n}", f"til_{n}") for n in range(11)]
    assert seen == [Verdict.UNKNOWN] * 10 + [Verdict.LOCKED]


async def test_limits_per_till(cards: CardService, clock: MovableClock) -> None:
    for number in range(20):
        await scan(cards, card_number(str(1000 + number)), f"b{number}")
    with pytest.raises(RateLimited):
        await scan(cards, card_number("1"), "b")
    for _ in range(39):
        await scan(cards, "nonsense")
    with pytest.raises(RateLimited) as refused:
        await scan(cards, "nonsense")
    assert refused.value.code == "RATE_LIMITED"
    assert await scan(cards, "nonsense", till="til_2") is Verdict.MALFORMED
    clock.advance(timedelta(minutes=1))
    assert await scan(cards, card_number("1"), "b") is Verdict.FRESH


async def test_revoked_blocked_replaced_foreign(
    cards: CardService, phone: Phone, clock: MovableClock, roll: Roll
) -> None:
    code = phone.code(clock.now())
    (device,) = await cards.devices(ADA)
    await cards.revoke(ADA, device["_id"])
    assert await scan(cards, code) is Verdict.REVOKED
    static = await cards.static_code(ADA)
    for status, verdict in (("blocked", Verdict.BLOCKED), ("replaced", Verdict.REPLACED)):
        roll.members[ADA]["cards"][0]["status"] = status  # type: ignore[typeddict-item]  # both are card statuses
        assert await scan(cards, static, f"static {status}") is verdict
        assert await scan(cards, card_number("1"), f"number {status}") is verdict
    assert await scan(cards, card_number("1", prefix="31")) is Verdict.WRONG_PROGRAMME
    assert await scan(cards, card_number("77")) is Verdict.UNKNOWN
    roll.add(BEN, (card_number("2"), "active"), programme="prg_other")
    assert await scan(cards, card_number("2")) is Verdict.WRONG_PROGRAMME
    roll.add(BEN, (card_number("2"), "active"), status="closed")
    assert await scan(cards, card_number("2")) is Verdict.BLOCKED


async def test_a_new_card_number_ends_the_old_static_code(cards: CardService, roll: Roll) -> None:
    old = await cards.static_code(ADA)
    roll.add(ADA, (card_number("1"), "replaced"), (card_number("3"), "active"))
    new = await cards.static_code(ADA)
    assert new != old
    assert await scan(cards, old) is Verdict.REVOKED
    assert await scan(cards, new) is Verdict.FRESH


async def test_a_merged_member_s_card_serves_the_survivor(cards: CardService, phone: Phone, roll: Roll) -> None:
    code = await cards.static_code(ADA)
    roll.add(ADA, (card_number("1"), "active"), status="merged", merged_into=BEN)
    assert (await cards.identify(code, till_id=TILL, basket_id="b1")).member_id == BEN


async def test_an_unclaimed_member_earns_but_redeems_later(cards: CardService, roll: Roll) -> None:
    roll.add(BEN, (card_number("2"), "active"), status="unclaimed")
    answer = await cards.identify(await cards.static_code(BEN), till_id=TILL, basket_id="b1")
    assert (answer.may_earn, answer.may_step_up, answer.may_redeem) == (True, False, False)


async def test_an_identification_is_for_its_till_and_basket_and_15_minutes(
    cards: CardService, phone: Phone, clock: MovableClock
) -> None:
    answer = await cards.identify(phone.code(clock.now()), till_id=TILL, basket_id="b1")
    assert answer.id is not None
    found = await cards.identification(answer.id, till_id=TILL, basket_id="b1")
    assert found is not None
    assert found["member_id"] == ADA
    assert await cards.identification(answer.id, till_id=TILL) == found
    assert await cards.identification(answer.id, till_id="til_2") is None
    assert await cards.identification(answer.id, till_id=TILL, basket_id="b2") is None
    clock.advance(timedelta(minutes=15))
    assert await cards.identification(answer.id, till_id=TILL, basket_id="b1") is None


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("4006381333931", "product"),
        ("LZ0H000G40R40M30E203JE3G13DGKJ9M2B8G66JB1PGX", "keyboard"),
        ("2900000000000016", "digit"),
        ("$where: sleep(1000)", "16 digits"),
        ("", "16 digits"),
        ("LY" * 5000, "16 digits"),
        ("\ud800", "16 digits"),
    ],
)
async def test_what_is_no_code_says_what_to_do(cards: CardService, code: str, hint: str) -> None:
    answer = await cards.identify(code, till_id=TILL, basket_id="b1")
    assert answer.verdict is Verdict.MALFORMED
    assert hint in answer.message


@pytest.mark.parametrize("basket", ["", "x" * 65, "a\nb", "\ud800"])
async def test_a_basket_id_is_checked(cards: CardService, basket: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await scan(cards, card_number("1"), basket)
    assert refused.value.field == ("basketId",)


async def test_no_token_stands_whole_in_a_log(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    rotating, static, number = phone.code(clock.now()), await cards.static_code(ADA), card_number("1")
    prefix, secret = await cards.totp_pass(ADA)
    value = totp(secret, codes.step_at(clock.now().timestamp()))
    wallet = f"{prefix}{int(clock.now().timestamp())}{value}"
    with capture_logs() as logs:
        for code in (rotating, static, wallet, number):
            await scan(cards, code, "b1")
            await scan(cards, code, "b2")
            await scan(cards, code[:-1] + ("0" if code[-1] != "0" else "1"), "b3")
    text = repr(logs)
    assert len(logs) == 12
    for secret_part in (rotating[-16:], static[-16:], value, number[2:12]):
        assert secret_part not in text
    assert phone.credential.hex() in text
