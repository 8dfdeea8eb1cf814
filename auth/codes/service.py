"""One-time codes: eight digits, five tries, ten minutes, one live code for each purpose and address."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Literal

from app.core.clock import Clock
from app.core.limits import Limiter, RateLimited
from auth.codes.repository import CodeRepository
from auth.mails import code_mail
from auth.policy import AuthPolicy
from auth.ports import Mailer
from auth.web import Peer

Purpose = Literal["sign-in", "step-up", "contact"]

DIGITS = 8


class CodeService:
    """Sends codes and checks them.

    Nothing here looks at whether an address is known, so nothing that it answers, or how long it takes, can tell.
    """

    def __init__(
        self,
        repository: CodeRepository,
        limiter: Limiter,
        mailer: Mailer,
        clock: Clock,
        policy: AuthPolicy,
        key: bytes,
    ) -> None:
        self._repository = repository
        self._limiter = limiter
        self._mailer = mailer
        self._clock = clock
        self._policy = policy
        self._key = key

    async def send(self, email: str, purpose: Purpose, peer: Peer, language: object = None, subject: str = "") -> None:
        """Mail a new code to a normalised address; raises RateLimited.

        `subject` narrows a purpose to one identity or one attempt, so that a code answers only what it was sent for.
        """
        policy = self._policy
        target = self._digest("target", purpose, subject, email)
        await self._limiter.hit("code-network:" + peer.ip_prefix, policy.codes_per_network)
        await self._limiter.hit("code-global", policy.codes_global)
        now = self._clock.now()
        resend_at = (await self._repository.live_since(target) or now - policy.code_lifetime) + policy.code_resend_after
        if resend_at > now:
            raise RateLimited(resend_at - now)
        await self._limiter.hit("code-address:" + self._digest("limit", email), policy.codes_per_address)
        code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
        nonce = secrets.token_hex(16)
        stored = await self._repository.replace(
            {
                "_id": target,
                "mac": self._digest("code", target, nonce, code),
                "nonce": nonce,
                "tries": 0,
                "sent_at": now,
                "expires_at": now + policy.code_lifetime,
                "used_at": None,
                "purge_at": now + policy.code_lifetime + timedelta(hours=1),
            },
            now - policy.code_resend_after,
        )
        if not stored:
            raise RateLimited(policy.code_resend_after)
        letter = code_mail(code, purpose, language)
        await self._mailer.send(to=email, subject=letter.subject, text=letter.text, kind="code")

    async def check(self, email: str, purpose: Purpose, code: str, peer: Peer, subject: str = "") -> bool:
        """Whether the code is the live one; a right answer uses it up.

        Raises RateLimited for one network's tries, and for those at the codes of one address, whoever makes them.
        """
        await self._limiter.hit("try-network:" + peer.ip_prefix, self._policy.tries_per_network)
        target = self._digest("target", purpose, subject, email)
        now = self._clock.now()
        stored = await self._repository.count_try(target, now, self._policy.code_tries)
        if stored is None:
            return False
        await self._limiter.hit("try-address:" + self._digest("limit", email), self._policy.tries_per_address)
        given = self._digest("code", target, stored["nonce"], code)
        return hmac.compare_digest(given, stored["mac"]) and await self._repository.use(stored, now)

    def _digest(self, *parts: str) -> str:
        message = b"\0".join(part.encode() for part in parts)
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
