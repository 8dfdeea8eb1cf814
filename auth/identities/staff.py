"""People of the staff: identities with roles, invited by e-mail address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.core.clock import Clock
from app.core.errors import InvalidInput
from app.core.ids import new_id
from auth.events.service import SecurityEvents
from auth.grants.service import GrantService
from auth.identities.errors import (
    AddressOfMember,
    AlreadyStaff,
    MethodTaken,
    NotYourself,
    UnknownRoles,
    UnknownStaff,
)
from auth.identities.models import IdentityDocument, MethodDocument
from auth.identities.repository import IdentityRepository
from auth.identities.service import normalise_email
from auth.scopes import ROLE_SCOPES, scopes_of_roles
from auth.sessions.service import SessionService
from auth.web import Peer

_LONGEST_NAME = 100
StaffStatus = Literal["active", "invited", "disabled"]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody of the staff as the console lists them; `invited` is who never signed in yet."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]
    status: StaffStatus
    methods: tuple[MethodDocument, ...]


class StaffService:
    """Adds staff, changes their roles, and takes their ways to sign in, or everything, away.

    `actor` is who does it, as in `agent:idn_…`: nobody does any of this to themselves, so that the last admin can
    neither be locked out by a slip nor by a stolen session.
    """

    def __init__(
        self,
        repository: IdentityRepository,
        sessions: SessionService,
        grants: GrantService,
        events: SecurityEvents,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._sessions = sessions
        self._grants = grants
        self._events = events
        self._clock = clock

    async def add(
        self, email: str, name: str, roles: list[str], *, actor: str = "system:cli", peer: Peer | None = None
    ) -> StaffMember:
        """Invite somebody; they sign in with a code sent to the address.

        Raises BadAddress, UnknownRoles, InvalidInput (name), AlreadyStaff, AddressOfMember.
        """
        address = normalise_email(email)
        chosen = _known(roles)
        if not name.strip() or len(name) > _LONGEST_NAME:
            raise InvalidInput(("name",), f"Enter a name of at most {_LONGEST_NAME} characters.")
        now = self._clock.now()
        identity: IdentityDocument = {
            "_id": new_id("idn"),
            "status": "active",
            "merged_into": None,
            "roles": chosen,
            "name": name.strip(),
            "created_at": now,
        }
        invitation: MethodDocument = {
            "_id": new_id("mtd"),
            "identity_id": identity["_id"],
            "type": "email",
            "key": address,
            "label": address,
            "created_at": now,
            "verified_at": None,
            "last_used_at": None,
            "invited": True,
        }
        await self._repository.add_identity(identity)
        try:
            await self._repository.add_method(invitation)
        except MethodTaken:
            await self._repository.drop_identity(identity["_id"])
            raise await self._taken(address) from None
        await self._events.record(identity["_id"], "roles_changed", actor=actor, peer=peer, roles=", ".join(chosen))
        return _listed(identity, [invitation])

    async def set_roles(
        self, identity_id: str, roles: list[str], *, actor: str, peer: Peer | None = None
    ) -> StaffMember:
        """Replace somebody's roles. Raises UnknownStaff, UnknownRoles, NotYourself.

        What is taken away is gone at the next request of an open session; whoever gains anything signs in again, so
        that no session from before carries it.
        """
        chosen = _known(roles)
        person = await self.other(identity_id, actor)
        if person["roles"] != chosen:
            await self._repository.update_identity(identity_id, {"roles": chosen})
            await self._sessions.set_roles(identity_id, chosen)
            await self._events.record(identity_id, "roles_changed", actor=actor, peer=peer, roles=", ".join(chosen))
            if scopes_of_roles(chosen) - scopes_of_roles(person["roles"]):
                await self._sessions.end_all(identity_id, actor=actor, peer=peer)
        return await self.person(identity_id)

    async def disable(self, identity_id: str, reason: str, *, actor: str, peer: Peer | None = None) -> StaffMember:
        """Sign somebody out everywhere and refuse every sign-in from now on. Raises UnknownStaff, NotYourself."""
        await self.other(identity_id, actor)
        await self._repository.update_identity(identity_id, {"status": "disabled"})
        await self._sessions.end_all(identity_id, actor=actor, peer=peer)
        await self._grants.revoke({"identity_id": identity_id}, "staff_disabled")
        await self._events.record(identity_id, "staff_disabled", actor=actor, peer=peer, reason=reason)
        return await self.person(identity_id)

    async def enable(self, identity_id: str, *, actor: str, peer: Peer | None = None) -> StaffMember:
        """Let somebody who was disabled sign in again. Raises UnknownStaff, NotYourself."""
        await self.other(identity_id, actor)
        await self._repository.update_identity(identity_id, {"status": "active"})
        await self._events.record(identity_id, "staff_enabled", actor=actor, peer=peer)
        return await self.person(identity_id)

    async def everybody(self) -> list[StaffMember]:
        """Everybody of the staff, by name."""
        people = await self._repository.staff()
        methods = await self._repository.methods_of_all([person["_id"] for person in people])
        listed = [_listed(person, methods.get(person["_id"], ())) for person in people]
        return sorted(listed, key=lambda person: person.name.casefold())

    async def by_email(self, email: str) -> StaffMember:
        """The member of the staff with this address. Raises BadAddress, UnknownStaff."""
        method = await self._repository.method("email", normalise_email(email))
        if method is None:
            raise UnknownStaff
        return await self.person(method["identity_id"])

    async def other(self, identity_id: str, actor: str) -> IdentityDocument:
        """Somebody of the staff whom `actor` may change. Raises UnknownStaff, NotYourself."""
        if actor == f"agent:{identity_id}":
            raise NotYourself
        identity = await self._repository.identity(identity_id)
        if identity is None or not identity["roles"]:
            raise UnknownStaff
        return identity

    async def person(self, identity_id: str) -> StaffMember:
        """Somebody of the staff. Raises UnknownStaff."""
        identity = await self._repository.identity(identity_id)
        if identity is None or not identity["roles"]:
            raise UnknownStaff
        return _listed(identity, await self._repository.methods_of(identity_id))

    async def _taken(self, address: str) -> AlreadyStaff | AddressOfMember:
        method = await self._repository.method("email", address)
        owner = await self._repository.identity(method["identity_id"]) if method else None
        return AlreadyStaff(address) if owner and owner["roles"] else AddressOfMember(address)


def _listed(person: IdentityDocument, methods: Sequence[MethodDocument]) -> StaffMember:
    email = next((method["key"] for method in methods if method["type"] == "email"), "")
    proved = any(method["verified_at"] for method in methods)
    status: StaffStatus = "disabled" if person["status"] != "active" else "active" if proved else "invited"
    return StaffMember(person["_id"], person["name"] or "", email, tuple(person["roles"]), status, tuple(methods))


def _known(roles: list[str]) -> list[str]:
    unknown = set(roles) - set(ROLE_SCOPES)
    if unknown or not roles:
        raise UnknownRoles(unknown, ROLE_SCOPES)
    return sorted(set(roles))
