"""Which scopes a field needs, declared on the field and checked once per document, before anything is read."""

from typing import Protocol

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="scope",
    description="Needs every one of these scopes; without them the field is refused before anything is read.",
)
class Scope:
    """`@scope(needs: […])`."""

    needs: list[str] = strawberry.field(description="Names of the scopes, all of them needed.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="public", description="Open to everybody, signed in or not."
)
class Public:
    """`@public`."""


def needs(*scopes: str) -> list[object]:
    """Directives of a field that needs these scopes."""
    return [Scope(needs=list(scopes))]


PUBLIC: list[object] = [Public()]


# Staff that may read members may read what a member may read of the same things; a member's scope for sessions is about
# the own account only, which staff have a scope of its own for.
_IMPLIED = {
    "support:read": frozenset({"points:read", "rewards:read"}),
    "sessions:manage": frozenset({"account:manage"}),
}


def granted(scopes: frozenset[str]) -> frozenset[str]:
    """The scopes with those that they imply."""
    return scopes.union(*(implied for scope, implied in _IMPLIED.items() if scope in scopes))


class Caller(Protocol):
    """As much of an access as the endpoint itself looks at."""

    @property
    def kind(self) -> str:
        """`anonymous`, `member`, `till` or `staff`."""
        ...

    @property
    def scopes(self) -> frozenset[str]:
        """Everything this caller may do."""
        ...

    @property
    def via(self) -> str:
        """`cookie`, `bearer` or `none`."""
        ...

    @property
    def session_id(self) -> str | None:
        """The session behind the cookie or token."""
        ...

    @property
    def subject(self) -> str | None:
        """Who it is, whatever the session."""
        ...


class UndeclaredAccess(Exception):
    """A root field says neither whom it is open to nor what it needs; the schema does not build."""


class ScopeTable:
    """The scopes of every field of a schema, looked up by type and field name."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._needs: dict[tuple[str, str], frozenset[str]] = {}
        roots = {root.name for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root}
        for name, kind in schema.type_map.items():
            if name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
                continue
            for field_name, field in kind.fields.items():
                directives = getattr(field.extensions.get("strawberry-definition"), "directives", ())
                scopes = [directive for directive in directives if isinstance(directive, Scope)]
                if scopes:
                    self._needs[name, field_name] = frozenset(scopes[0].needs)
                elif name in roots and not any(isinstance(directive, Public) for directive in directives):
                    raise UndeclaredAccess(f"{name}.{field_name} carries neither @public nor @scope")

    def needs(self, type_name: str, field_name: str) -> frozenset[str]:
        """Scopes of one field; empty when its parent's suffice."""
        return self._needs.get((type_name, field_name), frozenset())

    @property
    def declared(self) -> frozenset[str]:
        """Every scope that some field needs."""
        return frozenset().union(*self._needs.values())
