"""The JSON endpoints of passkeys; bodies are what `PublicKeyCredential.toJSON()` makes."""

from starlette.requests import Request
from starlette.responses import Response

from app.core.limits import Limiter
from auth.access import Authenticator
from auth.passkeys.service import PasskeyService
from auth.policy import AuthPolicy
from auth.signin.browser import BrowserSessions
from auth.signin.notices import Notices
from auth.signin.proofs import SignIn
from auth.web import json_answer, peer_of, read_json


class PasskeyEndpoints:
    """Signing in with a passkey, and adding one."""

    def __init__(
        self,
        *,
        passkeys: PasskeyService,
        sign_in: SignIn,
        browser: BrowserSessions,
        authenticator: Authenticator,
        notices: Notices,
        limiter: Limiter,
        policy: AuthPolicy,
    ) -> None:
        self._passkeys = passkeys
        self._sign_in = sign_in
        self._browser = browser
        self._authenticator = authenticator
        self._notices = notices
        self._limiter = limiter
        self._policy = policy

    async def sign_in_options(self, request: Request) -> Response:
        """`POST /login/passkey/options`."""
        self._browser.guard(request)
        await read_json(request)
        await self._limit(request)
        return json_answer(await self._passkeys.sign_in_options())

    async def sign_in(self, request: Request) -> Response:
        """`POST /login/passkey/verify`: signs in; whoever is signed in already as the same person steps up."""
        self._browser.guard(request)
        credential = await read_json(request)
        await self._limit(request)
        identity, _ = await self._passkeys.sign_in(credential)
        opened = await self._sign_in.open(request, identity, "passkey")
        response = json_answer({"kind": "staff" if identity["roles"] else "member", "newIdentity": False})
        self._browser.give(response, opened)
        return response

    async def registration_options(self, request: Request) -> Response:
        """`POST /passkey/options`: needs a fresh proof."""
        session = await self._browser.signed_in(request)
        await read_json(request)
        await self._authenticator.require_proof(await self._authenticator.access(request))
        name = session["email"] or session["name"] or "Stampbook"
        return json_answer(await self._passkeys.registration_options(session["identity_id"], name))

    async def register(self, request: Request) -> Response:
        """`POST /passkey/verify`: keeps the new passkey and tells the person by mail."""
        session = await self._browser.signed_in(request)
        credential = await read_json(request)
        await self._authenticator.require_proof(await self._authenticator.access(request))
        method = await self._passkeys.register(session["identity_id"], credential, peer_of(request))
        await self._notices.method_added(session["identity_id"], method["label"])
        return json_answer({"id": method["_id"], "label": method["label"]}, 201)

    async def related_origins(self, request: Request) -> Response:
        """`GET /.well-known/webauthn`: the origins that share our passkeys (WebAuthn Level 3, section 5.11)."""
        return json_answer({"origins": [self._policy.issuer]})

    async def _limit(self, request: Request) -> None:
        await self._limiter.hit("passkey-network:" + peer_of(request).ip_prefix, self._policy.passkeys_per_network)
