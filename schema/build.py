"""From Strawberry types to the schema that runs."""

from collections.abc import Sequence
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from schema.fields import lighten
from schema.scalars import SCALARS


def build(
    query: type, mutation: type | None = None, subscription: type | None = None, types: Sequence[Any] = ()
) -> strawberry.Schema:
    """The Strawberry schema of these roots, its stored fields made light."""
    built = strawberry.Schema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        types=types,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    lighten(executable(built))
    return built


def executable(schema: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema inside."""
    return schema._schema
