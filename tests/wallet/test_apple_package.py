"""The package by Apple's rules, checked with tools that are not ours: zip, openssl, a schema."""

import hashlib
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image

from app.core.clock import MovableClock, SystemClock
from wallet.apple.identity import Identity, UnusableCertificate, identity_problems, load_identity, throwaway_identity
from wallet.apple.package import build_package
from wallet.colours import brand_colour, contrast
from wallet.facts import PassFacts
from wallet.words import LANGUAGES

SCHEMA = json.loads((Path(__file__).parent / "pass.schema.json").read_text())
FACTS = PassFacts("mbr_" + "a" * 24, "prg_1", "Harvest", 150.0, "Ada Lovelace", "2900000000000016", 1234, "Gold", "en")
CODE = "LY4000G40R40M30E2092W9S0DNV05W7CNGWAJW"
SERIAL = "0" * 24


@pytest.fixture(scope="module")
def identity() -> Identity:
    return throwaway_identity(SystemClock())


def package(identity: Identity, facts: PassFacts = FACTS) -> dict[str, bytes]:
    data = build_package(
        facts, CODE, serial=SERIAL, token="t" * 32, service_url="https://card.test/apple", identity=identity
    )
    assert len(data) <= 100_000
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        assert not [name for name in names if name.endswith("/") or name.startswith(("__MACOSX", "/", "."))]
        return {name: archive.read(name) for name in names}


@pytest.fixture(scope="module")
def files(identity: Identity) -> dict[str, bytes]:
    return package(identity)


def verified(files: dict[str, bytes], identity: Identity, folder: Path, command: str = "smime") -> bool:
    """What a phone checks: every file by the manifest, and the manifest by openssl."""
    for name, data in files.items():
        (folder / name.replace("/", "_")).write_bytes(data)
    authority = folder / "authority.pem"
    authority.write_bytes(identity.intermediate.public_bytes(Encoding.PEM))
    arguments = ["-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "manifest.json"]
    result = subprocess.run(
        ["openssl", command, *arguments, "-CAfile", str(authority), "-purpose", "any", "-out", "verified"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    manifest = json.loads(files["manifest.json"])
    listed = {name: hashlib.sha1(data).hexdigest() for name, data in files.items()}  # noqa: S324 -- Apple's choice
    del listed["manifest.json"], listed["signature"]
    return result.returncode == 0 and manifest == listed


@pytest.mark.parametrize("command", ["smime", "cms"])
def test_openssl_verifies_the_signature(
    files: dict[str, bytes], identity: Identity, tmp_path: Path, command: str
) -> None:
    assert verified(files, identity, tmp_path, command)


def test_the_signature_is_detached_dated_and_holds_both_certificates(files: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "signature").write_bytes(files["signature"])
    base = ["openssl", "cms", "-cmsout", "-inform", "DER", "-in", "signature"]
    printed = subprocess.run([*base, "-print", "-noout"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "eContent: <ABSENT>" in printed.stdout
    assert "signingTime" in printed.stdout
    arguments = ["openssl", "pkcs7", "-inform", "DER", "-in", "signature", "-print_certs"]
    certificates = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert certificates.stdout.count("BEGIN CERTIFICATE") == 2


def test_tampering_with_any_file_fails(files: dict[str, bytes], identity: Identity, tmp_path: Path) -> None:
    for number, name in enumerate(files):
        changed = bytearray(files[name])
        changed[len(changed) // 2] ^= 1
        folder = tmp_path / str(number)
        folder.mkdir()
        assert not verified({**files, name: bytes(changed)}, identity, folder), name
    added = {**files, "extra.png": b"x"}
    assert not verified(added, identity, tmp_path)


def test_another_signer_is_not_believed(files: dict[str, bytes], tmp_path: Path) -> None:
    assert not verified(files, throwaway_identity(SystemClock()), tmp_path)


def test_the_pass_keeps_to_the_schema(files: dict[str, bytes], identity: Identity) -> None:
    content = json.loads(files["pass.json"])
    jsonschema_rs.validator_for(SCHEMA).validate(content)
    assert content["passTypeIdentifier"] == identity.pass_type
    assert content["teamIdentifier"] == identity.team
    assert content["barcodes"][0]["message"] == CODE
    assert content["barcodes"][0]["altText"] == "2900 0000 0000 0016"
    styles = {"boardingPass", "coupon", "eventTicket", "generic", "storeCard"} & set(content)
    assert styles == {"storeCard"}
    keys = [field["key"] for section in content["storeCard"].values() for field in section]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("formatVersion",), 2),
        (("serialNumber",), None),
        (("authenticationToken",), "short"),
        (("backgroundColor",), "#fff"),
        (("barcodes", 0, "format"), "PKBarcodeFormatMaxi"),
        (("barcodes", 0, "messageEncoding"), None),
        (("storeCard", "headerFields", 0, "changeMessage"), 7),
        (("storeCard", "headerFields", 0, "key"), None),
        (("webServiceURL",), "ftp://x"),
        (("coupon",), {}),
    ],
)
def test_the_schema_finds_mistakes(files: dict[str, bytes], path: tuple[str | int, ...], value: object) -> None:
    content: Any = json.loads(files["pass.json"])
    target = content
    for step in path[:-1]:
        target = target[step]
    if value is None:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(content)


def test_every_language_says_every_word(files: dict[str, bytes]) -> None:
    content = json.loads(files["pass.json"])
    said: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        lines = files[f"{language}.lproj/pass.strings"].decode().splitlines()
        pairs = [line.removesuffix(";").split(" = ", 1) for line in lines]
        said[language] = {json.loads(key): json.loads(text) for key, text in pairs}
    assert len({frozenset(words) for words in said.values()}) == 1
    fields = [field for section in content["storeCard"].values() for field in section]
    used = {field["label"] for field in fields} | {f["changeMessage"] for f in fields if "changeMessage" in f}
    assert used <= set(said["en"])
    for field in fields:
        if "changeMessage" in field:
            assert all("%@" in words[field["changeMessage"]] for words in said.values())


def test_pictures_have_the_sizes_that_phones_ask_for(files: dict[str, bytes]) -> None:
    for name, side in (("icon", 29), ("logo", 50)):
        for scale in (1, 2, 3):
            suffix = "" if scale == 1 else f"@{scale}x"
            assert Image.open(io.BytesIO(files[f"{name}{suffix}.png"])).size == (side * scale, side * scale)


@pytest.mark.parametrize("hue", range(0, 360, 15))
def test_white_is_readable_on_every_brand(hue: int) -> None:
    assert contrast(brand_colour(hue), (255, 255, 255)) >= 4.5


def test_a_test_pass_says_so(files: dict[str, bytes], identity: Identity) -> None:
    content = json.loads(files["pass.json"])
    assert "test" in content["logoText"]
    assert content["storeCard"]["backFields"][0]["key"] == "test"
    real = json.loads(package(replace(identity, throwaway=False))["pass.json"])
    assert real["logoText"] == "Harvest"
    assert [field["key"] for field in real["storeCard"]["backFields"]] == ["card", "use", "conditions"]


@pytest.mark.parametrize("name", ['Ada "the" \\ Lovelace', "عائشة", "👩‍🚀", "x" * 500])
def test_any_name_fits(identity: Identity, name: str) -> None:
    content = json.loads(package(identity, replace(FACTS, name=name))["pass.json"])
    assert content["storeCard"]["auxiliaryFields"][0]["value"] == name


def test_certificates_are_read_and_checked(identity: Identity, tmp_path: Path, clock: MovableClock) -> None:
    leaf, issuer = tmp_path / "leaf.pem", tmp_path / "issuer.pem"
    leaf.write_bytes(identity.pem())
    issuer.write_bytes(identity.intermediate.public_bytes(Encoding.PEM))
    assert load_identity(leaf, issuer).pass_type == "pass.test.stampbook.card"
    other = throwaway_identity(clock)
    issuer.write_bytes(other.intermediate.public_bytes(Encoding.PEM))
    with pytest.raises(UnusableCertificate, match="not issued by the intermediate"):
        load_identity(leaf, issuer)
    other_key = other.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    leaf.write_bytes(identity.certificate.public_bytes(Encoding.PEM) + other_key)
    with pytest.raises(UnusableCertificate, match="does not belong"):
        load_identity(leaf, issuer)
    leaf.write_text("nonsense")
    for path in (leaf, tmp_path / "missing.pem"):
        with pytest.raises(UnusableCertificate, match="cannot read"):
            load_identity(path, issuer)
    swapped = replace(identity, certificate=identity.intermediate)
    assert len(identity_problems(swapped)) == 3
