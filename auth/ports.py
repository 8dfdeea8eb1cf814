"""What sign-in needs of the rest of the service, as small as it can be said."""

from collections.abc import Mapping
from typing import Any, Protocol


class Mailer(Protocol):
    """Sends one plain-text mail."""

    async def send(self, *, to: str, subject: str, text: str, kind: str, member_id: str | None = None) -> object:
        """Hand the mail over for delivery; returns once it is stored."""
        ...


class MemberDirectory(Protocol):
    """Finds the member that belongs to an identity."""

    async def by_identity(self, identity_id: str) -> Mapping[str, Any] | None:
        """The member document (`_id`, `status`, `display_name`), or None when this identity has not joined."""
        ...

    async def adopt(self, identity_id: str, email: str) -> Mapping[str, Any] | None:
        """Give the identity the membership with its proved address that nobody signs in as; None without one."""
        ...


class StoreDirectory(Protocol):
    """Finds stores."""

    async def by_id(self, store_id: str) -> Mapping[str, Any] | None:
        """The store document (`_id`, `name`), or None."""
        ...
