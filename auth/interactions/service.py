"""Interactions, each bound to the browser that began it."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from app.core.clock import Clock
from auth.interactions.models import AuthorizationRequest, InteractionDocument, PendingLink
from auth.interactions.repository import InteractionRepository
from auth.policy import AuthPolicy
from auth.sessions.cookie import digest
from auth.sessions.models import SessionDocument

_MOST_COOKIES: Final = 8


@dataclass(frozen=True, slots=True)
class Begun:
    """A new interaction, the value of its binding cookie, and the cookies of older ones that are too many."""

    interaction: InteractionDocument
    binding: str
    stale: list[str]


class Interactions:
    """Begins, finds and ends interactions.

    Each has a binding cookie of its own, so that tabs which begin at once do not take each other's. It is no session:
    it opens nothing, and what one browser began is worth nothing in another, so a sign-in link forced on somebody
    cannot be finished there.
    """

    def __init__(self, repository: InteractionRepository, clock: Clock, policy: AuthPolicy, key: bytes) -> None:
        self._repository = repository
        self._clock = clock
        self._policy = policy
        self._key = key
        self._prefix = "__Host-tx-" if policy.secure_cookies else "tx-"

    async def begin(
        self,
        request: Request,
        session: SessionDocument | None,
        *,
        authorization: AuthorizationRequest | None = None,
        return_to: str = "/",
        language: str | None = None,
        pending: PendingLink | None = None,
    ) -> Begun:
        """A new interaction, to be given to `bind` with the response."""
        binding = secrets.token_urlsafe(32)
        now = self._clock.now()
        interaction: InteractionDocument = {
            "_id": secrets.token_urlsafe(24),
            "binding": digest(binding),
            "began_with": session["secret"] if session else None,
            "request": authorization,
            "return_to": return_to,
            "language": language,
            "email": None,
            "pending": pending,
            "consented": False,
            "continued": False,
            "created_at": now,
            "expires_at": now + self._policy.interaction,
        }
        await self._repository.add(interaction)
        held = [name for name in request.cookies if name.startswith(self._prefix)]
        return Begun(interaction, binding, held[: max(0, len(held) - _MOST_COOKIES + 1)])

    def bind(self, response: Response, begun: Begun) -> None:
        """Give the browser the binding cookie."""
        options: dict[str, Any] = {
            "path": "/",
            "secure": self._policy.secure_cookies,
            "httponly": True,
            "samesite": "lax",
        }
        seconds = int(self._policy.interaction.total_seconds())
        response.set_cookie(self._name(begun.interaction["_id"]), begun.binding, max_age=seconds, **options)
        for name in begun.stale:
            response.delete_cookie(name, **options)

    async def find(self, request: Request, interaction_id: str | None) -> InteractionDocument | None:
        """The live interaction of this browser."""
        if not interaction_id or len(interaction_id) > 64:
            return None
        binding = request.cookies.get(self._name(interaction_id))
        if not binding or len(binding) > 64:
            return None
        return await self._repository.find(interaction_id, digest(binding), self._clock.now())

    @staticmethod
    def is_proved(interaction: InteractionDocument, session: SessionDocument) -> bool:
        """Whether somebody has proved who they are since the interaction began."""
        return session["secret"] != interaction["began_with"]

    async def update(self, interaction: InteractionDocument, **changes: Any) -> None:
        """Change fields, in storage and at hand."""
        await self._repository.update(interaction["_id"], changes)
        interaction.update(changes)  # type: ignore[typeddict-item]  # single fields of the same document

    async def end(self, interaction: InteractionDocument) -> bool:
        """End it; returns whether this call did, so that one interaction gives one answer."""
        return await self._repository.drop(interaction["_id"])

    def form_token(self, interaction: InteractionDocument) -> str:
        """The hidden field that a form of this interaction carries."""
        message = f"{interaction['_id']}\0{interaction['binding']}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    def is_form_of(self, interaction: InteractionDocument, token: str | None) -> bool:
        """Whether the hidden field is right."""
        return hmac.compare_digest(self.form_token(interaction), token or "")

    def _name(self, interaction_id: str) -> str:
        return self._prefix + hashlib.sha256(interaction_id.encode()).hexdigest()[:12]
