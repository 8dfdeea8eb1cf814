"""A `.pkpass`: pass.json, its languages and pictures, the manifest, the detached signature, zipped.

Apple, "Building a pass" and "Creating a store card pass"; the signature is CMS with a signing time (RFC 5652).
"""

import hashlib
import io
import zipfile
from functools import lru_cache
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from wallet.apple.identity import Identity
from wallet.colours import Rgb, brand_colour, css
from wallet.facts import PassFacts
from wallet.images import letter_png
from wallet.sheet import grouped
from wallet.words import LANGUAGES, Words

MEDIA_TYPE: Final = "application/vnd.apple.pkpass"
_ICON_SIDE: Final = 29
_LOGO_SIDE: Final = 50
_SCALES: Final = (1, 2, 3)
_WHITE: Final[Rgb] = (255, 255, 255)


def build_package(
    facts: PassFacts, code: str, *, serial: str, token: str, service_url: str, identity: Identity
) -> bytes:
    """The whole package; takes about 2 ms and belongs in a thread.

    `code` is the static code it shows, `token` what the phone proves itself with to the web service.
    """
    files = {"pass.json": orjson.dumps(pass_json(facts, code, serial, token, service_url, identity))}
    files |= _pictures(facts.programme[:1].upper(), brand_colour(facts.hue))
    files |= {f"{language}.lproj/pass.strings": _strings(words) for language, words in LANGUAGES.items()}
    manifest = orjson.dumps({name: hashlib.sha1(data).hexdigest() for name, data in files.items()})  # noqa: S324
    files |= {"manifest.json": manifest, "signature": sign(manifest, identity)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def pass_json(
    facts: PassFacts, code: str, serial: str, token: str, service_url: str, identity: Identity
) -> dict[str, Any]:
    """The pass itself. Labels are keys of `pass.strings`; Apple takes no barcode that turns, so the code is static."""
    number = grouped(facts.number)
    back = [
        {"key": "card", "label": "number", "value": number},
        {"key": "use", "label": "use", "value": "how_text"},
        {"key": "conditions", "label": "terms", "value": "terms_text"},
    ]
    if identity.throwaway:
        back.insert(0, {"key": "test", "label": "test", "value": "test"})
    return {
        "formatVersion": 1,
        "passTypeIdentifier": identity.pass_type,
        "teamIdentifier": identity.team,
        "serialNumber": serial,
        "organizationName": facts.programme,
        "description": f"{facts.programme} card",
        "logoText": f"{facts.programme} (test)" if identity.throwaway else facts.programme,
        "foregroundColor": css(_WHITE),
        "labelColor": css(_WHITE),
        "backgroundColor": css(brand_colour(facts.hue)),
        "sharingProhibited": True,
        "webServiceURL": service_url,
        "authenticationToken": token,
        "barcodes": [
            {"format": "PKBarcodeFormatQR", "message": code, "messageEncoding": "iso-8859-1", "altText": number}
        ],
        "storeCard": {
            "headerFields": [
                {
                    "key": "points",
                    "label": "points",
                    "value": facts.points,
                    "numberStyle": "PKNumberStyleDecimal",
                    "changeMessage": "points_changed %@",
                }
            ],
            "secondaryFields": [
                {"key": "tier", "label": "tier", "value": facts.tier, "changeMessage": "tier_changed %@"}
            ],
            "auxiliaryFields": [{"key": "name", "label": "member", "value": facts.name}],
            "backFields": back,
        },
    }


def sign(manifest: bytes, identity: Identity) -> bytes:
    """A detached signature with signing time, holding both certificates (DER)."""
    return (
        PKCS7SignatureBuilder()
        .set_data(manifest)
        .add_signer(identity.certificate, identity.key, SHA256())
        .add_certificate(identity.intermediate)
        .sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    )


def _strings(words: Words) -> bytes:
    said = {
        "points": words["points"],
        "points_changed %@": words["points_changed"],
        "tier": words["tier"],
        "tier_changed %@": words["tier_changed"],
        "member": words["member"],
        "number": words["number"],
        "use": words["use"],
        "how_text": words["how"],
        "terms": words["terms"],
        "terms_text": words["terms_text"],
        "test": words["test"],
    }
    return "".join(f'"{key}" = "{_quoted(text)}";\n' for key, text in said.items()).encode()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@lru_cache(16)
def _pictures(letter: str, colour: Rgb) -> dict[str, bytes]:
    """Icon and logo in the three sizes a phone asks for: the programme's letter on its colour."""
    pictures = {}
    for name, side in (("icon", _ICON_SIDE), ("logo", _LOGO_SIDE)):
        for scale in _SCALES:
            suffix = "" if scale == 1 else f"@{scale}x"
            pictures[f"{name}{suffix}.png"] = letter_png(letter, side * scale, colour)
    return pictures
