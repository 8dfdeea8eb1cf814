"""What Google is told: the programme's LoyaltyClass, a member's LoyaltyObject, the link that saves it.

Google Wallet API, REST reference v1 (LoyaltyClass, LoyaltyObject, RotatingBarcode, Jwt).
"""

from typing import Any, Final

from wallet.codes import STEP_SECONDS
from wallet.colours import brand_colour
from wallet.facts import PassFacts
from wallet.google.account import ServiceAccount
from wallet.sheet import grouped
from wallet.totp import DIGITS
from wallet.words import LANGUAGES, words_in

SAVE: Final = "https://pay.google.com/gp/v/save/"
CLASS: Final = "loyaltyClass"
OBJECT: Final = "loyaltyObject"


def loyalty_class(class_id: str, programme: str, hue: float, logo_url: str) -> dict[str, Any]:
    """The programme."""
    red, green, blue = brand_colour(hue)
    return {
        "id": class_id,
        "issuerName": programme,
        "programName": programme,
        "programLogo": {
            "sourceUri": {"uri": logo_url},
            "contentDescription": {"defaultValue": {"language": "en", "value": programme}},
        },
        "hexBackgroundColor": f"#{red:02x}{green:02x}{blue:02x}",
        "reviewStatus": "UNDER_REVIEW",
    }


def loyalty_object(
    object_id: str, class_id: str, facts: PassFacts, code: str, prefix: str, secret: bytes
) -> dict[str, Any]:
    """A member's card: the rotating barcode first, the static code for phones that cannot turn it.

    `prefix` and `secret` come from `CardService.totp_pass`; the secret goes to Google by REST only, never into a link.
    """
    number = grouped(facts.number)
    return {
        "id": object_id,
        "classId": class_id,
        "state": "ACTIVE",
        "accountId": facts.number,
        "accountName": facts.name,
        **changing_fields(facts),
        "barcode": {"type": "QR_CODE", "value": code, "alternateText": number},
        "rotatingBarcode": {
            "type": "QR_CODE",
            "renderEncoding": "UTF_8",
            "valuePattern": prefix + "{totp_timestamp_seconds}{totp_value_0}",
            "alternateText": number,
            "totpDetails": {
                "periodMillis": str(STEP_SECONDS * 1000),
                "algorithm": "TOTP_SHA1",
                "parameters": [{"key": secret.hex().upper(), "valueLength": DIGITS}],
            },
        },
    }


def changing_fields(facts: PassFacts) -> dict[str, Any]:
    """What is sent again when points or tier change."""
    short, words = words_in(facts.language)
    others = [{"language": tag, "value": said["points"]} for tag, said in LANGUAGES.items() if tag != short]
    label = {"defaultValue": {"language": short, "value": words["points"]}, "translatedValues": others}
    return {
        "loyaltyPoints": {"localizedLabel": label, "balance": {"int": facts.points}},
        "textModulesData": [{"id": "tier", "header": words["tier"], "body": facts.tier}],
    }


def save_link(account: ServiceAccount, object_id: str, class_id: str, origin: str, issued_at: int) -> str:
    """The link that puts an object into the member's wallet: ids only, the object is there by REST."""
    claims = {
        "iss": account.email,
        "aud": "google",
        "typ": "savetowallet",
        "iat": issued_at,
        "origins": [origin],
        "payload": {"loyaltyObjects": [{"id": object_id, "classId": class_id}]},
    }
    return SAVE + account.sign(claims)
