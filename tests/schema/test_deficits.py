"""What a deficit did to points is said with the entry it happened in."""

from app.ledger.models import Earn, Redeem, Reverse
from tests.ledger.commands import make
from tests.schema.world import World


async def test_points_that_a_deficit_swallowed_are_shown_as_such(world: World) -> None:
    ada, now = await world.member(), world.stampbook.clock.now()
    for command in (
        make(Earn, "bought", account=ada.id, at=now, points=100),
        make(Redeem, "spent", account=ada.id, at=now, points=80),
        make(Reverse, "returned", account=ada.id, at=now, of="bought"),
        make(Earn, "next", account=ada.id, at=now, points=100),
    ):
        await world.stampbook.ledger.post(command)
    asked = await ada.ask(
        "{ viewer { activity { nodes { kind points explanation { parts { kind points text } } } } } }"
    )
    newest, returned, *others = asked.data["viewer"]["activity"]["nodes"]
    assert (newest["kind"], newest["points"]) == ("EARN", 20)
    assert newest["explanation"]["parts"] == [
        {"kind": "DEFICIT", "points": -80, "text": "80 made up for points that were taken back before."}
    ]
    assert [part["kind"] for part in returned["explanation"]["parts"]] == ["DEFICIT"]
    assert all(each["explanation"]["parts"] == [] for each in others)
