"""Taking over members of an earlier system, in bulk and repeatably."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.core.clock import Clock
from app.members import cards, profile
from app.members.contacts import normal_email, normal_phone
from app.members.documents import new_event, new_member
from app.members.errors import JoinedInFuture, LegacyNumberRefused, MemberBusy
from app.members.models import ImportedMember, Member, MemberEvent
from app.members.repository import MemberRepository
from app.programme import ProgrammeService
from app.programme.models import Programme

_ATTEMPTS = 5


class Importer:
    """Stores members whose `source` is not known yet. Their contacts count as proved by the system they come from."""

    def __init__(self, repository: MemberRepository, clock: Clock, programmes: ProgrammeService) -> None:
        self._repository = repository
        self._clock = clock
        self._programmes = programmes

    async def run(self, members: Sequence[ImportedMember]) -> dict[str, Member]:
        """The members by source, old and new. Raises InvalidInput before anything is stored."""
        programme = await self._programmes.current()
        sources = [member.source for member in members]
        await self._check_legacy_numbers(members)
        documents = {member.source: self._document(member, programme) for member in members}
        for _ in range(_ATTEMPTS):
            known = {member["source"]: member for member in await self._repository.by_sources(sources)}
            missing = [documents[source] for source in sources if source not in known]
            if not missing:
                return known
            refused = set(await self._repository.insert_many(missing))
            stored = [member for member in missing if member["_id"] not in refused]
            await self._repository.add_events([_joined(member) for member in stored])
            # A refused one was stored by somebody else meanwhile, or drew a card number that is taken: draw again.
            again = {member.source: member for member in members if documents[member.source]["_id"] in refused}
            documents |= {source: self._document(member, programme) for source, member in again.items()}
        raise MemberBusy

    async def _check_legacy_numbers(self, members: Sequence[ImportedMember]) -> None:
        """Refuse a number that is none, or that somebody else has."""
        owners: dict[str, str] = {}
        for member in members:
            for number in member.legacy_numbers:
                digits = cards.read_legacy_number(number)
                if digits is None:
                    raise LegacyNumberRefused(member.source, number, "is no EAN-13 for use inside a company")
                if owners.setdefault(digits, member.source) != member.source:
                    raise LegacyNumberRefused(member.source, number, "belongs to somebody else")
        known = await self._repository.by_legacy_numbers(list(owners)) if owners else []
        for owner in known:
            for number in owner.get("legacy_numbers", ()):
                if number in owners and owners[number] != owner.get("source"):
                    raise LegacyNumberRefused(owners[number], number, "belongs to somebody else")

    def _document(self, member: ImportedMember, programme: Programme) -> Member:
        now = self._clock.now()
        if member.joined_at > now:
            raise JoinedInFuture(member.source, member.joined_at)
        given = profile.checked_name("given_name", member.given_name)
        family = profile.checked_name("family_name", member.family_name)
        document = new_member(
            programme["_id"],
            display_name=profile.checked_name("display_name", f"{given} {family}"),
            given_name=given,
            family_name=family,
            language=profile.checked_language(member.language or programme["languages"][0], programme),
            joined_at=member.joined_at,
            issued_at=member.joined_at,
            store_id=member.joined_store,
        )
        document["source"] = member.source
        if member.legacy_numbers:
            read = (cards.read_legacy_number(number) for number in member.legacy_numbers)
            document["legacy_numbers"] = sorted({number for number in read if number})
        document["birthday"] = profile.checked_birthday(
            member.birthday, now.astimezone(ZoneInfo(programme["zone"])).date()
        )
        if member.email is not None:
            document["email"], document["email_verified"] = normal_email(member.email), True
        if member.phone is not None:
            document["phone"] = normal_phone(member.phone, programme["region"])
            document["phone_verified"] = True
        return document


def _joined(member: Member) -> MemberEvent:
    return new_event(member["_id"], "JOINED", member["joined_at"], "Joined the programme", None, "system:import")
