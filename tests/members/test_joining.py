import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.core.clock import MovableClock
from app.core.database import Database
from app.core.errors import DomainError, InvalidInput
from app.members import MemberService, cards
from app.members.errors import AlreadyMember, ClaimCodeUnknown, EnrolmentKeyReused, TermsNotAccepted
from app.members.models import Enrolling, ImportedMember, Joining


def joining(name: str = "Amira Haddad", email: str = "Amira@Example.com", **more: object) -> Joining:
    return Joining(display_name=name, email=email, accept_terms=True, **more)  # type: ignore[arg-type] # spread of known fields


def enrolling(key: str = "k1", **more: object) -> Enrolling:
    return Enrolling(till_id="till_1", store_id="str_1", idempotency_key=key, **more)  # type: ignore[arg-type] # the same


async def test_a_new_member_is_complete(members: MemberService, clock: MovableClock) -> None:
    member = await members.join("idn_1", joining(name="  Amira \n Haddad ", birthday=date(1990, 2, 28), language="ar"))
    assert member["_id"].startswith("mbr_")
    assert member["status"] == "active"
    assert member["display_name"] == "Amira Haddad"
    assert (member["email"], member["email_verified"]) == ("amira@example.com", True)
    assert (member["language"], member["birthday"]) == ("ar", "1990-02-28")
    assert member["joined_at"] == clock.now()
    assert await members.by_id(member["_id"]) == member
    assert [event["kind"] for event in await members.events([member["_id"]])] == ["JOINED"]


async def test_joining_twice_gives_the_same_member(members: MemberService) -> None:
    first = await members.join("idn_1", joining())
    assert await members.join("idn_1", joining(name="Somebody Else")) == first
    assert await members.by_identity("idn_1") == first


async def test_joins_at_the_same_moment_give_one_member(members: MemberService, database: Database) -> None:
    joined = await asyncio.gather(*(members.join("idn_1", joining()) for _ in range(12)))
    assert len({member["_id"] for member in joined}) == 1
    assert await database["members"].count_documents({}) == 1
    assert await database["member_events"].count_documents({}) == 1


async def test_terms_must_be_accepted(members: MemberService) -> None:
    with pytest.raises(TermsNotAccepted) as refused:
        await members.join("idn_1", Joining("Amira", "a@example.com", accept_terms=False))
    assert refused.value.field == ("accept_terms",)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (joining(name=""), "display_name"),
        (joining(name="   "), "display_name"),
        (joining(name="12345"), "display_name"),
        (joining(name="x" * 81), "display_name"),
        (joining(name="Amira\u202eevil"), "display_name"),
        (joining(name="Amira\x00"), "display_name"),
        (joining(name="Amira\ud800"), "display_name"),
        (joining(email="nobody"), "email"),
        (joining(email="a@b"), "email"),
        (joining(language="tlh"), "language"),
        (joining(birthday=date(2026, 3, 15)), "birthday"),
        (joining(birthday=date(1899, 1, 1)), "birthday"),
    ],
)
async def test_bad_input_names_its_field(
    members: MemberService, database: Database, wrong: Joining, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await members.join("idn_1", wrong)
    assert refused.value.field == (field,)
    assert refused.value.message.endswith((".", ":")) or field == "email"
    assert await database["members"].count_documents({}) == 0


@pytest.mark.parametrize(
    "name", ["Zoë Łukasiewicz", "李小龍", "محمد العلي", "נועה לוי", "علی‌رضا", "आरती", "O’Brien-Smith", "X"]
)
async def test_names_of_every_script_are_welcome(members: MemberService, name: str) -> None:
    assert (await members.join("idn_1", joining(name=name)))["display_name"] == name


async def test_birthdays_are_judged_by_the_programmes_day(members: MemberService, clock: MovableClock) -> None:
    clock.move_to(datetime(2026, 3, 15, 2, 0, tzinfo=UTC))  # still the 14th in New York
    with pytest.raises(InvalidInput):
        await members.join("idn_1", joining(birthday=date(2026, 3, 15)))
    assert (await members.join("idn_1", joining(birthday=date(2026, 3, 14))))["birthday"] == "2026-03-14"


async def test_enrolled_at_the_till_then_claimed_with_the_code(members: MemberService) -> None:
    enrolled = await members.enrol_at_till(
        enrolling(display_name="A.", email="typo@example.com", phone="(212) 555-0123")
    )
    assert enrolled.member["status"] == "unclaimed"
    assert enrolled.member["phone"] == "+12125550123"
    assert not enrolled.member["email_verified"]
    assert enrolled.member["joined_store"] == "str_1"
    typed = enrolled.claim_code.lower().replace("0", "o")
    member = await members.join("idn_1", joining(claim_code=f"{typed[:13]}-{typed[13:]}"))
    assert member["_id"] == enrolled.member["_id"]
    assert (member["status"], member["display_name"]) == ("active", "Amira Haddad")
    assert (member["email"], member["email_verified"]) == ("amira@example.com", True)
    assert member["phone"] is None, "contacts that nobody proved are dropped"
    assert member["cards"] == enrolled.member["cards"]
    kinds = [event["kind"] for event in await members.events([member["_id"]])]
    assert sorted(kinds) == ["CLAIMED", "ENROLLED"]


async def test_the_code_is_stored_hashed_only(members: MemberService, database: Database) -> None:
    enrolled = await members.enrol_at_till(enrolling())
    assert len(enrolled.claim_code) == 26
    stored = str(await database["claims"].find().to_list()) + str(await database["members"].find().to_list())
    assert enrolled.claim_code not in stored


async def test_a_code_counts_once(members: MemberService) -> None:
    enrolled = await members.enrol_at_till(enrolling())
    first = await members.claim("idn_1", enrolled.claim_code, email="a@example.com")
    assert await members.claim("idn_1", enrolled.claim_code, email="a@example.com") == first, "its owner may repeat"
    with pytest.raises(ClaimCodeUnknown):
        await members.claim("idn_2", enrolled.claim_code, email="b@example.com")


async def test_claims_at_the_same_moment_have_one_winner(members: MemberService) -> None:
    enrolled = await members.enrol_at_till(enrolling())
    results = await asyncio.gather(
        *(members.claim(f"idn_{n}", enrolled.claim_code, email=f"p{n}@example.com") for n in range(6)),
        return_exceptions=True,
    )
    winners = [result for result in results if isinstance(result, dict)]
    assert len(winners) == 1
    assert all(isinstance(result, ClaimCodeUnknown) for result in results if result not in winners)


async def test_a_code_ends_after_thirty_days(members: MemberService, clock: MovableClock) -> None:
    enrolled = await members.enrol_at_till(enrolling())
    clock.advance(timedelta(days=30))
    with pytest.raises(ClaimCodeUnknown):
        await members.claim("idn_1", enrolled.claim_code, email="a@example.com")


@pytest.mark.parametrize("code", ["", "A" * 26, "U" * 26, "x" * 10_000, "\ud800" * 26, "🎟" * 26])
async def test_wrong_codes_are_refused_alike(members: MemberService, code: str) -> None:
    with pytest.raises(ClaimCodeUnknown):
        await members.claim("idn_1", code, email="a@example.com")


async def test_claiming_with_a_membership_of_ones_own_merges(members: MemberService) -> None:
    own = await members.join("idn_1", joining())
    enrolled = await members.enrol_at_till(enrolling())
    assert (await members.claim("idn_1", enrolled.claim_code, email="amira@example.com"))["_id"] == own["_id"]
    merged = await members.by_id(enrolled.member["_id"])
    assert merged is not None
    assert (merged["status"], merged["merged_into"]) == ("merged", own["_id"])
    found = await members.by_card_number(enrolled.member["cards"][0]["number"])
    assert found is not None
    assert found["_id"] == own["_id"]


async def test_a_proved_address_claims_the_enrolment_that_has_it(members: MemberService) -> None:
    enrolled = await members.enrol_at_till(enrolling(email="amira@example.com", phone="212 555 0101"))
    member = await members.join("idn_1", joining())
    assert member["_id"] == enrolled.member["_id"]
    assert member["phone"] is None
    with pytest.raises(ClaimCodeUnknown):
        await members.claim("idn_2", enrolled.claim_code, email="thief@example.com")


async def test_enrolling_again_with_the_same_key_gives_the_same_member(
    members: MemberService, database: Database
) -> None:
    enrolled = await asyncio.gather(*(members.enrol_at_till(enrolling(display_name="Bo")) for _ in range(6)))
    assert len({one.member["_id"] for one in enrolled}) == 1
    assert await database["members"].count_documents({}) == 1
    for one in enrolled:
        assert (await members.claim("idn_1", one.claim_code, email="b@example.com"))["_id"] == one.member["_id"]
    with pytest.raises(EnrolmentKeyReused):
        await members.enrol_at_till(enrolling(display_name="Cy"))


async def test_a_proved_contact_is_not_enrolled_again(members: MemberService) -> None:
    await members.join("idn_1", joining())
    with pytest.raises(AlreadyMember) as refused:
        await members.enrol_at_till(enrolling(email="AMIRA@example.com"))
    assert refused.value.field == ("email",)


async def test_an_unproved_contact_keeps_nobody_from_enrolling(members: MemberService) -> None:
    first = await members.enrol_at_till(enrolling("k1", phone="212 555 0101"))
    second = await members.enrol_at_till(enrolling("k2", phone="212 555 0101"))
    assert first.member["_id"] != second.member["_id"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (enrolling(phone="12"), "phone"),
        (enrolling(phone="{$gt: 1}"), "phone"),
        (enrolling(phone="9" * 500), "phone"),
        (enrolling(email="x@"), "email"),
        (enrolling(display_name="\u200b"), "display_name"),
        (enrolling(""), "idempotency_key"),
        (enrolling("k" * 201), "idempotency_key"),
    ],
)
async def test_bad_enrolments_name_their_field(members: MemberService, wrong: Enrolling, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        await members.enrol_at_till(wrong)
    assert refused.value.field == (field,)


async def test_imports_repeat_without_doubling(members: MemberService, database: Database, clock: MovableClock) -> None:
    people = [
        ImportedMember(f"old:{n}", "Ann", f"Lee {'I' * (n + 1)}", clock.now(), "str_1", f"ann{n}@example.com")
        for n in range(20)
    ]
    first, second = await asyncio.gather(members.import_members(people[:15]), members.import_members(people[5:]))
    again = await members.import_members(people)
    assert again == {**first, **second}
    assert await database["members"].count_documents({}) == 20
    assert await database["member_events"].count_documents({}) == 20


async def test_an_imported_member_signs_in_with_its_address(members: MemberService, clock: MovableClock) -> None:
    person = ImportedMember("old:1", "Ann", "Lee", clock.now(), None, "ann@example.com", "+12125550199")
    imported = (await members.import_members([person]))["old:1"]
    joined = await members.join("idn_1", joining(name="Annie", email="ann@example.com"))
    assert joined["_id"] == imported["_id"]
    assert (joined["display_name"], joined["phone"]) == ("Ann Lee", "+12125550199")


async def test_imports_from_the_future_are_refused(members: MemberService, clock: MovableClock) -> None:
    person = ImportedMember("old:1", "Ann", "Lee", clock.now() + timedelta(seconds=1), None)
    with pytest.raises(InvalidInput) as refused:
        await members.import_members([person])
    assert refused.value.field == ("joined_at",)


async def test_cards_of_an_earlier_system_find_their_member(members: MemberService, clock: MovableClock) -> None:
    old = ImportedMember("old:1", "Ann", "Lee", clock.now(), None, legacy_numbers=("2000000010014", "0412345678903"))
    ann = (await members.import_members([old]))["old:1"]
    assert (await members.import_members([old]))["old:1"] == ann
    for written in ("2000000010014", " 2000 0000 10014", "0412345678903", "412345678903"):
        found = await members.by_card_number(written)
        assert found is not None, written
        assert found["_id"] == ann["_id"]
        assert [hit.member["_id"] for hit in (await members.search(written)).hits] == [ann["_id"]]
    assert await members.by_card_number("2000000010021") is None
    assert await members.by_card_number("2000000010015") is None, "its check digit is wrong"


@pytest.mark.parametrize("number", ["2000000010014", "2000000010015", "4006381333931", "1234", ""])
async def test_a_card_of_an_earlier_system_is_one_members(
    members: MemberService, clock: MovableClock, database: Database, number: str
) -> None:
    ann = ImportedMember("old:1", "Ann", "Lee", clock.now(), None, legacy_numbers=("2000000010014",))
    await members.import_members([ann])
    bo = ImportedMember("old:2", "Bo", "Li", clock.now(), None, legacy_numbers=(number,))
    with pytest.raises(InvalidInput) as refused:
        await members.import_members([bo])
    assert refused.value.field == ("legacy_numbers",)
    twins = [replace(bo, source=f"old:{n}", legacy_numbers=("2000000010021",)) for n in (3, 4)]
    with pytest.raises(InvalidInput):
        await members.import_members(twins)
    assert await database["members"].count_documents({}) == 1


async def test_a_number_that_is_taken_is_drawn_again(
    members: MemberService, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await members.join("idn_1", joining())
    taken, free = first["cards"][0]["number"], [cards.new_number() for _ in range(3)]
    drawn = iter([taken, free[0], taken, free[1], taken, free[2]])
    monkeypatch.setattr(cards, "new_number", lambda: next(drawn))
    second = await members.join("idn_2", joining(email="b@example.com"))
    assert second["cards"][0]["number"] == free[0]
    person = ImportedMember("old:1", "Ann", "Lee", clock.now(), None)
    assert (await members.import_members([person]))["old:1"]["cards"][0]["number"] == free[1]
    replaced = await members.replace_card(first["_id"], reason="lost", actor="agent:1")
    assert [card["number"] for card in replaced["cards"]] == [taken, free[2]]


async def test_one_identity_claims_and_joins_at_the_same_moment(members: MemberService, database: Database) -> None:
    enrolled = await members.enrol_at_till(enrolling())
    claimed, joined = await asyncio.gather(
        members.claim("idn_1", enrolled.claim_code, email="amira@example.com"), members.join("idn_1", joining())
    )
    assert claimed["_id"] == joined["_id"]
    living = await database["members"].find({"status": "active"}).to_list()
    assert [member["_id"] for member in living] == [joined["_id"]]
