"""The server's side of the card keys: epoch keys, the keys derived for devices, the seals of what is stored.

An epoch is a P-256 key pair and a key for static codes, both sealed under the root secret in `card_epochs`. A stolen
database therefore forges nothing. A device's key is never stored: it is derived again from the device's public point.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.core import base64url
from app.core.clock import Clock
from wallet.errors import InvalidPublicKey, NoFreeEpoch, WrongRootSecret
from wallet.models import EpochDocument
from wallet.repository import WalletRepository

EPOCHS: Final = 16
CACHED_KEYS: Final = 20_000
_REFRESH: Final = timedelta(seconds=10)
_NONCE: Final = 12


class Epoch:
    """One epoch's opened keys."""

    def __init__(self, number: int, private: ec.EllipticCurvePrivateKey, static_key: bytes) -> None:
        self.number = number
        self.private = private
        self.static_key = static_key
        self.public_text = base64url.encode(_point(private.public_key(), PublicFormat.UncompressedPoint))


class Seal:
    """Encrypts small secrets for storage (AES-256-GCM); the context must be given again to open them."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, secret: bytes, context: str) -> bytes:
        """Nonce and ciphertext of a secret."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, secret, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """The secret again; raises WrongRootSecret when it was sealed under another one."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], context.encode())
        except InvalidTag:
            raise WrongRootSecret(context) from None


class KeyRing:
    """Opens epochs and derives device keys; keeps both in memory."""

    def __init__(self, repository: WalletRepository, clock: Clock, derive_key: Callable[[str], bytes]) -> None:
        self._repository = repository
        self._clock = clock
        self._seal = Seal(derive_key("wallet.epochs"))
        self._epochs: dict[int, Epoch] = {}
        self._next_refresh = clock.now()
        self._keys: OrderedDict[bytes, bytes] = OrderedDict()
        self._decoys: OrderedDict[bytes, bytes] = OrderedDict()
        self._nobody = _point(ec.generate_private_key(ec.SECP256R1()).public_key(), PublicFormat.CompressedPoint)
        self._decoy_static_key = secrets.token_bytes(32)

    async def current(self) -> Epoch:
        """The newest epoch, which new cards are made under; the first is made when there is none."""
        await self._refresh_if_due()
        if not self._epochs:
            await self.rotate()
        return self._epochs[max(self._epochs)]

    async def rotate(self) -> Epoch:
        """Begin the next epoch; cards of earlier ones stay good. Raises NoFreeEpoch after the sixteenth."""
        await self._load()
        number = max(self._epochs, default=-1) + 1
        if number >= EPOCHS:
            raise NoFreeEpoch
        private, static_key = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32)
        secret = private.private_numbers().private_value.to_bytes(32, "big") + static_key
        await self._repository.add_epoch(
            {"_id": number, "sealed": self._seal.close(secret, f"epoch {number}"), "created_at": self._clock.now()}
        )
        await self._load()  # another process may have begun the same epoch first: its keys count
        return self._epochs[number]

    async def find(self, number: int) -> Epoch:
        """The epoch a code names, or, so that an unknown one costs the same work, the current one."""
        if number not in self._epochs:
            await self._refresh_if_due()
        return self._epochs.get(number) or await self.current()

    def device_key(self, epoch: Epoch, credential: bytes, public_key: bytes | None) -> bytes:
        """K of one device: ECDH with its stored point, HKDF-SHA256 salted with the credential id.

        Without a public key the same work is done for a key that nobody has, in a cache of its own, so that an unknown
        credential takes as long as a known one.
        """
        cache, point = (self._decoys, self._nobody) if public_key is None else (self._keys, public_key)
        if (key := cache.get(credential)) is not None:
            cache.move_to_end(credential)
            return key
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        key = HKDF(SHA256(), 32, salt=credential, info=b"LYCARD1").derive(epoch.private.exchange(ec.ECDH(), peer))
        cache[credential] = key
        if len(cache) > CACHED_KEYS:
            cache.popitem(last=False)
        return key

    def static_key(self, epoch: Epoch | None) -> bytes:
        """The key that static codes of an epoch are signed with; a key that nobody has without one."""
        return self._decoy_static_key if epoch is None else epoch.static_key

    async def _refresh_if_due(self) -> None:
        now = self._clock.now()
        if not self._epochs or now >= self._next_refresh:
            self._next_refresh = now + _REFRESH
            await self._load()

    async def _load(self) -> None:
        for document in await self._repository.epochs():
            if document["_id"] not in self._epochs:
                self._epochs[document["_id"]] = self._opened(document)

    def _opened(self, document: EpochDocument) -> Epoch:
        secret = self._seal.open(document["sealed"], f"epoch {document['_id']}")
        private = ec.derive_private_key(int.from_bytes(secret[:32], "big"), ec.SECP256R1())
        return Epoch(document["_id"], private, secret[32:])


def read_public_key(text: str) -> bytes:
    """A device's P-256 point in 33 bytes, from base64url of the uncompressed point; raises InvalidPublicKey."""
    try:
        raw = base64url.decode(text)
        if len(raw) != 65 or raw[0] != 4:
            raise InvalidPublicKey
        return _point(ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw), PublicFormat.CompressedPoint)
    except ValueError:
        raise InvalidPublicKey from None


def _point(key: ec.EllipticCurvePublicKey, form: PublicFormat) -> bytes:
    return key.public_bytes(Encoding.X962, form)
