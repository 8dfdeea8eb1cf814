"""What a card code says: the rotating and static tokens, the TOTP barcode, the card numbers. Pure; no keys, no clock.

A code's text is read once, by `parse`, into a typed credential or `Malformed`. Whether the credential is known,
authentic and unused is decided by `wallet.identify`. The layout is fixed and shared with the phone;
`tests/wallet/vectors.json` holds both sides to it.
"""

import hmac
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U. Only capitals and digits survive a scanner with the wrong keyboard country."""

VERSION: Final = 1
STEP_SECONDS: Final = 30
STEPS_BACK: Final = 2
STEPS_AHEAD: Final = 1
MAX_STEP: Final = 2**32 - 1
MAX_CODE_LENGTH: Final = 128
MAC_LENGTH: Final = 12
CREDENTIAL_LENGTH: Final = 8

_LABEL: Final = b"LYCARD1\0"
_ROTATING_BYTES: Final = 26
_STATIC_BYTES: Final = 22
_ROTATING_CHARACTERS: Final = 42
_STATIC_CHARACTERS: Final = 36
_TOTP_CREDENTIAL_CHARACTERS: Final = 13

_B32: Final = f"[{ALPHABET}]"
_LY = re.compile(f"LY({_B32}+)")
_LG = re.compile(f"LG({_B32}{{13}})([0-9]{{10}})([0-9]{{8}})")
_GROUPED_DIGITS = re.compile("[0-9]+(?:[ -][0-9]+)*")
# A German keyboard swaps Y and Z; a French one types accented letters for digits unless shift is held.
_SWAPPED_Y = re.compile("LZ[0-9A-Z]{36,42}")
_AZERTY = re.compile("[éèçà§]", re.IGNORECASE)

_TO_INT = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")


class TokenType(Enum):
    """The low nibble of a token's first byte."""

    ROTATING = 1
    STATIC = 2


class Fault(Enum):
    """Why a text is no card code; decides what the cashier is told."""

    SHAPE = "shape"
    CHECK_DIGIT = "check_digit"
    KEYBOARD = "keyboard"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Rotating:
    """A code that the phone made for one step; `signed` is what its MAC covers."""

    credential: bytes
    epoch: int
    flags: int
    step: int
    signed: bytes
    mac: bytes

    @property
    def clock_unsynchronised(self) -> bool:
        """The phone has not seen the server's time for seven days."""
        return bool(self.flags & 1)

    @property
    def wants_to_redeem(self) -> bool:
        """The member asked on the phone to use a reward."""
        return bool(self.flags & 2)


@dataclass(frozen=True, slots=True)
class Static:
    """A code made by the server that stays the same: Apple pass, printed card, e-mail."""

    credential: bytes
    epoch: int
    flags: int
    signed: bytes
    mac: bytes


@dataclass(frozen=True, slots=True)
class Totp:
    """A Google or Samsung rotating barcode: Unix seconds when it was drawn and the RFC 6238 value for them."""

    credential: bytes
    timestamp: int
    value: str

    @property
    def step(self) -> int:
        """The TOTP time step that the value belongs to."""
        return self.timestamp // STEP_SECONDS


@dataclass(frozen=True, slots=True)
class CardNumber:
    """Sixteen digits with a right Luhn digit."""

    number: str

    @property
    def prefix(self) -> str:
        """The two digits that name the programme."""
        return self.number[:2]


@dataclass(frozen=True, slots=True)
class LegacyNumber:
    """An EAN-13 of GS1's restricted circulation (02, 04, 20 to 29) with a right check digit."""

    number: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not a card code at all."""

    fault: Fault


Credential = Rotating | Static | Totp | CardNumber | LegacyNumber


def parse(code: str) -> Credential | Malformed:
    """Read what was scanned or typed; surrounding white space and a stuck caps lock (all lower case) are forgiven."""
    if len(code) > MAX_CODE_LENGTH:
        return Malformed(Fault.SHAPE)
    text = code.strip()
    if text.islower():
        text = text.upper()
    if token := _LY.fullmatch(text):
        return _parse_token(token[1])
    if totp := _LG.fullmatch(text):
        return _parse_totp(totp[1], totp[2], totp[3])
    if _GROUPED_DIGITS.fullmatch(text):
        return _parse_number(text.replace(" ", "").replace("-", ""))
    if _SWAPPED_Y.fullmatch(text) or _AZERTY.search(text):
        return Malformed(Fault.KEYBOARD)
    return Malformed(Fault.SHAPE)


def rotating_message(credential: bytes, epoch: int, flags: int, step: int) -> bytes:
    """The first 14 bytes of a rotating token: everything but its MAC."""
    return _header(TokenType.ROTATING, epoch, flags, credential) + step.to_bytes(4, "big")


def static_message(credential: bytes, epoch: int, flags: int = 0) -> bytes:
    """The first 10 bytes of a static token: everything but its MAC."""
    return _header(TokenType.STATIC, epoch, flags, credential)


def mac(key: bytes, signed: bytes) -> bytes:
    """The first 96 bits of HMAC-SHA256 over the label and the token's other bytes."""
    return hmac.digest(key, _LABEL + signed, "sha256")[:MAC_LENGTH]


def is_authentic(token: Rotating | Static, key: bytes) -> bool:
    """Whether the token's MAC was made with `key`; takes the same time either way."""
    return hmac.compare_digest(mac(key, token.signed), token.mac)


def token_text(signed: bytes, key: bytes) -> str:
    """The code a phone or a printed card shows: 44 characters when rotating, 38 when static."""
    token = signed + mac(key, signed)
    characters = _ROTATING_CHARACTERS if len(token) == _ROTATING_BYTES else _STATIC_CHARACTERS
    return "LY" + base32_encode(token, characters)


def totp_prefix(credential: bytes) -> str:
    """The fixed beginning of a TOTP barcode; ten digits of Unix seconds and eight of TOTP follow."""
    return "LG" + base32_encode(credential, _TOTP_CREDENTIAL_CHARACTERS)


def step_at(unix_seconds: float) -> int:
    """The step an instant lies in."""
    return int(unix_seconds // STEP_SECONDS)


def steps_outside(step: int, server_step: int) -> int:
    """How many steps a code is outside the accepted window: 0 inside, negative too old, positive ahead of the clock."""
    difference = step - server_step
    if difference < -STEPS_BACK:
        return difference + STEPS_BACK
    if difference > STEPS_AHEAD:
        return difference - STEPS_AHEAD
    return 0


def base32_encode(data: bytes, characters: int) -> str:
    """Bytes as exactly so many characters, most significant first, padded with zero bits on the left."""
    value = int.from_bytes(data, "big")
    return "".join(ALPHABET[(value >> shift) & 31] for shift in range(5 * (characters - 1), -1, -5))


def base32_decode(text: str, length: int) -> bytes | None:
    """The bytes of a text, or None when a character is foreign or the padding bits are not zero."""
    if not re.fullmatch(f"{_B32}+", text):
        return None
    value = int(text.translate(_TO_INT), 32)
    return value.to_bytes(length, "big") if value < 1 << (8 * length) else None


def luhn_digit(digits: str) -> str:
    """The digit that completes a number to Luhn's check (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def ean13_digit(digits: str) -> str:
    """The check digit of an EAN-13's first twelve digits (GS1 General Specifications, 7.9)."""
    return str(-sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(digits)) % 10)


def _header(kind: TokenType, epoch: int, flags: int, credential: bytes) -> bytes:
    return bytes((VERSION << 4 | kind.value, epoch << 4 | flags)) + credential


def _parse_token(body: str) -> Rotating | Static | Malformed:
    if len(body) == _ROTATING_CHARACTERS:
        kind, token = TokenType.ROTATING, base32_decode(body, _ROTATING_BYTES)
    elif len(body) == _STATIC_CHARACTERS:
        kind, token = TokenType.STATIC, base32_decode(body, _STATIC_BYTES)
    else:
        return Malformed(Fault.SHAPE)
    if token is None or token[0] != VERSION << 4 | kind.value:
        return Malformed(Fault.SHAPE)
    epoch, flags = divmod(token[1], 16)
    credential, signed, sent_mac = token[2:10], token[:-MAC_LENGTH], token[-MAC_LENGTH:]
    if kind is TokenType.STATIC:
        return Static(credential, epoch, flags, signed, sent_mac)
    return Rotating(credential, epoch, flags, int.from_bytes(token[10:14], "big"), signed, sent_mac)


def _parse_totp(credential: str, timestamp: str, value: str) -> Totp | Malformed:
    decoded = base32_decode(credential, CREDENTIAL_LENGTH)
    return Malformed(Fault.SHAPE) if decoded is None else Totp(decoded, int(timestamp), value)


def _parse_number(digits: str) -> CardNumber | LegacyNumber | Malformed:
    if len(digits) == 16:
        good = luhn_digit(digits[:-1]) == digits[-1]
        return CardNumber(digits) if good else Malformed(Fault.CHECK_DIGIT)
    if len(digits) == 12 and digits[0] in "24":
        digits = "0" + digits  # many scanners drop the leading zero and send the UPC-A form
    if len(digits) != 13:
        product = len(digits) in {8, 12, 14}
        return Malformed(Fault.PRODUCT if product else Fault.SHAPE)
    if ean13_digit(digits[:-1]) != digits[-1]:
        return Malformed(Fault.CHECK_DIGIT)
    restricted = digits[0] == "2" or digits[:2] in {"02", "04"}
    return LegacyNumber(digits) if restricted else Malformed(Fault.PRODUCT)
