"""Opening the database that the settings name: your own MongoDB, or the embedded one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.core.database import Client, connect
from app.core.mongod import EmbeddedMongod, FolderInUse
from app.core.settings import Settings


@asynccontextmanager
async def opened_client(settings: Settings, *, share: bool = False) -> AsyncIterator[Client]:
    """Open a client for as long as the block runs, starting and stopping the embedded server around it if need be.

    With `share`, a command joins the server of a service that runs on the same data folder; without, that service keeps
    its folder to itself. Raises EmbeddedDatabaseError with one clear line.
    """
    server: EmbeddedMongod | None = None
    uri = settings.mongodb_uri
    if uri is None:
        server = EmbeddedMongod(settings.data)
        uri = server.uri
        try:
            await server.start()
        except FolderInUse:
            if not share:
                raise
            server = None
    client = connect(uri)
    try:
        yield client
    finally:
        await client.close()
        if server is not None:
            await server.stop()
