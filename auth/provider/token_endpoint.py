"""`POST /token` (RFC 6749 section 3.2): one handler for each grant type."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.core.limits import Limiter
from auth.clients.authentication import ClientAuthenticator
from auth.clients.models import ClientDocument
from auth.errors import OAuthRefused
from auth.policy import AuthPolicy
from auth.provider.access_tokens import AccessTokens
from auth.provider.dpop import DPoPProofs
from auth.web import json_answer, read_form


class TokenEndpoint:
    """Trades grants for tokens."""

    def __init__(
        self,
        *,
        clients: ClientAuthenticator,
        tokens: AccessTokens,
        proofs: DPoPProofs,
        limiter: Limiter,
        policy: AuthPolicy,
    ) -> None:
        self._clients = clients
        self._tokens = tokens
        self._proofs = proofs
        self._limiter = limiter
        self._policy = policy
        self._grants = {"client_credentials": self._client_credentials}

    async def token(self, request: Request) -> Response:
        """Answer one token request."""
        form = await read_form(request)
        grant_type = form.get("grant_type")
        if grant_type is None:
            raise OAuthRefused("invalid_request", "grant_type is missing")
        client = await self._clients.authenticate(request, form)
        handler = self._grants.get(grant_type)
        if handler is None:
            raise OAuthRefused("unsupported_grant_type", "this grant type is not supported")
        if grant_type not in client["grant_types"]:
            raise OAuthRefused("unauthorized_client", "this client may not use this grant type")
        await self._limiter.hit("token:" + client["_id"], self._policy.tokens_per_client)
        jkt = await self._proofs.thumbprint_of(request)
        if jkt is None and client["dpop"] == "required":
            raise OAuthRefused("invalid_dpop_proof", "this client must send a DPoP proof")
        return json_answer(await handler(request, form, client, jkt))

    async def _client_credentials(
        self, request: Request, form: Mapping[str, str], client: ClientDocument, jkt: str | None
    ) -> dict[str, Any]:
        scopes = requested_scopes(form.get("scope"), client["scopes"])
        lifetime = self._policy.machine_token
        token = await self._tokens.issue(
            subject=client["_id"],
            client_id=client["_id"],
            audience=client["audience"],
            scopes=scopes,
            lifetime=lifetime,
            jkt=jkt,
        )
        return {
            "access_token": token,
            "token_type": "DPoP" if jkt else "Bearer",
            "expires_in": int(lifetime.total_seconds()),
            "scope": " ".join(scopes),
        }


def requested_scopes(asked: str | None, allowed: list[str]) -> list[str]:
    """The scopes asked for, or all allowed ones; raises `invalid_scope` for one that is not allowed."""
    if asked is None:
        return sorted(allowed)
    chosen = set(asked.split(" ")) - {""}
    if not chosen <= set(allowed):
        raise OAuthRefused("invalid_scope", "a scope is unknown or not allowed for this client")
    return sorted(chosen)
