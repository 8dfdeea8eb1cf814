"""Short mails that tell a person what just happened to their account."""

from auth.identities.service import IdentityService
from auth.mails import Kind, Mail, mail
from auth.ports import Mailer, MemberDirectory


class Notices:
    """Tells every proved address of an identity, in the language that the member chose."""

    def __init__(self, mailer: Mailer, identities: IdentityService, members: MemberDirectory, issuer: str) -> None:
        self._mailer = mailer
        self._identities = identities
        self._members = members
        self._home = f"{issuer}/"

    async def method_added(self, identity_id: str, label: str) -> None:
        """A way to sign in was added."""
        await self._tell(identity_id, "method-added", method=label)

    async def method_removed(self, identity_id: str, label: str, also: str | None = None) -> None:
        """A way to sign in was removed; `also` is an address that is told although it is no longer the identity's."""
        await self._tell(identity_id, "method-removed", also, method=label)

    async def accounts_merged(self, identity_id: str) -> None:
        """Two accounts became this one."""
        await self._tell(identity_id, "accounts-merged")

    async def refresh_reused(self, identity_id: str, client: str) -> None:
        """A copied token was used and its grant ended."""
        await self._tell(identity_id, "refresh-reused", client=client)

    async def address_changed(self, identity_id: str, old: str, new: str, undo_url: str) -> None:
        """The address was changed; goes to the old one, as whoever reads the new one knows."""
        language = await self._language(identity_id)
        await self._send(old, mail("address-changed", language, address=new, undo=undo_url))

    async def _tell(self, identity_id: str, kind: Kind, also: str | None = None, **values: str) -> None:
        letter = mail(kind, await self._language(identity_id), home=self._home, **values)
        methods = await self._identities.methods_of(identity_id)
        proved = [method["key"] for method in methods if method["type"] == "email" and method["verified_at"]]
        for address in [*proved, *([also] if also else [])]:
            await self._send(address, letter)

    async def _language(self, identity_id: str) -> object:
        member = await self._members.by_identity(identity_id)
        return member.get("language") if member else None

    async def _send(self, to: str, letter: Mail) -> None:
        await self._mailer.send(to=to, subject=letter.subject, text=letter.text, kind="security")
