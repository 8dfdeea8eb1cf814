"""The programme and its tiers, as anybody may see them."""

from operator import itemgetter

import strawberry

from app.programme.models import Programme as ProgrammeDocument
from schema.context import Context
from schema.fields import says
from schema.scalars import Decimal, Points
from wallet.codes import STEP_SECONDS


@strawberry.type(description="A rung of the ladder.")
class Tier:
    """Source: a Tier of the programme."""

    id: strawberry.ID = says("Name of the tier for programs, such as `gold`.")
    name: str = says("Name for people.")
    rank: int = says("0 is where everybody starts; higher is better.")
    threshold: Points = says("Qualifying points that reach it within one tier period.")
    benefits: list[str] = says("What it brings, a short line each.")
    earn_multiplier: Decimal = says("Times the base points of every purchase.", key="multiplier")


async def _server_key(_programme: ProgrammeDocument, context: Context) -> str:
    return (await context.services.cards.keys.current()).public_text


async def _key_epoch(_programme: ProgrammeDocument, context: Context) -> int:
    return (await context.services.cards.keys.current()).number


@strawberry.type(description="Points as a part payment; the part of a sale that they pay earns nothing.")
class PayWithPoints:
    """Source: a PayWithPoints of the programme."""

    points_per_unit: Points = says("So many points pay one unit of the currency.")
    minimum: Points = says("Fewest points that can be paid with at once.")
    maximum_share: int = says("Largest part of a sale, in per cent, that points may pay.")


@strawberry.type(description="The loyalty programme that this service runs.")
class Programme:
    """Source: the stored programme."""

    id: strawberry.ID = says("Id of the programme.", key="_id")
    name: str = says("Name for people.")
    currency_code: str = says("Currency of every amount, ISO 4217.", key="currency")
    time_zone: str = says("IANA zone in which days, months and years are counted.", key="zone")
    languages: list[str] = says("BCP 47 tags; the first is the default.")
    brand_hue: float = says("Hue of the brand in OKLCH degrees.")
    points_name_one: str = says("What one point is called.", key="points_one")
    points_name_other: str = says("What several points are called.", key="points_other")
    tiers: list[Tier] = says("The ladder, lowest tier first.", read=itemgetter("tiers"))
    pay_with_points: PayWithPoints | None = says(
        "How sales can be paid with points; null where points only buy rewards.",
        read=lambda programme: programme.get("pay_with_points"),
    )
    card_step_seconds: int = says("Seconds that a rotating card code is shown.", read=lambda _programme: STEP_SECONDS)
    card_server_key: str = says(
        "The server's public key for device cards, base64url of the uncompressed P-256 point.", load=_server_key
    )
    card_key_epoch: int = says("Number of that key, 0 to 15.", load=_key_epoch)
