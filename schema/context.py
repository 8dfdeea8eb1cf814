"""What resolvers are given."""

from dataclasses import dataclass

from schema.scopes import Caller


@dataclass(slots=True)
class Context:
    """The caller of one operation."""

    caller: Caller
