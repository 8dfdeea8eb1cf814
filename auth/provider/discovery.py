"""What clients read first: the metadata documents (OpenID Discovery, RFC 8414) and the keys."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from auth.clients.service import TRANSFER_GRANT
from auth.keys.service import KeyService
from auth.languages import LANGUAGES
from auth.policy import AuthPolicy
from auth.provider.dpop import ALGORITHM_NAMES
from auth.scopes import IDENTITY_SCOPES, MEMBER_SCOPES, TILL_SCOPES
from auth.web import json_answer

_PUBLIC = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*", "Pragma": ""}
_CLIENT_AUTHENTICATION = ["client_secret_basic", "client_secret_post", "private_key_jwt"]


def metadata(issuer: str) -> dict[str, Any]:
    """The provider's metadata, one document for both specifications; built from configuration alone."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "end_session_endpoint": f"{issuer}/end_session",
        "scopes_supported": sorted(IDENTITY_SCOPES | MEMBER_SCOPES | TILL_SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", TRANSFER_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none", *_CLIENT_AUTHENTICATION],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256"],
        "revocation_endpoint_auth_methods_supported": ["none", *_CLIENT_AUTHENTICATION],
        "introspection_endpoint_auth_methods_supported": _CLIENT_AUTHENTICATION,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ALGORITHM_NAMES,
        "authorization_response_iss_parameter_supported": True,
        "acr_values_supported": ["1", "2", "3"],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "ui_locales_supported": list(LANGUAGES),
        "claim_types_supported": ["normal"],
        "claims_supported": [
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "acr",
            "amr",
            "nonce",
            "sid",
            "at_hash",
            "name",
            "given_name",
            "family_name",
            "locale",
            "email",
            "email_verified",
            "phone_number",
            "phone_number_verified",
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": False,
    }


class DiscoveryEndpoints:
    """The documents."""

    def __init__(self, keys: KeyService, policy: AuthPolicy) -> None:
        self._keys = keys
        self._policy = policy

    async def metadata(self, request: Request) -> Response:
        """`GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`."""
        return json_answer(metadata(self._policy.issuer), headers=_PUBLIC)

    async def jwks(self, request: Request) -> Response:
        """`GET /jwks`."""
        return json_answer(await self._keys.jwks(), headers=_PUBLIC)
