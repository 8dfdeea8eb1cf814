"""Interactions, each bound to the browser that began it."""

import hashlib
import hmac
import secrets
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from app.core.clock import Clock
from auth.interactions.models import AuthorizationRequest, InteractionDocument
from auth.interactions.repository import InteractionRepository
from auth.policy import AuthPolicy
from auth.sessions.cookie import digest


class Interactions:
    """Begins, finds and ends interactions.

    A browser holds one binding cookie for all of them. It is no session: it opens nothing, and what it began is worth
    nothing in another browser, so a sign-in link forced on somebody cannot be finished there.
    """

    def __init__(self, repository: InteractionRepository, clock: Clock, policy: AuthPolicy, key: bytes) -> None:
        self._repository = repository
        self._clock = clock
        self._policy = policy
        self._key = key
        self._cookie = "__Host-tx" if policy.secure_cookies else "tx"

    async def begin(
        self,
        request: Request,
        *,
        goal: Literal["sign-in", "step-up"],
        authorization: AuthorizationRequest | None = None,
        return_to: str = "/",
        language: str | None = None,
    ) -> tuple[InteractionDocument, str]:
        """A new interaction and the value of the binding cookie, to be given to `bind`."""
        binding = request.cookies.get(self._cookie) or secrets.token_urlsafe(32)
        now = self._clock.now()
        interaction: InteractionDocument = {
            "_id": secrets.token_urlsafe(24),
            "binding": digest(binding),
            "goal": goal,
            "request": authorization,
            "return_to": return_to,
            "language": language,
            "email": None,
            "consented": False,
            "continued": False,
            "created_at": now,
            "expires_at": now + self._policy.interaction,
        }
        await self._repository.add(interaction)
        return interaction, binding

    def bind(self, response: Response, binding: str) -> None:
        """Give the browser its binding cookie."""
        seconds = int(self._policy.interaction.total_seconds())
        secure = self._policy.secure_cookies
        response.set_cookie(
            self._cookie, binding, max_age=2 * seconds, path="/", secure=secure, httponly=True, samesite="lax"
        )

    async def find(self, request: Request, interaction_id: str | None) -> InteractionDocument | None:
        """The live interaction of this browser."""
        binding = request.cookies.get(self._cookie)
        if not interaction_id or not binding or len(interaction_id) > 64 or len(binding) > 64:
            return None
        return await self._repository.find(interaction_id, digest(binding), self._clock.now())

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
