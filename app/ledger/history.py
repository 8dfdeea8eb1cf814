"""Reads the history that decisions ask for."""

from collections.abc import Sequence

from app.ledger.models import EntryDocument
from app.ledger.repository import Store, StoreUnavailable
from app.ledger.state import State


async def read_facts(store: Store, state: State, names: Sequence[str]) -> dict[str, list[EntryDocument]]:
    """The entries of operations and those acting on them, on this account and those merged into it.

    Raises StoreUnavailable when the node that answered does not even have the account's last entry: a deposed
    primary, whose answer would leave reversals out.
    """
    keys = [(account, name) for account in (state.account, *state.merged) for name in names]
    last = f"{state.account}:{state.version:010d}"
    entries = await store.find(keys, related=True, ids=[last] if state.version else ())
    if state.version and all(entry["_id"] != last for entry in entries):
        raise StoreUnavailable("the node that answered is behind")
    return {
        name: [entry for entry in entries if entry["operation"] == name or entry.get("of") == name] for name in names
    }
