"""Fields that read straight from stored documents, without a resolver's machinery around each value.

Strawberry builds the schema; the values behind its types are the plain documents that repositories return. A field
either names a key of the document, or a plain function of the document, or a coroutine of the document and the context.
`lighten` puts those functions where Strawberry's generic wrappers stood.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from schema.context import Context

Read = Callable[[Any], object]
Load = Callable[[Any, Context], object | Awaitable[object]]
F = TypeVar("F", bound=Callable[..., object])
_READ, _LOAD = "stampbook.read", "stampbook.load"


def says(
    description: str,
    *,
    key: str | None = None,
    read: Read | None = None,
    load: Load | None = None,
    name: str | None = None,
    directives: Sequence[object] = (),
    deprecated: str | None = None,
) -> Any:
    """Declare a field: from the attribute's own key, from another key, or from a function of the document.

    `read` is given the document; `load` the document and the context, and may be a coroutine function.
    """
    metadata: dict[str, object] = {}
    if load is not None:
        metadata[_LOAD] = load
    elif read is not None:
        metadata[_READ] = read
    elif key is not None:
        metadata[_READ] = _from_key(key)
    return strawberry.field(
        name=name, description=description, metadata=metadata, directives=directives, deprecation_reason=deprecated
    )


def field(description: str, *, kind: Any = None, directives: Sequence[object] = ()) -> Callable[[F], F]:
    """Declare a field by its resolver; `kind` is its GraphQL type where the resolver returns documents."""

    def declare(resolver: F) -> F:
        made = strawberry.field(resolver=resolver, description=description, graphql_type=kind, directives=directives)
        return cast("F", made)

    return declare


def mutation(description: str, *, kind: Any = None, directives: Sequence[object] = ()) -> Callable[[F], F]:
    """Declare a mutation, as `field` does."""

    def declare(resolver: F) -> F:
        made = strawberry.mutation(resolver=resolver, description=description, graphql_type=kind, directives=directives)
        return cast("F", made)

    return declare


def subscription(description: str, *, kind: Any = None, directives: Sequence[object] = ()) -> Callable[[F], F]:
    """Declare a subscription, as `field` does; `kind` is the type of one event."""

    def declare(resolver: F) -> F:
        made = strawberry.subscription(
            resolver=resolver, description=description, graphql_type=kind, directives=directives
        )
        return cast("F", made)

    return declare


def value(stored: str, description: str) -> Any:
    """Declare a member of an enum: the value that documents carry, and what it means."""
    return strawberry.enum_value(stored, description=description)


def means(description: str) -> Any:
    """Say what an argument is, inside `Annotated`."""
    return strawberry.argument(description=description)


def _from_key(key: str) -> Read:
    def read(document: Any) -> object:
        return document.get(key) if type(document) is dict else getattr(document, key)

    return read


def lighten(schema: GraphQLSchema) -> GraphQLSchema:
    """Replace the wrappers of stored fields, and the class checks of documents that are no class of ours."""
    for name, kind in schema.type_map.items():
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType):
            continue
        kind.is_type_of = None
        for field in kind.fields.values():
            _lighten(field)
    return schema


def _lighten(field: GraphQLField) -> None:
    declared = field.extensions.get("strawberry-definition")
    if not isinstance(declared, StrawberryField) or not declared.is_basic_field:
        return
    if _LOAD in declared.metadata:
        field.resolve = _loading(declared.metadata[_LOAD])
        return
    read = declared.metadata.get(_READ) or _from_key(declared.python_name)
    field.resolve = _reading(read)


def _reading(read: Read) -> Callable[[Any, GraphQLResolveInfo[Context]], object]:
    def resolve(source: Any, _info: GraphQLResolveInfo[Context]) -> object:
        return read(source)

    return resolve


def _loading(load: Load) -> Callable[[Any, GraphQLResolveInfo[Context]], object]:
    def resolve(source: Any, info: GraphQLResolveInfo[Context]) -> object:
        return load(source, info.context)

    return resolve
