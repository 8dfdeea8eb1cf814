"""Every duration and limit of sign-in in one place."""

from dataclasses import dataclass
from datetime import timedelta

from app.core.limits import Limit
from app.core.settings import Settings

# Frozen values, shared by all policies.
_CODES_PER_ADDRESS = Limit(5, timedelta(hours=1))
_CODES_PER_NETWORK = Limit(30, timedelta(minutes=10))
_CODES_GLOBAL = Limit(3000, timedelta(minutes=10))
_TRIES_PER_NETWORK = Limit(60, timedelta(minutes=10))
_TRIES_PER_ADDRESS = Limit(15, timedelta(hours=1))
_PAIRINGS_PER_NETWORK = Limit(20, timedelta(minutes=10))
_TOKENS_PER_CLIENT = Limit(120, timedelta(minutes=1))
_PASSKEYS_PER_NETWORK = Limit(120, timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class AuthPolicy:
    """How long things live and how often they may be tried."""

    issuer: str
    code_lifetime: timedelta = timedelta(minutes=10)
    code_tries: int = 5
    code_resend_after: timedelta = timedelta(seconds=60)
    codes_per_address: Limit = _CODES_PER_ADDRESS
    codes_per_network: Limit = _CODES_PER_NETWORK
    codes_global: Limit = _CODES_GLOBAL
    tries_per_network: Limit = _TRIES_PER_NETWORK
    tries_per_address: Limit = _TRIES_PER_ADDRESS
    pairings_per_network: Limit = _PAIRINGS_PER_NETWORK
    tokens_per_client: Limit = _TOKENS_PER_CLIENT
    passkeys_per_network: Limit = _PASSKEYS_PER_NETWORK
    session_idle: timedelta = timedelta(days=30)
    session_absolute: timedelta = timedelta(days=180)
    staff_idle: timedelta = timedelta(hours=12)
    staff_absolute: timedelta = timedelta(hours=12)
    admin_absolute: timedelta = timedelta(hours=8)
    transferred_absolute: timedelta = timedelta(hours=24)
    touch_every: timedelta = timedelta(minutes=5)
    step_up_fresh: timedelta = timedelta(minutes=10)
    pairing_lifetime: timedelta = timedelta(minutes=10)
    access_token: timedelta = timedelta(minutes=5)
    machine_token: timedelta = timedelta(minutes=10)
    id_token: timedelta = timedelta(minutes=5)
    authorization_code: timedelta = timedelta(seconds=60)
    interaction: timedelta = timedelta(minutes=30)
    refresh_grace: timedelta = timedelta(seconds=30)
    transfer: timedelta = timedelta(seconds=60)
    undo_contact: timedelta = timedelta(days=7)
    clock_skew: timedelta = timedelta(seconds=60)
    key_lifetime: timedelta = timedelta(days=90)
    key_published_ahead: timedelta = timedelta(hours=24)
    key_kept_after: timedelta = timedelta(hours=25)

    @property
    def secure_cookies(self) -> bool:
        """Whether the service is reached over https, by configuration and never by a request's header."""
        return self.issuer.startswith("https://")

    @classmethod
    def of(cls, settings: Settings) -> "AuthPolicy":
        """The policy of an installation; development lets one person sign in again and again."""
        if settings.is_production:
            return cls(issuer=settings.issuer)
        return cls(
            issuer=settings.issuer,
            codes_per_address=Limit(60, timedelta(hours=1)),
            codes_per_network=Limit(600, timedelta(minutes=10)),
            tries_per_network=Limit(600, timedelta(minutes=10)),
            tries_per_address=Limit(600, timedelta(minutes=10)),
            code_resend_after=timedelta(seconds=5),
        )
