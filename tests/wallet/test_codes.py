"""The code's layout, held to the vectors that the phone's side is held to as well."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from wallet import codes
from wallet.codes import CardNumber, Fault, LegacyNumber, Malformed, Rotating, Static, Totp
from wallet.totp import totp

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text())
REFERENCE = "LY0H000G40R40M30E203JE3G13DGKJ9M2B8G66JB1PGX"
KINDS = {
    "rotating": Rotating,
    "static": Static,
    "totp": Totp,
    "cardNumber": CardNumber,
    "legacyNumber": LegacyNumber,
    "malformed": Malformed,
}


def test_reference_code() -> None:
    key = bytes(range(32))
    signed = codes.rotating_message(bytes.fromhex("0102030405060708"), 0, 0, 60000000)
    assert codes.token_text(signed, key) == REFERENCE
    assert codes.mac(key, signed).hex() == "8db09c93412d1031a4b0da1d"


@pytest.mark.parametrize("vector", VECTORS["rotating"])
def test_rotating(vector: dict[str, Any]) -> None:
    key, credential = bytes.fromhex(vector["key"]), bytes.fromhex(vector["credential"])
    signed = codes.rotating_message(credential, vector["epoch"], vector["flags"], vector["step"])
    assert codes.token_text(signed, key) == vector["code"]
    assert len(vector["code"]) == 44
    token = codes.parse(vector["code"])
    assert isinstance(token, Rotating)
    assert (token.credential, token.epoch, token.flags, token.step) == (
        credential,
        vector["epoch"],
        vector["flags"],
        vector["step"],
    )
    assert token.clock_unsynchronised == bool(vector["flags"] & 1)
    assert token.wants_to_redeem == bool(vector["flags"] & 2)
    assert token.mac.hex() == vector["mac"]
    assert codes.is_authentic(token, key)
    assert not codes.is_authentic(token, bytes(31) + b"\1")


@pytest.mark.parametrize("vector", VECTORS["static"])
def test_static(vector: dict[str, Any]) -> None:
    key, credential = bytes.fromhex(vector["key"]), bytes.fromhex(vector["credential"])
    assert codes.token_text(codes.static_message(credential, vector["epoch"], vector["flags"]), key) == vector["code"]
    assert len(vector["code"]) == 38
    token = codes.parse(vector["code"])
    assert isinstance(token, Static)
    assert codes.is_authentic(token, key)


@pytest.mark.parametrize("vector", VECTORS["totp"])
def test_totp_barcodes(vector: dict[str, Any]) -> None:
    token = codes.parse(vector["code"])
    assert isinstance(token, Totp)
    assert len(vector["code"]) == 33
    assert totp(bytes.fromhex(vector["key"]), token.step) == token.value == vector["value"]
    assert token.credential.hex() == vector["credential"]


@pytest.mark.parametrize("vector", VECTORS["base32"])
def test_base32(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["bytes"])
    assert codes.base32_encode(data, vector["characters"]) == vector["text"]
    assert codes.base32_decode(vector["text"], len(data)) == data


@pytest.mark.parametrize("vector", VECTORS["base32Refused"])
def test_base32_refused(vector: dict[str, Any]) -> None:
    assert codes.base32_decode(vector["text"], vector["length"]) is None


def test_check_digits() -> None:
    for number in VECTORS["luhn"]:
        assert codes.luhn_digit(number[:-1]) == number[-1]
    for number in VECTORS["ean13"]:
        assert codes.ean13_digit(number[:-1]) == number[-1]


@pytest.mark.parametrize("vector", VECTORS["windowEdges"])
def test_window_edges(vector: dict[str, Any]) -> None:
    outside = codes.steps_outside(vector["step"], codes.step_at(vector["serverUnixSeconds"]))
    assert outside == vector["outside"]
    verdict = "FRESH" if outside == 0 else "STALE" if outside < 0 else "CLOCK_AHEAD"
    assert verdict == vector["verdict"]


def test_a_code_is_fresh_from_30_s_before_to_90_s_after_its_step_began() -> None:
    start = 60000000 * 30
    fresh = [second for second in range(-120, 180) if not codes.steps_outside(60000000, codes.step_at(start + second))]
    assert fresh == list(range(-30, 90))


@pytest.mark.parametrize("vector", VECTORS["parse"])
def test_parse(vector: dict[str, Any]) -> None:
    parsed = codes.parse(vector["code"])
    assert isinstance(parsed, KINDS[vector["kind"]])
    if isinstance(parsed, Malformed):
        assert parsed.fault is Fault(vector["fault"])


def test_the_shared_key_follows_from_the_device_key() -> None:
    vector = VECTORS["derivation"]
    assert len(bytes.fromhex(vector["devicePublicKeyCompressed"])) == 33
    peer = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), bytes.fromhex(vector["devicePublicKeyCompressed"])
    )
    assert peer.curve.name == "secp256r1"
    signed = codes.rotating_message(bytes.fromhex(vector["credential"]), 0, 0, vector["step"])
    assert codes.token_text(signed, bytes.fromhex(vector["key"])) == vector["code"]


@pytest.mark.parametrize("code", [REFERENCE, VECTORS["static"][0]["code"]])
def test_every_single_character_change_is_refused(code: str) -> None:
    key = bytes(range(32))
    alphabet = {chr(point) for point in range(32, 127)} | {"é", "０", "Ⅷ", "\u212a"}
    accepted = []
    for position in range(len(code)):
        for character in alphabet - {code[position]}:
            changed = code[:position] + character + code[position + 1 :]
            token = codes.parse(changed)
            if isinstance(token, Rotating | Static) and codes.is_authentic(token, key):
                accepted.append(changed)
    assert accepted == []


def test_every_bit_change_is_refused() -> None:
    key = bytes(range(32))
    raw = codes.base32_decode(REFERENCE[2:], 26)
    assert raw is not None
    for bit in range(8 * 26):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        token = codes.parse("LY" + codes.base32_encode(bytes(flipped), 42))
        assert not (isinstance(token, Rotating) and codes.is_authentic(token, key))


@given(st.text(max_size=140))
def test_any_text_parses_to_something(text: str) -> None:
    assert isinstance(codes.parse(text), tuple(KINDS.values()))


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=8, max_size=8),
    st.integers(0, 15),
    st.integers(0, 15),
    st.integers(0, codes.MAX_STEP),
)
def test_what_is_made_is_read(key: bytes, credential: bytes, epoch: int, flags: int, step: int) -> None:
    token = codes.parse(codes.token_text(codes.rotating_message(credential, epoch, flags, step), key))
    assert isinstance(token, Rotating)
    assert (token.credential, token.epoch, token.flags, token.step) == (credential, epoch, flags, step)
    assert codes.is_authentic(token, key)


# RFC 6238 appendix B: the secrets are the ASCII digits repeated to the hash's length.
RFC_6238 = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]


@pytest.mark.parametrize(("seconds", "sha1", "sha256", "sha512"), RFC_6238)
def test_rfc_6238(seconds: int, sha1: str, sha256: str, sha512: str) -> None:
    digits = b"1234567890" * 7
    assert totp(digits[:20], seconds // 30) == sha1
    assert totp(digits[:32], seconds // 30, algorithm="sha256") == sha256
    assert totp(digits[:64], seconds // 30, algorithm="sha512") == sha512
