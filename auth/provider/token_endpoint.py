"""`POST /token` (RFC 6749 section 3.2): one handler for each grant type."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.core.limits import Limiter
from auth.authorizations.service import AuthorizationCodes
from auth.clients.authentication import ClientAuthenticator
from auth.clients.models import ClientDocument
from auth.errors import InvalidGrant, OAuthRefused
from auth.grants.models import GrantDocument
from auth.grants.service import GrantService
from auth.policy import AuthPolicy
from auth.provider.access_tokens import AccessTokens
from auth.provider.dpop import DPoPProofs
from auth.provider.id_tokens import IdTokens
from auth.web import json_answer, peer_of, read_form

_Handler = Callable[[Request, Mapping[str, str], ClientDocument, str | None], Awaitable[dict[str, Any]]]


class TokenEndpoint:
    """Trades grants for tokens; further grant types are added with `support`."""

    def __init__(
        self,
        *,
        clients: ClientAuthenticator,
        codes: AuthorizationCodes,
        grants: GrantService,
        tokens: AccessTokens,
        id_tokens: IdTokens,
        proofs: DPoPProofs,
        limiter: Limiter,
        policy: AuthPolicy,
    ) -> None:
        self._clients = clients
        self._codes = codes
        self._grants = grants
        self._tokens = tokens
        self._id_tokens = id_tokens
        self._proofs = proofs
        self._limiter = limiter
        self._policy = policy
        self._handlers: dict[str, _Handler] = {
            "authorization_code": self._authorization_code,
            "refresh_token": self._refresh_token,
            "client_credentials": self._client_credentials,
        }

    def support(self, grant_type: str, handler: _Handler) -> None:
        """Handle one more grant type."""
        self._handlers[grant_type] = handler

    async def token(self, request: Request) -> Response:
        """Answer one token request."""
        form = await read_form(request)
        grant_type = form.get("grant_type")
        if grant_type is None:
            raise OAuthRefused("invalid_request", "grant_type is missing")
        client = await self._clients.authenticate(request, form)
        handler = self._handlers.get(grant_type)
        if handler is None:
            raise OAuthRefused("unsupported_grant_type", "this grant type is not supported")
        if grant_type not in client["grant_types"]:
            raise OAuthRefused("unauthorized_client", "this client may not use this grant type")
        await self._limiter.hit(_limit_key(request, client), self._policy.tokens_per_client)
        jkt = await self._proofs.thumbprint_of(request)
        if jkt is None and client["dpop"] == "required":
            raise OAuthRefused("invalid_dpop_proof", "this client must send a DPoP proof")
        return json_answer(await handler(request, form, client, jkt))

    async def _authorization_code(
        self, request: Request, form: Mapping[str, str], client: ClientDocument, jkt: str | None
    ) -> dict[str, Any]:
        if "code" not in form:
            raise OAuthRefused("invalid_request", "code is missing")
        grant = await self._codes.redeem(form, client, jkt, peer_of(request))
        return await self._tokens_of(grant, client, grant["scopes"], nonce=grant["nonce"])

    async def _refresh_token(
        self, request: Request, form: Mapping[str, str], client: ClientDocument, jkt: str | None
    ) -> dict[str, Any]:
        if "refresh_token" not in form:
            raise OAuthRefused("invalid_request", "refresh_token is missing")
        grant = await self._grants.of_refresh_token(form["refresh_token"])
        if grant is None:
            raise InvalidGrant
        scopes = requested_scopes(form.get("scope"), grant["scopes"])
        grant = await self._grants.refresh(form["refresh_token"], client["_id"], jkt, peer_of(request))
        return await self._tokens_of(grant, client, scopes, nonce=None)

    async def _tokens_of(
        self, grant: GrantDocument, client: ClientDocument, scopes: list[str], *, nonce: str | None
    ) -> dict[str, Any]:
        lifetime = self._policy.access_token
        access_token = await self._tokens.issue(
            subject=grant["identity_id"],
            client_id=client["_id"],
            audience=grant["audience"],
            scopes=scopes,
            lifetime=lifetime,
            grant_id=grant["_id"],
            level=grant["level"],
            auth_time=grant["auth_time"],
            jkt=grant["jkt"],
        )
        answer: dict[str, Any] = {
            "access_token": access_token,
            "token_type": "DPoP" if grant["jkt"] else "Bearer",
            "expires_in": int(lifetime.total_seconds()),
            "scope": " ".join(scopes),
        }
        if "refresh_token" in client["grant_types"]:
            answer["refresh_token"] = self._grants.refresh_token(grant)
        if "openid" in scopes:
            answer["id_token"] = await self._id_tokens.issue(grant, access_token, nonce=nonce)
        return answer

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


def _limit_key(request: Request, client: ClientDocument) -> str:
    """Public clients share an id among all their users, so they are limited by network too."""
    if client["authentication"] == "none":
        return f"token:{client['_id']}:{peer_of(request).ip_prefix}"
    return f"token:{client['_id']}"
