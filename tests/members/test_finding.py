from datetime import datetime
from typing import Any

import pytest

from app.core.clock import MovableClock
from app.core.database import Database
from app.core.errors import InvalidInput
from app.members import MemberService
from app.members.models import ImportedMember, Member, SearchPage

PEOPLE = [
    ("Zoë", "Łukasiewicz"),
    ("Amira", "Haddad"),
    ("Amir", "Hadad"),
    ("José María", "Núñez"),
    ("محمد", "العلي"),
    ("小龍", "李"),
    ("Anna", "Smith"),
    ("Anna", "Smithson"),
    ("Jürgen", "Groß"),
]


@pytest.fixture
async def known(members: MemberService, clock: MovableClock) -> dict[str, Member]:
    return await members.import_members(
        [
            ImportedMember(given, given, family, clock.now(), None, f"person{n}@example.com", f"+1212555010{n}")
            if given != "Anna"
            else ImportedMember(family, given, family, clock.now(), None, f"anna.{family}@example.com")
            for n, (given, family) in enumerate(PEOPLE)
        ]
    )


def names(page: SearchPage) -> list[str]:
    return [hit.member["display_name"] for hit in page.hits]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("amir", ["Amir Hadad", "Amira Haddad"]),
        ("HADDAD", ["Amira Haddad"]),
        ("haddad amira", ["Amira Haddad"]),
        ("zoe luk", ["Zoë Łukasiewicz"]),
        ("nunez jose", ["José María Núñez"]),
        ("gross", ["Jürgen Groß"]),
        ("محم", ["محمد العلي"]),
        ("李", ["小龍 李"]),
        ("anna", ["Anna Smith", "Anna Smithson"]),
        ("ann smiths", ["Anna Smithson"]),
        ("mira", []),
        (".*", []),
        ("$where", []),
        ("", []),
        ("\x00", []),
        ("a\x00@", []),
        ("x" * 5000, []),
    ],
)
async def test_names_are_found_by_their_beginnings(members: MemberService, text: str, found: list[str]) -> None:
    page = await members.search(text)
    assert names(page) == found
    assert {hit.matched_on for hit in page.hits} <= {"NAME"}


async def test_contacts_and_numbers_are_found_in_any_writing(members: MemberService, known: dict[str, Member]) -> None:
    amira = known["Amira"]
    number = amira["cards"][0]["number"]
    for text, matched_on in (
        ("person1@example.com", "EMAIL"),
        (" PERSON1@Example.COM ", "EMAIL"),
        ("person1@", "EMAIL"),
        ("+1 212 555 0101", "PHONE"),
        ("(212) 555-0101", "PHONE"),
        ("212.555.0101", "PHONE"),
        (number, "CARD_NUMBER"),
        (f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}", "CARD_NUMBER"),
        (amira["_id"], "MEMBER_ID"),
    ):
        page = await members.search(text)
        assert [(hit.member["_id"], hit.matched_on) for hit in page.hits] == [(amira["_id"], matched_on)], text


@pytest.mark.usefixtures("known")
async def test_pages_follow_each_other_without_gaps(members: MemberService) -> None:
    everybody = [name for word in ("a",) for name in names(await members.search(word))]
    seen: list[str] = []
    after = None
    while True:
        page = await members.search("a", first=1, after=after)
        seen += names(page)
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert seen == everybody == ["Amir Hadad", "Amira Haddad", "Anna Smith", "Anna Smithson"]


@pytest.mark.parametrize("after", ["", "x", "bnVsbA==", "W1tbW1tb", "WzEsMl0=", "\ud800", "e30=", "A" * 5000])
async def test_a_cursor_that_is_none_is_refused(members: MemberService, after: str) -> None:
    if not after:
        return
    with pytest.raises(InvalidInput) as refused:
        await members.search("anna", after=after)
    assert refused.value.field == ("after",)


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_page_sizes_have_bounds(members: MemberService, first: int) -> None:
    with pytest.raises(InvalidInput):
        await members.search("anna", first=first)


async def test_a_merged_member_leads_to_the_remaining_one(members: MemberService, known: dict[str, Member]) -> None:
    smith, amira = known["Smith"], known["Amira"]
    await members.merge(amira["_id"], smith["_id"], actor="agent:1", reason="same", idempotency_key="k")
    by_name = (await members.search("anna")).hits
    assert [(hit.member["_id"], hit.alias_id) for hit in by_name] == [
        (amira["_id"], smith["_id"]),
        (known["Smithson"]["_id"], None),
    ]
    by_mail = (await members.search("anna.smith@example.com")).hits
    assert [(hit.member["_id"], hit.alias_id) for hit in by_mail] == [(amira["_id"], smith["_id"])]


async def test_somebody_found_by_both_names_comes_once(members: MemberService, known: dict[str, Member]) -> None:
    await members.merge(
        known["Smith"]["_id"], known["Smithson"]["_id"], actor="agent:1", reason="same", idempotency_key="k"
    )
    hits = (await members.search("anna smith")).hits
    assert [(hit.member["_id"], hit.alias_id) for hit in hits] == [(known["Smith"]["_id"], None)]


async def test_no_search_reads_a_whole_collection(
    members: MemberService, known: dict[str, Member], database: Database
) -> None:
    await database.command("profile", 2)
    cards = known["Amira"]["cards"][0]["number"]
    for text in ("anna smith", "a", "person1@example.com", "212 555 0101", cards, known["Amira"]["_id"]):
        await members.search(text)
        await members.search(text, after=(await members.search("anna")).cursors[0])
    await members.by_identity("idn_1")
    await members.adopt("idn_1", "nobody@example.com")
    await members.aliases(known["Amira"]["_id"])
    await members.count(datetime.fromtimestamp(0, tz=known["Amira"]["joined_at"].tzinfo))
    await members.events([known["Amira"]["_id"]])
    await members.settle_merges()
    await database.command("profile", 0)
    queries: list[dict[str, Any]] = await database["system.profile"].find({"ns": {"$regex": "member"}}).to_list()
    assert len(queries) > 20
    scans = [query["command"] for query in queries if "COLLSCAN" in query.get("planSummary", "")]
    assert scans == []
