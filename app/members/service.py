"""Members: joining, enrolment, claiming, profiles, cards and merging. Finding them is in finding.py."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core.clock import Clock
from app.core.database import Database
from app.core.jobs import Job
from app.ledger.service import Ledger
from app.members import profile
from app.members.documents import new_card, new_event
from app.members.errors import MemberBusy, MemberNotFound
from app.members.finding import Finder
from app.members.importing import Importer
from app.members.joining import Joiner
from app.members.merging import Follow, Merger
from app.members.models import (
    KEEP,
    Card,
    Enrolling,
    Enrolment,
    ImportedMember,
    Joining,
    Member,
    MemberEvent,
    MergeOutcome,
    MergeRequest,
    ProfileChange,
    SearchPage,
)
from app.members.repository import MemberRepository, Taken
from app.members.seconding import MergeSeconding
from app.programme import ProgrammeService

_ATTEMPTS = 5
_SETTLE_EVERY = timedelta(seconds=20)


class MemberService:
    """What can be done with members.

    `by_identity`, `by_card_number` and `search` answer with the remaining member when the one found was merged;
    `by_id` and `by_ids` answer with exactly what was asked for.
    """

    def __init__(self, database: Database, clock: Clock, programmes: ProgrammeService, ledger: Ledger) -> None:
        self._repository = MemberRepository(database)
        self._clock = clock
        self._programmes = programmes
        self._finder = Finder(self._repository, programmes)
        self._merger = Merger(self._repository, clock, ledger)
        self._seconding = MergeSeconding(self._repository, clock, self._merger)
        self._joiner = Joiner(self._repository, clock, programmes, self._finder, self._merger)
        self._importer = Importer(self._repository, clock, programmes)

    # Reading

    async def by_id(self, member_id: str) -> Member | None:
        """The member with this id, merged or not."""
        return await self._repository.by_id(member_id)

    async def by_ids(self, member_ids: Sequence[str]) -> dict[str, Member]:
        """Members by id, merged or not; unknown ids are left out."""
        return await self._repository.by_ids(member_ids)

    async def by_identity(self, identity_id: str) -> Member | None:
        """The member that this identity is; None before it joined."""
        return await self._finder.survivor(await self._repository.by_identity(identity_id))

    async def by_card_number(self, number: str) -> Member | None:
        """The member of a card number, however it is written; replaced numbers find their member too."""
        return await self._finder.by_card_number(number)

    async def survivor(self, member: Member) -> Member:
        """The member itself, or whom it was merged into."""
        return await self._finder.survivor(member) or member

    async def aliases(self, member_id: str) -> list[str]:
        """Ids of all members merged into this one, directly or by way of others."""
        return await self._finder.aliases(member_id)

    async def search(self, text: str, first: int = 20, after: str | None = None) -> SearchPage:
        """Find by name, e-mail, telephone, card number or member id, in order of name. `first` is 1 to 100.

        Raises InvalidInput for a cursor that is none, or `first` out of range.
        """
        return await self._finder.search(text, first, after)

    async def count(self, joined_since: datetime | None = None) -> int:
        """How many members there are, or have joined since an instant."""
        return await self._repository.count(joined_since)

    async def events(
        self, member_ids: Sequence[str], *, before: datetime | None = None, first: int = 50
    ) -> list[MemberEvent]:
        """What happened to these members' profiles, newest first."""
        return await self._repository.events(member_ids, before, first)

    # Joining

    async def join(self, identity_id: str, joining: Joining) -> Member:
        """Make this identity a member; joining twice gives the same member.

        A claim code, or an enrolment or imported membership with the proved address, makes the identity that member.
        Raises TermsNotAccepted, ClaimCodeUnknown and InvalidInput.
        """
        return await self._joiner.join(identity_id, joining)

    async def adopt(self, identity_id: str, email: str) -> Member | None:
        """Give an identity the member with its proved address that nobody signs in as; None when there is none."""
        return await self._joiner.adopt(identity_id, email)

    async def enrol_at_till(self, enrolling: Enrolling) -> Enrolment:
        """Enrol somebody who is not signed in: earns at once, redeems after claiming.

        A repeated call gives the same member and another good code, as the first may never have been printed.
        Raises AlreadyMember when the holder of a contact proved it, and InvalidInput.
        """
        return await self._joiner.enrol_at_till(enrolling)

    async def claim(self, identity_id: str, claim_code: str, *, email: str, display_name: str | None = None) -> Member:
        """Make the enrolled member of this code the identity's own; a member that it has already takes the points over.

        Raises ClaimCodeUnknown for a wrong, used or ended code; the same identity may repeat its own claim.
        """
        return await self._joiner.claim(identity_id, claim_code, email=email, display_name=display_name)

    async def import_members(self, members: Sequence[ImportedMember]) -> dict[str, Member]:
        """Take over members of an earlier system; returns them by source. Repeating changes nothing."""
        return await self._importer.run(members)

    # Profile and card

    async def follow_email(self, identity_id: str, email: str) -> None:
        """Take over the address that an identity proved; does nothing for an identity without a member."""
        member = await self._repository.by_identity(identity_id)
        if member is None or member["email"] == email:
            return
        await self._repository.change(
            member["_id"], {"email": member["email"]}, {"email": email, "email_verified": True}
        )
        await self._repository.add_event(
            new_event(
                member["_id"],
                "PROFILE",
                self._clock.now(),
                "E-mail address changed",
                None,
                f"member:{member['_id']}",
            )
        )

    async def update(self, member_id: str, change: ProfileChange, *, actor: str) -> Member:
        """Change a profile. Raises MemberNotFound, and InvalidInput that names the field."""
        programme = await self._programmes.current()
        values: dict[str, Any] = {}
        if change.display_name is not KEEP:
            values["display_name"] = profile.checked_name("display_name", change.display_name)
            values["name_key"] = profile.name_key(values["display_name"])
        if change.given_name is not KEEP:
            values["given_name"] = profile.checked_optional_name("given_name", change.given_name)
        if change.family_name is not KEEP:
            values["family_name"] = profile.checked_optional_name("family_name", change.family_name)
        if change.language is not KEEP:
            values["language"] = profile.checked_language(change.language, programme)
        if change.birthday is not KEEP:
            values["birthday"] = profile.checked_birthday(change.birthday, await self._today())
        for _ in range(_ATTEMPTS):
            before = await self._found(member_id)
            changed = [name for name in values if before.get(name) != values[name]]
            if not changed:
                return before
            names = {name: before[name] for name in ("display_name", "given_name", "family_name")}
            found_by = profile.name_words(*({**names, **values}[name] for name in names))
            after = await self._repository.change(member_id, names, {**values, "words": found_by})
            if after is not None:
                told = ", ".join(name.replace("_", " ") for name in changed if name != "name_key")
                await self._repository.add_event(
                    new_event(member_id, "PROFILE", self._clock.now(), "Profile changed", told, actor)
                )
                return after
        raise MemberBusy

    async def replace_card(self, member_id: str, *, reason: str, actor: str) -> Member:
        """Give a new card number; the old one is refused from now on and never given out again."""
        tidy = profile.checked_reason(reason)
        for _ in range(_ATTEMPTS):
            member = await self._found(member_id)
            replaced: list[Card] = [
                {**card, "status": "replaced"} if card["status"] == "active" else card for card in member["cards"]
            ]
            card = new_card(self._clock.now())
            if any(card["number"] == old["number"] for old in replaced):
                # The unique index compares members with each other only.
                continue
            try:
                after = await self._repository.set_cards(member_id, member["cards"], [*replaced, card])
            except Taken:
                continue
            if after is not None:
                await self._repository.add_event(
                    new_event(member_id, "CARD", self._clock.now(), "Card replaced", tidy, actor)
                )
                return after
        raise MemberBusy

    # Merging

    async def merge(
        self, survivor_id: str, merged_id: str, *, actor: str, reason: str, idempotency_key: str
    ) -> MergeOutcome:
        """Merge two members; the merged one stays as an alias with its contacts and cards.

        Where somebody signs in as each of them, it is left as a request for a second person, and nothing is changed.
        Raises SameMember, MemberNotFound, AlreadyMerged, MemberClosed, SurvivorUnclaimed, MergeKeyReused, MergeAsked,
        ReasonMissing.
        """
        tidy = profile.checked_reason(reason)
        merged, request = await self._seconding.merge(
            survivor_id, merged_id, actor=actor, reason=tidy, key=idempotency_key
        )
        return MergeOutcome(await self._found(survivor_id), merged or await self._found(merged_id), request)

    async def approve_merge(self, request_id: str, *, actor: str) -> MergeOutcome:
        """Merge as somebody else asked; approving again gives the same.

        Raises MergeRequestNotFound, SecondPersonNeeded, MergeRequestDecided, MergeRequestExpired, and as `merge`.
        """
        request, merged = await self._seconding.approve(request_id, actor=actor)
        return MergeOutcome(await self._found(request["survivor_id"]), merged, request)

    async def decline_merge(self, request_id: str, *, actor: str, reason: str) -> MergeRequest:
        """Leave the two apart; whoever asked withdraws the request so.

        Raises MergeRequestNotFound, MergeRequestDecided, MergeRequestExpired, ReasonMissing.
        """
        return await self._seconding.decline(request_id, actor=actor, reason=profile.checked_reason(reason))

    async def merge_requests(
        self, *, member_id: str | None = None, after: tuple[datetime, str] | None = None, first: int = 20
    ) -> list[MergeRequest]:
        """Merges that wait for a second person, the longest waiting first, after (expires at, id) of one."""
        return await self._seconding.waiting(member_id, after, first)

    async def merge_request_count(self) -> int:
        """How many merges wait for a second person."""
        return await self._seconding.count()

    async def unmerge(self, merged_id: str, *, actor: str, reason: str, idempotency_key: str) -> tuple[Member, Member]:
        """Undo a merge, also when points were spent since; returns (survivor, the one set free).

        Raises MemberNotFound, NotMerged, AlreadyMerged (the survivor was merged on: undo that first), ReasonMissing.
        """
        tidy = profile.checked_reason(reason)
        freed = await self._merger.unmerge(merged_id, actor=actor, reason=tidy, key=idempotency_key)
        return await self._found(freed["merge"]["survivor_id"]), freed

    def on_merge(self, joined: Follow, parted: Follow) -> None:
        """Have what depends on who a member is follow each merge, and each undoing; what fails is tried again."""
        self._merger.on_change(joined, parted)

    def jobs(self) -> list[Job]:
        """What must run every so often: finishing merges that a crash left half-way."""
        return [Job("members-merges", _SETTLE_EVERY, self.settle_merges)]

    async def settle_merges(self) -> int:
        """Finish merges that a crash left half-way; returns how many."""
        return await self._merger.settle()

    # Inside

    async def _found(self, member_id: str) -> Member:
        member = await self._repository.by_id(member_id)
        if member is None:
            raise MemberNotFound(member_id)
        return member

    async def _today(self) -> date:
        programme = await self._programmes.current()
        return self._clock.now().astimezone(ZoneInfo(programme["zone"])).date()
