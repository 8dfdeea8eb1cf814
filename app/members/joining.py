"""Becoming a member: joining, enrolment at the till, and claiming what the till enrolled."""

import hashlib
import json
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.asynchronous.client_session import AsyncClientSession

from app.core.clock import Clock
from app.core.errors import InvalidInput
from app.members import claims, profile
from app.members.contacts import normal_email, normal_phone
from app.members.documents import new_card, new_event, new_member
from app.members.errors import AlreadyMember, ClaimCodeUnknown, EnrolmentKeyReused, MemberBusy, TermsNotAccepted
from app.members.finding import Finder
from app.members.merging import Merger, operation_of
from app.members.models import Enrolling, Enrolment, EventKind, Joining, Member
from app.members.repository import MemberRepository, Taken
from app.programme import ProgrammeService

_ATTEMPTS = 5
_LONGEST_KEY = 200


class Joiner:
    """Makes members of identities, and of people at the till who have none yet."""

    def __init__(
        self,
        repository: MemberRepository,
        clock: Clock,
        programmes: ProgrammeService,
        finder: Finder,
        merger: Merger,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._programmes = programmes
        self._finder = finder
        self._merger = merger

    async def join(self, identity_id: str, joining: Joining) -> Member:
        """See MemberService.join."""
        if not joining.accept_terms:
            raise TermsNotAccepted
        programme = await self._programmes.current()
        name = profile.checked_name("display_name", joining.display_name)
        address = normal_email(joining.email)
        spoken = profile.checked_language(joining.language or programme["languages"][0], programme)
        born = profile.checked_birthday(
            joining.birthday, self._clock.now().astimezone(ZoneInfo(programme["zone"])).date()
        )
        if joining.claim_code:
            return await self.claim(identity_id, joining.claim_code, email=address, display_name=name)
        known = await self._by_identity(identity_id) or await self.adopt(identity_id, address, display_name=name)
        if known is not None:
            return known
        now = self._clock.now()
        member = new_member(programme["_id"], display_name=name, language=spoken, joined_at=now, issued_at=now)
        member.update(
            {
                "identity_id": identity_id,
                "email": address,
                "email_verified": True,
                "birthday": born,
                "terms_accepted_at": now,
            }
        )
        stored = await self._insert(member, unless=("identity_id", identity_id))
        if stored is member:
            await self._tell(member, "JOINED", "Joined the programme", f"member:{member['_id']}")
        return stored

    async def adopt(self, identity_id: str, email: str, *, display_name: str | None = None) -> Member | None:
        """Give an identity the member that has its proved address and that nobody signs in as; None when there is none.

        An enrolment at the till is thereby claimed: its unproved contacts are dropped, and `display_name` replaces what
        the cashier typed.
        """
        address = normal_email(email)
        found = await self._repository.unlinked_by_email(address)
        if found is None:
            return None
        return await self._link(found, identity_id, address, display_name) or await self._by_identity(identity_id)

    async def enrol_at_till(self, enrolling: Enrolling) -> Enrolment:
        """See MemberService.enrol_at_till."""
        if not 0 < len(enrolling.idempotency_key) <= _LONGEST_KEY:
            raise InvalidInput(("idempotency_key",), f"A key has 1 to {_LONGEST_KEY} characters.")
        programme = await self._programmes.current()
        name = profile.checked_optional_name("display_name", enrolling.display_name)
        email_address = normal_email(enrolling.email) if enrolling.email and enrolling.email.strip() else None
        written = enrolling.phone
        phone_number = normal_phone(written, programme["region"]) if written and written.strip() else None
        key = f"{enrolling.till_id}|{enrolling.idempotency_key}"
        digest = hashlib.sha256(json.dumps([name, email_address, phone_number]).encode()).hexdigest()
        known = await self._repository.by_enrolment_key(key)
        if known is None:
            for kind, value in (("email", email_address), ("phone", phone_number)):
                if value and await self._repository.proved_holder(kind, value):
                    raise AlreadyMember(kind)
            now = self._clock.now()
            member = new_member(
                programme["_id"],
                display_name=name,
                language=programme["languages"][0],
                joined_at=now,
                issued_at=now,
                store_id=enrolling.store_id,
            )
            member.update(
                {
                    "status": "unclaimed",
                    "email": email_address,
                    "phone": phone_number,
                    "enrolment_key": key,
                    "enrolment_digest": digest,
                }
            )
            known = await self._insert(member, unless=("enrolment_key", key))
            if known is member:
                await self._tell(known, "ENROLLED", "Enrolled at the till", f"till:{enrolling.till_id}")
        if known.get("enrolment_digest") != digest:
            raise EnrolmentKeyReused
        return await self._with_claim_code(known)

    async def claim(self, identity_id: str, claim_code: str, *, email: str, display_name: str | None = None) -> Member:
        """Make the enrolled member of this code the identity's own; a member that it has already takes the points over.

        Raises ClaimCodeUnknown for a wrong, used or ended code; the same identity may repeat its own claim.
        """
        digest = claims.hashed(claim_code)
        claim = await self._repository.claim(digest) if digest else None
        enrolled = await self._repository.by_id(claim["member_id"]) if claim else None
        if claim is None or enrolled is None:
            raise ClaimCodeUnknown
        own = await self._by_identity(identity_id)
        if own is not None and own["_id"] in {enrolled["_id"], enrolled["merged_into"]}:
            return own
        now = self._clock.now()
        if claim["used_at"] is not None or claim["expires_at"] <= now or enrolled["status"] != "unclaimed":
            raise ClaimCodeUnknown
        linked = None if own else await self._link(enrolled, identity_id, normal_email(email), display_name)
        if linked is None:
            own = own or await self._by_identity(identity_id)
            if own is None:
                raise ClaimCodeUnknown
            await self._merger.merge(
                own["_id"],
                enrolled["_id"],
                actor=f"member:{own['_id']}",
                reason="Claimed with the code from the till",
                operation=operation_of("merge", f"member:{own['_id']}", claim["_id"]),
                allow=_still_unclaimed,
            )
            await self._repository.use_claims(enrolled["_id"], now)
        return linked or await self._finder.survivor(own or enrolled) or enrolled

    async def _insert(self, member: Member, *, unless: tuple[str, str]) -> Member:
        """Store a new member, or return the one that holds the unique field `unless` already."""
        field, value = unless
        for _ in range(_ATTEMPTS):
            try:
                await self._repository.insert(member)
            except Taken as taken:
                if taken.key != field:
                    member["cards"] = [new_card(self._clock.now())]
                    continue
                return await self._holder(field, value)
            return member
        raise MemberBusy

    async def _by_identity(self, identity_id: str) -> Member | None:
        return await self._finder.survivor(await self._repository.by_identity(identity_id))

    async def _holder(self, field: str, value: str) -> Member:
        find = self._by_identity if field == "identity_id" else self._repository.by_enrolment_key
        member = await find(value)
        if member is None:
            raise MemberBusy
        return member

    async def _link(self, member: Member, identity_id: str, email: str, display_name: str | None) -> Member | None:
        """Bind an identity to a member that has none; None when somebody, or this identity elsewhere, was faster."""
        values: dict[str, Any] = {
            "identity_id": identity_id,
            "status": "active",
            "email": email,
            "email_verified": True,
            "terms_accepted_at": self._clock.now(),
        }
        if not member["phone_verified"]:
            values["phone"] = None
        if display_name is not None and member["status"] == "unclaimed":
            names = (display_name, member["given_name"], member["family_name"])
            values |= {
                "display_name": display_name,
                "name_key": profile.name_key(display_name),
                "words": profile.name_words(*names),
            }
        expected = {"identity_id": None, "status": member["status"]}
        try:
            linked = await self._repository.change(member["_id"], expected, values)
        except Taken:
            return None
        if linked is not None:
            await self._repository.use_claims(linked["_id"], self._clock.now())
            await self._tell(linked, "CLAIMED", "Membership claimed", f"member:{linked['_id']}")
        return linked

    async def _with_claim_code(self, member: Member) -> Enrolment:
        code = claims.new_code()
        digest = claims.hashed(code)
        if digest is None:
            raise AssertionError("a new code reads as a code")
        expires_at = self._clock.now() + claims.LIFETIME
        await self._repository.add_claim(
            {"_id": digest, "member_id": member["_id"], "expires_at": expires_at, "used_at": None}
        )
        return Enrolment(member, code, expires_at)

    async def _tell(self, member: Member, kind: EventKind, title: str, actor: str) -> None:
        await self._repository.add_event(new_event(member["_id"], kind, self._clock.now(), title, None, actor))


async def _still_unclaimed(_session: AsyncClientSession, _own: Member, enrolled: Member) -> None:
    """Somebody else may have claimed it a moment ago."""
    if enrolled["status"] != "unclaimed":
        raise ClaimCodeUnknown
