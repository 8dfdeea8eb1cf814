"""Settings: environment variables that start with `STAMPBOOK_`, each with its default and whether that is safe."""

import secrets
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnsafeSettings(Exception):
    """The production profile refuses to start; the message names each setting and why."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("unsafe settings for production:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


class Settings(BaseSettings):
    """Everything that an operator may set."""

    model_config = SettingsConfigDict(env_prefix="STAMPBOOK_", extra="ignore")

    profile: Literal["development", "production"] = Field(
        "development", description="production turns off the IDE, the mail page and every convenience"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="TCP port to listen on")
    data: Path = Field(Path(".stampbook"), description="folder of the embedded database and of local state")
    mongodb_uri: str | None = Field(None, description="your own MongoDB replica set; unset = embedded mongod")
    database: str = Field("stampbook", pattern=r"^[A-Za-z0-9_-]{1,60}$", description="name of the database")
    public_url: str = Field(
        "", description="address that members reach, also the OpenID issuer; unset = http://localhost:<port>"
    )
    secret: SecretStr = Field(
        SecretStr(""),
        description="root of all derived keys, 32+ random characters; unset = made once in the data folder",
    )
    persisted_only: bool = Field(False, description="run registered GraphQL documents only")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severe line to log")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto = console on a terminal, else JSON"
    )
    deadline_seconds: float = Field(10.0, gt=0, description="longest time that one API request may take")
    trusted_proxies: str = Field(
        "", description="comma-separated addresses of the proxies whose X-Forwarded-For and -Proto are believed"
    )
    storefront_origins: str = Field(
        "", description="comma-separated origins whose pages may ask the API with a token (CORS)"
    )
    smtp_url: SecretStr | None = Field(None, description="smtp[s]://user:password@host:port for outgoing mail")
    mail_from: str = Field("Stampbook <no-reply@localhost>", description="sender of outgoing mail")
    identity_providers: SecretStr = Field(
        SecretStr(""), description="JSON list of outside OpenID providers to sign in with (auth/federation/models.py)"
    )
    apple_certificate: Path | None = Field(
        None, description="PEM of Apple's Pass Type ID certificate and its private key; unset = no Apple passes"
    )
    apple_intermediate: Path | None = Field(None, description="PEM of Apple's WWDR intermediate certificate")
    google_service_account: Path | None = Field(
        None, description="JSON key of a Google service account; unset = no Google passes"
    )
    google_issuer: str | None = Field(None, pattern=r"^\d{1,30}$", description="issuer id of the Google Wallet console")

    @property
    def is_production(self) -> bool:
        """Whether the strict profile is on."""
        return self.profile == "production"

    @property
    def issuer(self) -> str:
        """The public address without a trailing slash; also the OpenID issuer."""
        return self.public_url.rstrip("/") or f"http://localhost:{self.port}"

    def derive_key(self, purpose: str) -> bytes:
        """Derive the 32-byte key of one purpose from the root secret (HKDF-SHA256, RFC 5869).

        Raises RuntimeError when no secret was set or loaded (see `with_secret`).
        """
        root = self.secret.get_secret_value()
        if not root:
            raise RuntimeError("no root secret: call with_secret() first")
        return HKDF(SHA256(), 32, salt=b"stampbook/1", info=purpose.encode()).derive(root.encode())

    def with_secret(self) -> "Settings":
        """Return settings that have a root secret, making one in the data folder the first time.

        The file is readable by its owner alone. Production never makes one up: see `check`.
        """
        if self.secret.get_secret_value():
            return self
        path = self.data / "secret"
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            fresh.rename(path)
        return self.model_copy(update={"secret": SecretStr(path.read_text().strip())})

    def problems(self) -> list[str]:
        """What is unsafe for production, a sentence each; empty when nothing is."""
        found = []
        if len(self.secret.get_secret_value()) < 32:
            found.append("STAMPBOOK_SECRET must be set to at least 32 random characters: every key derives from it")
        if not self.issuer.startswith("https://"):
            found.append(f"STAMPBOOK_PUBLIC_URL is {self.issuer}: sign-in over plain http can be read on the way")
        if self.mongodb_uri is None:
            found.append(
                "STAMPBOOK_MONGODB_URI is unset: the embedded one-node database has no replica to fail over to"
            )
        if self.smtp_url is None:
            found.append("STAMPBOOK_SMTP_URL is unset: sign-in codes would stay in the development outbox")
        return found

    def check(self) -> None:
        """Raise UnsafeSettings when the production profile is on and something is unsafe."""
        if self.is_production and (found := self.problems()):
            raise UnsafeSettings(found)
