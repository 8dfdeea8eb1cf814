"""The connection to MongoDB and the indexes that every repository declares."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

Document = dict[str, Any]
Database = AsyncDatabase[Document]
Client = AsyncMongoClient[Document]

_CONFLICTS = (85, 86)  # IndexOptionsConflict, IndexKeySpecsConflict


@dataclass(frozen=True, slots=True)
class Index:
    """An index that a repository's queries need.

    `keys` are (name, 1 or -1 or "text"); `partial` limits the index to the documents it matches;
    `expire_after` is in seconds after the (date) key.
    """

    keys: tuple[tuple[str, int | str], ...]
    unique: bool = False
    partial: Mapping[str, Any] | None = None
    expire_after: int | None = None
    sparse: bool = False
    name: str | None = field(default=None)

    def model(self) -> IndexModel:
        """The index as PyMongo wants it."""
        options: dict[str, Any] = {}
        if self.unique:
            options["unique"] = True
        if self.sparse:
            options["sparse"] = True
        if self.partial is not None:
            options["partialFilterExpression"] = dict(self.partial)
        if self.expire_after is not None:
            options["expireAfterSeconds"] = self.expire_after
        if self.name is not None:
            options["name"] = self.name
        return IndexModel(list(self.keys), **options)


def connect(uri: str) -> Client:
    """Open a client: majority writes in the journal, majority reads, aware UTC dates.

    Nothing is sent until the first command. A command gives up after a few seconds without a server, so that a caller
    gets an answer while it still waits for one.
    """
    return AsyncMongoClient(
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        connectTimeoutMS=2000,
        serverSelectionTimeoutMS=4000,
        socketTimeoutMS=30000,
        maxPoolSize=100,
        appname="stampbook",
    )


async def ensure_indexes(database: Database, declared: Mapping[str, Sequence[Index]]) -> None:
    """Create what is declared and missing, and make anew what was declared otherwise by an earlier version."""
    await asyncio.gather(*(_ensure(database[name], indexes) for name, indexes in declared.items() if indexes))


async def _ensure(collection: AsyncCollection[Document], indexes: Sequence[Index]) -> None:
    models = [index.model() for index in indexes]
    try:
        await collection.create_indexes(models)
    except OperationFailure as error:
        if error.code not in _CONFLICTS:
            raise
        for model in models:
            await _replace(collection, model)


async def _replace(collection: AsyncCollection[Document], model: IndexModel) -> None:
    try:
        await collection.create_indexes([model])
    except OperationFailure as error:
        if error.code not in _CONFLICTS:
            raise
        await collection.drop_index(model.document["name"])
        await collection.create_indexes([model])
