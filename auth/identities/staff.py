"""People of the staff: identities with roles, invited by e-mail address."""

from dataclasses import dataclass

from app.core.clock import Clock
from app.core.errors import InvalidInput
from app.core.ids import new_id
from auth.events.service import SecurityEvents
from auth.identities.errors import AddressOfMember, AlreadyStaff, MethodTaken, UnknownIdentity, UnknownRoles
from auth.identities.models import IdentityDocument
from auth.identities.repository import IdentityRepository
from auth.identities.service import normalise_email
from auth.scopes import ROLE_SCOPES
from auth.sessions.service import SessionService

_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody of the staff as the console lists them."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]


class StaffService:
    """Adds staff and changes their roles."""

    def __init__(
        self, repository: IdentityRepository, sessions: SessionService, events: SecurityEvents, clock: Clock
    ) -> None:
        self._repository = repository
        self._sessions = sessions
        self._events = events
        self._clock = clock

    async def add(self, email: str, name: str, roles: list[str], *, actor: str = "system:cli") -> StaffMember:
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
        await self._repository.add_identity(identity)
        try:
            await self._repository.add_method(
                {
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
            )
        except MethodTaken:
            await self._repository.drop_identity(identity["_id"])
            raise await self._taken(address) from None
        await self._events.record(identity["_id"], "roles_changed", actor=actor, roles=", ".join(chosen))
        return StaffMember(identity["_id"], name.strip(), address, tuple(chosen))

    async def set_roles(self, identity_id: str, roles: list[str], *, actor: str) -> StaffMember:
        """Replace somebody's roles; open sessions have the new ones at their next request."""
        chosen = _known(roles)
        identity = await self._repository.update_identity(identity_id, {"roles": chosen})
        if identity is None:
            raise UnknownIdentity
        await self._sessions.set_roles(identity_id, chosen)
        await self._events.record(identity_id, "roles_changed", actor=actor, roles=", ".join(chosen))
        emails = await self._repository.emails_of([identity_id])
        return StaffMember(identity_id, identity["name"] or "", emails.get(identity_id, ""), tuple(chosen))

    async def everybody(self) -> list[StaffMember]:
        """Everybody of the staff, by name."""
        people = await self._repository.staff()
        emails = await self._repository.emails_of([person["_id"] for person in people])
        members = [
            StaffMember(person["_id"], person["name"] or "", emails.get(person["_id"], ""), tuple(person["roles"]))
            for person in people
        ]
        return sorted(members, key=lambda member: member.name.casefold())

    async def _taken(self, address: str) -> AlreadyStaff | AddressOfMember:
        method = await self._repository.method("email", address)
        owner = await self._repository.identity(method["identity_id"]) if method else None
        return AlreadyStaff(address) if owner and owner["roles"] else AddressOfMember(address)


def _known(roles: list[str]) -> list[str]:
    unknown = set(roles) - set(ROLE_SCOPES)
    if unknown or not roles:
        raise UnknownRoles(unknown, ROLE_SCOPES)
    return sorted(set(roles))
