"""Invented stores: the data knows them by a number only."""

import random
from collections.abc import Sequence

from app.stores.models import NewStore

_STREETS = (
    *("Alder", "Apple", "Birch", "Canal", "Cedar", "Chapel", "Clover", "Copper", "Dover", "Elm", "Ferry", "Garden"),
    *("Granary", "Harbor", "Hawthorn", "Hazel", "Juniper", "Kiln", "Lantern", "Laurel", "Linden", "Maple", "Meadow"),
    *("Mill", "Mulberry", "Oak", "Orchard", "Pear", "Poplar", "Quarry", "River", "Rowan", "Saddle", "Sage", "Spruce"),
    *("Station", "Sycamore", "Thistle", "Walnut", "Willow"),
)
_KINDS = ("Street", "Square", "Corner", "Market", "Lane", "Row", "Crossing", "Hill", "Yard", "Park", "Gate", "Green")
_TOWNS = (
    *("Ashby", "Bellhaven", "Brightwater", "Calder Falls", "Clearbrook", "Copperton", "Dunmore", "Eastmere"),
    *("Fairhaven", "Fernwood", "Glenrock", "Graybridge", "Harlow", "Highfield", "Kingsley", "Lakemont", "Larkspur"),
    *("Millbrook", "Northport", "Oakridge", "Pinecrest", "Port Ellis", "Redfield", "Rosedale", "Saltmarsh"),
    *("Silver Creek", "Stonebridge", "Thornbury", "Westmere", "Wickford", "Winfield", "Woodhaven"),
)


def store_id(number: int) -> str:
    """The store's id, from its number in the data."""
    return f"str_{number:024x}"


def till_id(store: int, basket: int) -> str:
    """One of the four tills of a store, the same for the same basket."""
    return f"till_{store * 10 + basket % 4 + 1:024x}"


def till_of(store: str, number: int) -> str:
    """One of the four tills of a store by its id."""
    return till_id(int(store.removeprefix("str_"), 16), number)


def stores(numbers: Sequence[int]) -> list[NewStore]:
    """A store for every number, always the same for the same numbers; holds for up to 480."""
    chance = random.Random(1789)  # noqa: S311 -- invented names, not secrets
    names = [f"Harvest {street} {kind}" for street in _STREETS for kind in _KINDS]
    chance.shuffle(names)
    return [
        NewStore(store_id(number), str(number), name, chance.choice(_TOWNS))
        for number, name in zip(sorted(numbers), names, strict=False)
    ]
