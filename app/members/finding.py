"""Finding members by whatever an agent or a cashier has at hand."""

import re
from typing import Any

from app.core.cursors import cursor_of
from app.core.errors import InvalidInput
from app.core.text import starts_with, words
from app.members import cards
from app.members.contacts import parse_phone
from app.members.models import MatchedOn, Member, SearchHit, SearchPage
from app.members.repository import MemberRepository
from app.programme import ProgrammeService

_MEMBER_ID = re.compile(r"mbr_[0-9a-f]{24}")
_NUMBER = re.compile(r"[\d\s()+./-]*")
_FEWEST_DIGITS = 5
_LONGEST_TEXT = 200
_MOST_WORDS = 6
_MOST_HITS = 100
_LONGEST_CHAIN = 20


class Finder:
    """Looks members up and searches them; answers with the remaining member where one was merged."""

    def __init__(self, repository: MemberRepository, programmes: ProgrammeService) -> None:
        self._repository = repository
        self._programmes = programmes

    async def by_card_number(self, number: str) -> Member | None:
        """The member of a card number with or without spaces, or of one of an earlier system's."""
        if digits := cards.read_number(number):
            return await self.survivor(await self._repository.by_card_number(digits))
        if legacy := cards.read_legacy_number(number):
            return await self.survivor(await self._repository.by_legacy_number(legacy))
        return None

    async def survivor(self, member: Member | None) -> Member | None:
        """Whom a member was merged into, if it was."""
        for _ in range(_LONGEST_CHAIN):
            if member is None or member["merged_into"] is None:
                break
            member = await self._repository.by_id(member["merged_into"])
        return member

    async def aliases(self, member_id: str) -> list[str]:
        """Ids of all members merged into this one."""
        found: list[str] = []
        newest = [member_id]
        while newest:
            newest = [alias for alias in await self._repository.merged_into(newest) if alias not in found]
            found += newest
        return found

    async def search(self, text: str, first: int, after: str | None) -> SearchPage:
        """A page of hits in order of (name, id)."""
        if not 1 <= first <= _MOST_HITS:
            raise InvalidInput(("first",), f"Ask for 1 to {_MOST_HITS} at a time.")
        asked = await self._read(text)
        if asked is None:
            return SearchPage()
        matched_on, condition = asked
        members = await self._repository.matching(condition, after, first + 1)
        page = members[:first]
        hits: dict[str, tuple[SearchHit, str]] = {}
        for member in page:
            remaining = await self.survivor(member) or member
            if remaining is not member and _also_matches(remaining, matched_on, text):
                continue
            alias = None if remaining is member else member["_id"]
            hits.setdefault(
                remaining["_id"],
                (SearchHit(remaining, matched_on, alias), cursor_of(member["name_key"], member["_id"])),
            )
        return SearchPage(
            hits=[hit for hit, _ in hits.values()],
            cursors=[cursor for _, cursor in hits.values()],
            has_next=len(members) > first,
        )

    async def _read(self, text: str) -> tuple[MatchedOn, dict[str, Any]] | None:
        """What the text is, and the condition that finds it; None when it can find nobody."""
        written = " ".join(text.split())
        if len(written) > _LONGEST_TEXT or not written.isprintable():
            return None
        if _MEMBER_ID.fullmatch(written):
            return "MEMBER_ID", {"_id": written}
        if "@" in written:
            # "$gt" tells the planner that the partial index will do.
            return "EMAIL", {"email": {**starts_with(written.lower()), "$gt": ""}}
        if _NUMBER.fullmatch(written) and sum(map(str.isdigit, written)) >= _FEWEST_DIGITS:
            return await self._read_number(written)
        wanted = sorted(words(written)[:_MOST_WORDS], key=len, reverse=True)
        return ("NAME", {"$and": [{"words": starts_with(word)} for word in wanted]}) if wanted else None

    async def _read_number(self, written: str) -> tuple[MatchedOn, dict[str, Any]] | None:
        if digits := cards.read_number(written):
            return "CARD_NUMBER", {"cards.number": digits}
        if legacy := cards.read_legacy_number(written):
            return "CARD_NUMBER", {"legacy_numbers": legacy}
        programme = await self._programmes.current()
        phone = parse_phone(written, programme["region"])
        return ("PHONE", {"phone": phone}) if phone else None


def _also_matches(member: Member, matched_on: MatchedOn, text: str) -> bool:
    """Whether a name search finds the remaining member in its own place, so that its alias need not stand in."""
    return matched_on == "NAME" and all(
        any(own.startswith(word) for own in member["words"]) for word in words(text)[:_MOST_WORDS]
    )
