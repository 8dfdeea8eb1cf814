"""Daily seals: what the chains looked like at a moment, under a signed root, each naming the one before."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final, TypedDict

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.ledger.canonical import GENESIS, canonical

KEY_PURPOSE: Final = "ledger seals"
"""What `Settings.derive_key` is asked for."""


class SealedHead(TypedDict):
    """The last entry of an account that a seal covers; `_id` is that entry's."""

    _id: str
    account: str
    seq: int
    hash: str
    seal: int


class SealDocument(TypedDict):
    """A seal. `totals` sum the postings of the `entries` it is the first to cover, per book and posting name.

    `root` covers the sealed heads, `previous` the seal before, `hash` this seal, `signature` (Ed25519, hex) that hash;
    `key` is the public key, hex.
    """

    _id: int
    day: str
    closed_at: str
    entries: int
    accounts: int
    totals: dict[str, dict[str, int]]
    root: str
    previous: str
    key: str
    hash: str
    signature: str


def book_of(account: str) -> str:
    """Which trial balance an account belongs to: rewards hold units, everybody else points."""
    return "stock" if account.startswith("rwd_") else "points"


def root_of(heads: Iterable[SealedHead]) -> str:
    """SHA-256 over one line "<account> <seq> <hash>\\n" for each head, lines sorted."""
    digest = hashlib.sha256()
    for line in sorted(f"{head['account']} {head['seq']} {head['hash']}\n" for head in heads):
        digest.update(line.encode())
    return digest.hexdigest()


def seal_hash(seal: Mapping[str, object]) -> str:
    """SHA-256 of the canonical seal without `hash` and `signature`."""
    return hashlib.sha256(canonical({k: v for k, v in seal.items() if k not in ("hash", "signature")})).hexdigest()


def public_key_of(key: bytes) -> str:
    """The public half of a 32-byte private key, hex."""
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw().hex()


def sign(seal: SealDocument, key: bytes) -> SealDocument:
    """The seal with its key, hash and signature."""
    private = Ed25519PrivateKey.from_private_bytes(key)
    signed: SealDocument = {**seal, "key": private.public_key().public_bytes_raw().hex()}
    signed["hash"] = seal_hash(signed)
    signed["signature"] = private.sign(bytes.fromhex(signed["hash"])).hex()
    return signed


def wrong_with(seal: SealDocument, previous: SealDocument | None, public_key: str | None) -> str | None:
    """What is wrong with a seal by itself and after the one before it; None when nothing is.

    `public_key` is the one to trust, from outside the database; without it a seal signed anew by another key passes.
    """
    if seal["_id"] != (previous["_id"] + 1 if previous else 1):
        return "a seal before it is missing"
    if seal["previous"] != (previous["hash"] if previous else GENESIS):
        return "it does not follow the seal before it: one of them was signed again"
    if seal["hash"] != seal_hash(dict(seal)):
        return "its content does not match its hash"
    if public_key is not None and seal["key"] != public_key:
        return "it was signed by another key"
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal["key"])).verify(
            bytes.fromhex(seal["signature"]), bytes.fromhex(seal["hash"])
        )
    except (InvalidSignature, ValueError):
        return "its signature is wrong"
    return None
