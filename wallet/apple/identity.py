"""Who signs passes: the Pass Type ID certificate with its key, and Apple's intermediate; or throw-away ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from app.core.clock import Clock

_LIFE: Final = timedelta(days=365)


class UnusableCertificate(Exception):
    """A configured certificate or key that cannot sign passes; the message says why."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A signer. The pass type and the team stand in the certificate's subject (UID and OU)."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    intermediate: x509.Certificate
    throwaway: bool = False

    @property
    def pass_type(self) -> str:
        """The pass type identifier, such as `pass.com.example.card`."""
        return _subject(self.certificate, NameOID.USER_ID)

    @property
    def team(self) -> str:
        """The team identifier, ten characters."""
        return _subject(self.certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)

    def pem(self) -> bytes:
        """Certificate and key together, as a TLS client wants them."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self.certificate.public_bytes(Encoding.PEM) + key


def load_identity(certificate: Path, intermediate: Path) -> Identity:
    """Read a signer from PEM files; raises UnusableCertificate."""
    try:
        pem = certificate.read_bytes()
        leaf = x509.load_pem_x509_certificate(pem)
        key = load_pem_private_key(pem, None)
        issuer = x509.load_pem_x509_certificate(intermediate.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise UnusableCertificate(f"cannot read the certificate, its key or the intermediate: {error}") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UnusableCertificate("the key is not RSA, which Apple's pass certificates are")
    identity = Identity(leaf, key, issuer)
    if problems := identity_problems(identity):
        raise UnusableCertificate("; ".join(problems))
    return identity


def identity_problems(identity: Identity) -> list[str]:
    """What is wrong with a signer, apart from its dates; empty when nothing is."""
    found = []
    if identity.key.public_key().public_numbers() != _numbers(identity.certificate):
        found.append("the private key does not belong to the certificate")
    if not identity.pass_type.startswith("pass."):
        found.append("the certificate names no pass type (its UID must begin with 'pass.')")
    if not identity.team:
        found.append("the certificate names no team (OU)")
    try:
        identity.certificate.verify_directly_issued_by(identity.intermediate)
    except Exception:
        found.append("the certificate was not issued by the intermediate that is configured")
    return found


def throwaway_identity(clock: Clock) -> Identity:
    """A signer that nobody trusts, for development: a root-like intermediate and a leaf, made now."""
    now = clock.now()
    root_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stampbook throw-away intermediate")])
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, now, ca=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.USER_ID, "pass.test.stampbook.card"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Pass Type ID: pass.test.stampbook.card"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "THROWAWAY1"),
        ]
    )
    leaf = _certificate(name, root_name, key.public_key(), root_key, now, ca=False)
    return Identity(leaf, key, root, throwaway=True)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: rsa.RSAPublicKey,
    signer: rsa.RSAPrivateKey,
    now: datetime,
    *,
    ca: bool,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(signer, SHA256())
    )


def _subject(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    values = certificate.subject.get_attributes_for_oid(oid)
    return str(values[0].value) if values else ""


def _numbers(certificate: x509.Certificate) -> rsa.RSAPublicNumbers | None:
    key = certificate.public_key()
    return key.public_numbers() if isinstance(key, rsa.RSAPublicKey) else None
