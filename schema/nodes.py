"""Objects with an id of their own."""

from collections.abc import Mapping
from typing import Any, Final

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo

from schema.fields import says

# The prefix of an id says what it names.
_TYPES: Final[Mapping[str, str]] = {
    "mbr": "Member",
    "pur": "Purchase",
    "ret": "Return",
    "rwd": "Reward",
    "rdm": "Redemption",
    "str": "Store",
    "prd": "Product",
    "til": "Till",
    "ses": "Session",
    "fam": "Session",
    "mtd": "SignInMethod",
    "cdv": "CardDevice",
}


def type_of_id(identity: str) -> str | None:
    """The GraphQL type that an id names; None for what no id of ours looks like."""
    return "Activity" if identity.startswith("ent_") else _TYPES.get(identity[:3])


@strawberry.interface(description="Anything with an id of its own.")
class Node:
    """Source: a document with an `_id`."""

    id: strawberry.ID = says("Unique among all objects of the service; its prefix says what it names.", key="_id")

    @classmethod
    def resolve_type(cls, value: Any, _info: GraphQLResolveInfo[Any], _abstract: GraphQLAbstractType) -> str | None:
        """The type of a document, by its id; entries of the ledger are named `<account>:<seq>`."""
        identity = str(value["_id"] if isinstance(value, dict) else value.id)
        return "Activity" if ":" in identity else type_of_id(identity)
