"""Making passkeys and signing in with them. They are discoverable, so nobody types or looks up an address."""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.core import base64url
from app.core.clock import Clock
from auth.errors import WebRefused
from auth.identities.models import IdentityDocument, MethodDocument
from auth.identities.service import IdentityService
from auth.pages.rendering import Brand
from auth.passkeys.repository import ChallengeRepository
from auth.policy import AuthPolicy
from auth.web import Peer

_CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
_TRANSPORTS: Final = frozenset({"ble", "hybrid", "internal", "nfc", "usb", "smart-card", "cable"})
_BROKEN: Final = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


class PasskeyRefused(WebRefused):
    """The passkey is unknown here, or its answer is not good; which of them is not said."""

    def __init__(self) -> None:
        super().__init__("passkey_refused", "That passkey did not work. Try again, or use a code.")


class PasskeyService:
    """Registration and sign-in ceremonies (WebAuthn Level 3, section 7), user verification always required."""

    def __init__(
        self,
        repository: ChallengeRepository,
        identities: IdentityService,
        clock: Clock,
        policy: AuthPolicy,
        brand: Brand,
    ) -> None:
        self._repository = repository
        self._identities = identities
        self._clock = clock
        self._origin = policy.issuer
        self._rp_id = urlsplit(policy.issuer).hostname or "localhost"
        self._brand = brand

    async def sign_in_options(self) -> dict[str, Any]:
        """Options for `navigator.credentials.get`; the same for everybody, naming no credential."""
        challenge = await self._challenge("sign-in")
        options = generate_authentication_options(
            rp_id=self._rp_id, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
        )
        return _as_json(options)

    async def sign_in(self, credential: Mapping[str, Any]) -> tuple[IdentityDocument, MethodDocument]:
        """Who the credential's answer proves to be there. Raises PasskeyRefused."""
        challenge = await self._used_challenge(credential, "sign-in")
        key = credential.get("id")
        method = await self._identities.by_method("passkey", key) if isinstance(key, str) and len(key) < 2048 else None
        if method is None:
            raise PasskeyRefused
        try:
            verified = verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=method["public_key"],
                credential_current_sign_count=method["sign_count"],
                require_user_verification=True,
            )
        except _BROKEN:
            raise PasskeyRefused from None
        identity = await self._identities.by_id(method["identity_id"])
        if identity is None or identity["status"] != "active":
            raise PasskeyRefused
        await self._identities.used(method, sign_count=verified.new_sign_count)
        return identity, method

    async def registration_options(self, identity_id: str, name: str) -> dict[str, Any]:
        """Options for `navigator.credentials.create`; excludes what the person has already."""
        challenge = await self._challenge("add:" + identity_id)
        known = [m for m in await self._identities.methods_of(identity_id) if m["type"] == "passkey"]
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name=self._brand.name,
            user_name=name,
            user_display_name=name,
            user_id=identity_id.encode(),
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url.decode(method["key"])) for method in known],
        )
        return _as_json(options)

    async def register(self, identity_id: str, credential: Mapping[str, Any], peer: Peer) -> MethodDocument:
        """Keep a new passkey. Raises PasskeyRefused, MethodTaken."""
        challenge = await self._used_challenge(credential, "add:" + identity_id)
        try:
            verified = verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except _BROKEN:
            raise PasskeyRefused from None
        response = credential.get("response")
        transports = response.get("transports") if isinstance(response, dict) else None
        return await self._identities.add_method(
            identity_id,
            "passkey",
            base64url.encode(verified.credential_id),
            f"Passkey made with {peer.device}",
            peer=peer,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            transports=sorted(_TRANSPORTS.intersection(t for t in transports or () if isinstance(t, str))),
            backed_up=verified.credential_backed_up,
        )

    async def _challenge(self, purpose: str) -> bytes:
        challenge = secrets.token_bytes(32)
        await self._repository.add(challenge, purpose, self._clock.now() + _CHALLENGE_LIFETIME)
        return challenge

    async def _used_challenge(self, credential: Mapping[str, Any], purpose: str) -> bytes:
        """The challenge that the credential answers, used up; the library then compares it byte for byte."""
        try:
            client_data = json.loads(base64url.decode(credential["response"]["clientDataJSON"]))
            challenge = base64url.decode(client_data["challenge"])
        except _BROKEN:
            raise PasskeyRefused from None
        if not await self._repository.use(challenge, purpose, self._clock.now()):
            raise PasskeyRefused
        return challenge


def _as_json(options: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(options_to_json(options))
    return value
