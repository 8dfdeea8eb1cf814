"""Short mails that tell a person what just happened to their account."""

from auth.identities.service import IdentityService
from auth.ports import Mailer


class Notices:
    """Tells every proved address of an identity."""

    def __init__(self, mailer: Mailer, identities: IdentityService, issuer: str) -> None:
        self._mailer = mailer
        self._identities = identities
        self._issuer = issuer

    async def method_added(self, identity_id: str, label: str) -> None:
        """A way to sign in was added."""
        await self._tell(
            identity_id,
            "A way to sign in was added",
            f"{label} can now sign in to your account.\n\n"
            f"If this was not you, remove it and end all other sessions: {self._issuer}/\n",
        )

    async def refresh_reused(self, identity_id: str, client: str) -> None:
        """A copied token was used and its grant ended."""
        await self._tell(
            identity_id,
            f"{client} was signed out for your safety",
            f"Somebody used a copy of your sign-in of {client}, so we ended it. Sign in there again.\n\n"
            f"If you use {client} on one device only, look at your devices and sessions: {self._issuer}/\n",
        )

    async def address_changed(self, old: str, new: str, undo_url: str) -> None:
        """The address was changed; goes to the old one, as whoever reads the new one knows."""
        text = (
            f"Your account's e-mail address is now {new}.\n\n"
            f"If this was not you, take it back within seven days; that also ends all sessions:\n{undo_url}\n"
        )
        await self._mailer.send(to=old, subject="Your e-mail address was changed", text=text, kind="security")

    async def _tell(self, identity_id: str, subject: str, text: str) -> None:
        for method in await self._identities.methods_of(identity_id):
            if method["type"] == "email" and method["verified_at"] is not None:
                await self._mailer.send(to=method["key"], subject=subject, text=text, kind="security")
