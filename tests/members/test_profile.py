import asyncio
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInput
from app.members import MemberService, cards
from app.members.errors import MemberNotFound, ReasonMissing
from app.members.models import Joining, Member, ProfileChange

ME = "member:me"


@pytest.fixture
async def amira(members: MemberService) -> Member:
    return await members.join("idn_1", Joining("Amira Haddad", "amira@example.com", accept_terms=True))


async def test_only_what_was_named_changes(members: MemberService, amira: Member) -> None:
    change = ProfileChange(given_name="Amira", family_name="Haddad-Smith", birthday=date(1990, 2, 28))
    after = await members.update(amira["_id"], change, actor=ME)
    assert (after["given_name"], after["family_name"], after["birthday"]) == ("Amira", "Haddad-Smith", "1990-02-28")
    assert after["display_name"] == "Amira Haddad"
    cleared = await members.update(amira["_id"], ProfileChange(given_name=" ", birthday=None), actor=ME)
    assert (cleared["given_name"], cleared["birthday"], cleared["family_name"]) == (None, None, "Haddad-Smith")


async def test_a_change_is_told_and_no_change_is_not(members: MemberService, amira: Member) -> None:
    await members.update(amira["_id"], ProfileChange(display_name="Amira H."), actor=ME)
    await members.update(amira["_id"], ProfileChange(display_name="Amira H."), actor=ME)
    events = [event for event in await members.events([amira["_id"]]) if event["kind"] == "PROFILE"]
    assert [(event["detail"], event["actor"]) for event in events] == [("display name", ME)]


async def test_a_changed_name_is_found_and_the_old_one_is_not(members: MemberService, amira: Member) -> None:
    await members.update(amira["_id"], ProfileChange(display_name="Noor Malik"), actor=ME)
    assert [hit.member["_id"] for hit in (await members.search("malik")).hits] == [amira["_id"]]
    assert (await members.search("haddad")).hits == []


async def test_changes_at_the_same_moment_all_count(members: MemberService, amira: Member) -> None:
    await asyncio.gather(
        members.update(amira["_id"], ProfileChange(given_name="Amira"), actor=ME),
        members.update(amira["_id"], ProfileChange(family_name="Zidane"), actor=ME),
        members.update(amira["_id"], ProfileChange(language="es"), actor=ME),
    )
    after = await members.by_id(amira["_id"])
    assert after is not None
    assert (after["given_name"], after["family_name"], after["language"]) == ("Amira", "Zidane", "es")
    assert "zidane" in after["words"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (ProfileChange(display_name=""), "display_name"),
        (ProfileChange(given_name="x" * 81), "given_name"),
        (ProfileChange(family_name="\u2066x"), "family_name"),
        (ProfileChange(language="fr"), "language"),
        (ProfileChange(birthday=date(2030, 1, 1)), "birthday"),
    ],
)
async def test_bad_values_name_their_field(
    members: MemberService, amira: Member, change: ProfileChange, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await members.update(amira["_id"], change, actor=ME)
    assert refused.value.field == (field,)
    assert await members.by_id(amira["_id"]) == amira


async def test_an_unknown_member_is_said_to_be(members: MemberService) -> None:
    with pytest.raises(MemberNotFound):
        await members.update("mbr_none", ProfileChange(display_name="A"), actor=ME)


async def test_a_replaced_card_still_finds_its_member(members: MemberService, amira: Member) -> None:
    old = amira["cards"][0]["number"]
    after = await members.replace_card(amira["_id"], reason="lost", actor="agent:idn_2")
    assert [card["status"] for card in after["cards"]] == ["replaced", "active"]
    new = after["cards"][1]["number"]
    for number in (old, new, f" {new[:4]} {new[4:8]} {new[8:12]} {new[12:]}"):
        found = await members.by_card_number(number)
        assert found is not None
        assert found["_id"] == amira["_id"]
    with pytest.raises(ReasonMissing):
        await members.replace_card(amira["_id"], reason=" ", actor="agent:idn_2")


async def test_cards_replaced_at_the_same_moment_leave_one_active(members: MemberService, amira: Member) -> None:
    await asyncio.gather(*(members.replace_card(amira["_id"], reason="lost", actor=ME) for _ in range(3)))
    after = await members.by_id(amira["_id"])
    assert after is not None
    assert [card["status"] for card in after["cards"]] == ["replaced"] * 3 + ["active"]


@given(st.integers(0, 15), st.integers(1, 9))
def test_a_mistyped_digit_is_noticed(place: int, by: int) -> None:
    number = cards.new_number()
    assert cards.read_number(number) == number
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert cards.read_number(wrong) is None


@pytest.mark.parametrize("text", ["", "2900", "٢٩٠٠٠٠٠٠٠٠٠٠٠٠٠٠", "29" + "0" * 40, "2900 0000 0000 000x"])
def test_what_is_no_card_number(text: str) -> None:
    assert cards.read_number(text) is None


async def test_a_changed_sign_in_address_reaches_the_member(members: MemberService, amira: Member) -> None:
    assert amira["identity_id"] is not None
    await members.follow_email(amira["identity_id"], "amira.new@example.org")
    await members.follow_email(amira["identity_id"], "amira.new@example.org")
    (found,) = (await members.search("amira.new@example.org", 5, None)).hits
    assert found.member["_id"] == amira["_id"]
    changed = [event for event in await members.events([amira["_id"]]) if event["title"] == "E-mail address changed"]
    assert len(changed) == 1
    await members.follow_email("idn_of_nobody", "nobody@example.org")
