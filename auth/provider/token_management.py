"""UserInfo (OpenID Connect Core section 5.3), revocation (RFC 7009) and introspection (RFC 7662)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.core.clock import Clock
from auth.access import Authenticator
from auth.clients.authentication import ClientAuthenticator
from auth.clients.models import ClientDocument
from auth.clients.repository import ClientRepository
from auth.errors import AuthRefused, OAuthRefused
from auth.grants.models import GrantDocument
from auth.grants.service import GrantService
from auth.identities.service import IdentityService
from auth.policy import AuthPolicy
from auth.ports import MemberDirectory
from auth.provider.access_tokens import AccessClaims, AccessTokens
from auth.web import json_answer, read_form


class UserInfoEndpoint:
    """What a client may know of the person who signed in."""

    def __init__(self, authenticator: Authenticator, identities: IdentityService, members: MemberDirectory) -> None:
        self._authenticator = authenticator
        self._identities = identities
        self._members = members

    async def userinfo(self, request: Request) -> Response:
        """`GET` and `POST /userinfo`; the token in the header or, for POST, in the form (RFC 6750 section 2)."""
        authorization = request.headers.get("authorization")
        if authorization is None and request.method == "POST":
            token = (await read_form(request)).get("access_token")
            authorization = None if token is None else f"Bearer {token}"
        if authorization is None:
            raise AuthRefused("invalid_token", "send an access token")
        claims, grant = await self._authenticator.grant(authorization, request)
        if "openid" not in claims.scopes:
            raise AuthRefused(
                "insufficient_scope", "the token lacks the scope openid", status=403, extra={"scope": "openid"}
            )
        return json_answer(await self._claims(grant, claims.scopes))

    async def _claims(self, grant: GrantDocument, scopes: frozenset[str]) -> dict[str, Any]:
        identity_id = grant["identity_id"]
        answer: dict[str, Any] = {"sub": identity_id}
        if "email" in scopes:
            email = await self._identities.email_of(identity_id)
            answer |= {"email": email, "email_verified": email is not None}
        if scopes & {"profile", "phone"}:
            member = await self._members.by_identity(identity_id) or {}
            if "profile" in scopes:
                answer |= {
                    "name": member.get("display_name"),
                    "given_name": member.get("given_name"),
                    "family_name": member.get("family_name"),
                    "locale": member.get("language"),
                }
            if "phone" in scopes:
                answer |= {"phone_number": member.get("phone"), "phone_number_verified": member.get("phone_verified")}
        return {name: value for name, value in answer.items() if value is not None}


class TokenManagement:
    """Revoking tokens, and telling a resource server whether one is alive."""

    def __init__(
        self,
        *,
        authenticator: ClientAuthenticator,
        clients: ClientRepository,
        grants: GrantService,
        tokens: AccessTokens,
        clock: Clock,
        policy: AuthPolicy,
    ) -> None:
        self._authenticator = authenticator
        self._clients = clients
        self._grants = grants
        self._tokens = tokens
        self._clock = clock
        self._policy = policy

    async def revoke(self, request: Request) -> Response:
        """`POST /revoke`: ends the grant of a token of the calling client; unknown tokens are fine."""
        form = await read_form(request)
        client = await self._authenticator.authenticate(request, form)
        if "token" not in form:
            raise OAuthRefused("invalid_request", "token is missing")
        grant_id = await self._grant_of(form["token"], client)
        if grant_id is not None:
            await self._grants.revoke({"_id": grant_id, "client_id": client["_id"]}, "revoked_by_client")
        return json_answer({})

    async def introspect(self, request: Request) -> Response:
        """`POST /introspect`: for confidential clients, about tokens of their own audience."""
        form = await read_form(request)
        client = await self._authenticator.authenticate(request, form)
        if client["authentication"] == "none":
            raise OAuthRefused("unauthorized_client", "only confidential clients may introspect", status=403)
        if "token" not in form:
            raise OAuthRefused("invalid_request", "token is missing")
        return json_answer(await self._describe(form["token"], client) or {"active": False})

    async def _grant_of(self, token: str, client: ClientDocument) -> str | None:
        grant = await self._grants.of_refresh_token(token)
        if grant is not None:
            return grant["_id"] if grant["client_id"] == client["_id"] else None
        try:
            claims = await self._tokens.verify(token)
        except AuthRefused:
            return None
        return claims.grant_id if claims.client_id == client["_id"] else None

    async def _describe(self, token: str, client: ClientDocument) -> dict[str, Any] | None:
        refresh = await self._grants.is_current(token)
        if refresh is not None:
            return _of_refresh_token(refresh) if refresh["client_id"] == client["_id"] else None
        try:
            claims = await self._tokens.verify(token)
        except AuthRefused:
            return None
        alive = await self._is_alive(claims)
        return self._of_access_token(claims) if alive and claims.audience == client["audience"] else None

    async def _is_alive(self, claims: AccessClaims) -> bool:
        if claims.grant_id is not None:
            return await self._grants.live(claims.grant_id) is not None
        machine = await self._clients.by_id(claims.client_id)
        return machine is not None and machine["status"] == "active"

    def _of_access_token(self, claims: AccessClaims) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "active": True,
            "token_type": "DPoP" if claims.jkt else "Bearer",
            "iss": self._policy.issuer,
            "sub": claims.subject,
            "aud": f"urn:stampbook:{claims.audience}",
            "client_id": claims.client_id,
            "scope": " ".join(sorted(claims.scopes)),
            "iat": int(claims.issued_at),
            "exp": int(claims.expires_at),
            "jti": claims.jti,
        }
        return answer | ({"cnf": {"jkt": claims.jkt}} if claims.jkt else {})


def _of_refresh_token(grant: GrantDocument) -> dict[str, Any]:
    return {
        "active": True,
        "token_type": "refresh_token",
        "sub": grant["identity_id"],
        "client_id": grant["client_id"],
        "scope": " ".join(grant["scopes"]),
        "iat": int(grant["rotated_at"].timestamp()),
        "exp": int(min(grant["idle_until"], grant["expires_at"]).timestamp()),
    }
