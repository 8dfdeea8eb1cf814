"""Finding or making the identity behind a proof, and keeping its methods."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.addresses import normal_address
from app.core.clock import Clock
from app.core.ids import new_id
from auth.events.service import SecurityEvents
from auth.identities.errors import BadAddress, IdentityDisabled, LastMethod, MethodTaken, UnknownIdentity, UnknownMethod
from auth.identities.models import IdentityDocument, MethodDocument, MethodType
from auth.identities.repository import IdentityRepository
from auth.web import Peer


def normalise_email(text: object, field: str = "email") -> str:
    """The address in the one writing that makes it a key. Raises BadAddress."""
    if not isinstance(text, str):
        raise BadAddress(field)
    try:
        return normal_address(text)
    except ValueError:
        raise BadAddress(field) from None


@dataclass(frozen=True, slots=True)
class Proved:
    """Who proved a method; `evicted` names an identity that held the address without ever proving it."""

    identity: IdentityDocument
    method: MethodDocument
    new: bool = False
    evicted: str | None = None


class IdentityService:
    """Identities and their methods."""

    def __init__(self, repository: IdentityRepository, events: SecurityEvents, clock: Clock) -> None:
        self._repository = repository
        self._events = events
        self._clock = clock

    async def by_id(self, identity_id: str) -> IdentityDocument | None:
        """The identity, following merges, so that an old `sub` still resolves; None when there is none."""
        found = await self._repository.identity(identity_id)
        for _ in range(5):
            if found is None or found["merged_into"] is None:
                return found
            found = await self._repository.identity(found["merged_into"])
        return found

    async def active(self, identity_id: str) -> IdentityDocument:
        """The identity if it may sign in, following merges. Raises UnknownIdentity, IdentityDisabled."""
        identity = await self.by_id(identity_id)
        if identity is None or identity["status"] == "merged":
            raise UnknownIdentity
        if identity["status"] == "disabled":
            raise IdentityDisabled
        return identity

    async def by_ids(self, identity_ids: Sequence[str]) -> dict[str, IdentityDocument]:
        """Identities by id, merged ones as they were; unknown ids are left out."""
        return {identity["_id"]: identity for identity in await self._repository.identities(identity_ids)}

    async def email_of(self, identity_id: str) -> str | None:
        """The identity's proved e-mail address, its own before one that a merge brought along."""
        methods = await self._repository.methods_of(identity_id)
        proved = [method for method in methods if method["type"] == "email" and method["verified_at"]]
        own_first = sorted(proved, key=lambda method: bool(method.get("moved_from")))
        return own_first[0]["key"] if own_first else None

    async def methods_of(self, identity_id: str) -> list[MethodDocument]:
        """The identity's methods, oldest first."""
        return await self._repository.methods_of(identity_id)

    async def level_to_change(self, identity_id: str) -> int:
        """The `acr` that a change of the account needs: 3 from those who have a passkey, 2 from everybody else."""
        methods = await self._repository.methods_of(identity_id)
        return 3 if any(method["type"] == "passkey" for method in methods) else 2

    async def by_method(self, method_type: MethodType, key: str) -> MethodDocument | None:
        """The method with this key, verified or not."""
        return await self._repository.method(method_type, key)

    async def create(self, *, name: str | None = None, roles: list[str] | None = None) -> IdentityDocument:
        """A new identity without any method."""
        identity: IdentityDocument = {
            "_id": new_id("idn"),
            "status": "active",
            "merged_into": None,
            "roles": roles or [],
            "name": name,
            "created_at": self._clock.now(),
        }
        await self._repository.add_identity(identity)
        return identity

    async def prove_email(self, email: str, peer: Peer | None = None) -> Proved:
        """Somebody proved that the (normalised) address is theirs: find their identity or make one.

        An address that another identity merely claimed goes to the prover, and the claimant loses everything it never
        proved (pre-hijacking, arXiv 2205.10174). An invited address of staff belongs to the invitation.
        """
        now = self._clock.now()
        method = await self._repository.method("email", email)
        if method is None:
            return await self._sign_up("email", email, email, peer)
        if method["verified_at"] is not None:
            await self._repository.update_method(method["_id"], {"last_used_at": now})
            return Proved(await self.active(method["identity_id"]), method)
        if method.get("invited"):
            proved = await self._repository.verify_method(method, now, method["identity_id"])
            return Proved(await self.active(method["identity_id"]), proved or method)
        claimant = method["identity_id"]
        identity = await self.create()
        taken = await self._repository.verify_method(method, now, identity["_id"])
        if taken is None:
            await self._repository.drop_identity(identity["_id"])
            return await self.prove_email(email, peer)
        await self._repository.drop_unverified(claimant)
        await self._events.record(identity["_id"], "identity_created", peer=peer)
        return Proved(identity, taken, new=True, evicted=claimant)

    async def used(self, method: MethodDocument, **changes: Any) -> None:
        """Note that a method was just used."""
        await self._repository.update_method(method["_id"], {"last_used_at": self._clock.now(), **changes})

    async def add_method(
        self, identity_id: str, method_type: MethodType, key: str, label: str, *, peer: Peer | None, **extra: Any
    ) -> MethodDocument:
        """Add a proved method; raises MethodTaken. Adding what the identity has already changes nothing."""
        method = self._method(identity_id, method_type, key, label, **extra)
        try:
            await self._repository.add_method(method)
        except MethodTaken:
            existing = await self._repository.method(method_type, key)
            if existing is None or existing["identity_id"] != identity_id:
                raise
            return existing
        await self._events.record(identity_id, "method_added", peer=peer, method=label)
        return method

    async def remove_method(
        self,
        identity_id: str,
        method_id: str,
        peer: Peer | None = None,
        *,
        actor: str | None = None,
        only: MethodType | None = None,
    ) -> MethodDocument:
        """Remove a method, of one type `only` if so said, and return it. Raises UnknownMethod, LastMethod."""
        methods = await self._repository.methods_of(identity_id)
        chosen = next((method for method in methods if method["_id"] == method_id), None)
        if chosen is None or only not in (None, chosen["type"]):
            raise UnknownMethod
        rest = [method for method in methods if method["_id"] != method_id]
        if not any(method["verified_at"] for method in rest):
            raise LastMethod
        await self._repository.drop_method(identity_id, method_id)
        await self._events.record(identity_id, "method_removed", actor=actor, peer=peer, method=chosen["label"])
        return chosen

    async def change_email(self, identity_id: str, old: str, new: str) -> None:
        """Put a proved address in the place of another; raises UnknownMethod, MethodTaken."""
        method = await self._repository.method("email", old)
        if method is None or method["identity_id"] != identity_id:
            raise UnknownMethod
        now = self._clock.now()
        await self._repository.update_method(method["_id"], {"key": new, "label": new, "verified_at": now})

    async def merge(self, survivor: str, merged: str, *, actor: str) -> None:
        """Give the merged identity's methods to the survivor; the old `sub` resolves to it from now on."""
        await self._repository.move_methods(merged, survivor)
        await self._repository.update_identity(merged, {"status": "merged", "merged_into": survivor})
        for identity_id in (survivor, merged):
            await self._events.record(identity_id, "accounts_merged", actor=actor)

    async def unmerge(self, survivor: str, freed: str, *, actor: str) -> None:
        """Make a merged identity one of its own again, with what it brought along."""
        await self._repository.return_methods(survivor, freed)
        await self._repository.update_identity(freed, {"status": "active", "merged_into": None})
        for identity_id in (survivor, freed):
            await self._events.record(identity_id, "accounts_separated", actor=actor)

    async def _sign_up(self, method_type: MethodType, key: str, label: str, peer: Peer | None, **extra: Any) -> Proved:
        identity = await self.create()
        method = self._method(identity["_id"], method_type, key, label, **extra)
        try:
            await self._repository.add_method(method)
        except MethodTaken:
            # Two sign-ups of one person at once: the other one won, so this one is that person too.
            await self._repository.drop_identity(identity["_id"])
            winner = await self._repository.method(method_type, key)
            if winner is None:
                raise
            return Proved(await self.active(winner["identity_id"]), winner)
        await self._events.record(identity["_id"], "identity_created", peer=peer)
        return Proved(identity, method, new=True)

    def _method(self, identity_id: str, method_type: MethodType, key: str, label: str, **extra: Any) -> MethodDocument:
        now = self._clock.now()
        base: dict[str, Any] = {
            "_id": new_id("mtd"),
            "identity_id": identity_id,
            "type": method_type,
            "key": key,
            "label": label,
            "created_at": now,
            "verified_at": now,
            "last_used_at": now,
            **extra,
        }
        return base  # type: ignore[return-value]  # the optional fields differ by method type
