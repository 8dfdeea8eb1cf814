"""The till behind a token."""

from dataclasses import dataclass

from schema.context import Context
from schema.execution import ClientError


@dataclass(frozen=True, slots=True)
class TillAccess:
    """A paired till and its store."""

    id: str
    store_id: str


def till_of(context: Context) -> TillAccess:
    """The till behind the caller; raises ClientError for a machine client that is no till."""
    access = context.access
    if access.till_id is None or access.store_id is None:
        raise ClientError("NOT_A_TILL", "Only a paired till may do this.")
    return TillAccess(access.till_id, access.store_id)
