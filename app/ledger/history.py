"""Reads the history that decisions ask for."""

from collections.abc import Sequence

from app.ledger.facts import WHOLE, relates
from app.ledger.models import EntryDocument
from app.ledger.repository import Store, StoreUnavailable
from app.ledger.state import State


async def read_facts(store: Store, state: State, names: Sequence[str]) -> dict[str, list[EntryDocument]]:
    """The entries that relate to operations, on this account and those merged into it; WHOLE is all of this one's.

    Raises StoreUnavailable when the node that answered does not even have the account's last entry: a deposed
    primary, whose answer would leave reversals out.
    """
    if WHOLE in names:
        found = await read_facts(store, state, [name for name in names if name != WHOLE]) if len(names) > 1 else {}
        return {**found, WHOLE: await _whole(store, state)}
    keys = [(account, name) for account in (state.account, *state.merged) for name in names]
    last = f"{state.account}:{state.version:010d}"
    entries = await store.find(keys, related=True, ids=[last] if state.version else ())
    if state.version and all(entry["_id"] != last for entry in entries):
        raise StoreUnavailable("the node that answered is behind")
    return {name: [entry for entry in entries if relates(entry, name)] for name in names}


async def _whole(store: Store, state: State) -> list[EntryDocument]:
    entries = [entry for entry in await store.tail({state.account: 0}) if entry["seq"] <= state.version]
    if len(entries) < state.version:
        raise StoreUnavailable("the node that answered is behind")
    return entries
