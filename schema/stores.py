"""Stores."""

import strawberry

from schema.fields import says
from schema.nodes import Node


@strawberry.type(description="A shop of the programme.")
class Store(Node):
    """Source: a stored store."""

    id: strawberry.ID = says("Id of the store.", key="_id")
    name: str = says("Name for people.")
    city: str | None = says("Town, where known.")
