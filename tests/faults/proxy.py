"""A proxy before a server's unix socket that loses requests, loses replies and dawdles, by whole messages."""

import asyncio
import contextlib
import random
from pathlib import Path
from urllib.parse import quote


class FaultyProxy:
    """Losing a message also breaks its connection, as a network that drops packets for good does."""

    def __init__(self, server_socket: Path, folder: Path, seed: int) -> None:
        self._server_socket = server_socket
        self._path = folder / "proxy.sock"
        self._rng = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.losing = False
        self.lost_requests = 0
        self.lost_replies = 0

    @property
    def uri(self) -> str:
        return f"mongodb://{quote(str(self._path), safe='')}/?directConnection=true"

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._accept, str(self._path))

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        up_reader, up_writer = await asyncio.open_unix_connection(str(self._server_socket))
        try:
            # Cancelled is how `stop` ends it; asyncio's streams complain about a handler that ends so.
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while True:
                    request = await _message(reader)
                    # Greetings and monitoring pass; only what changes or reads the ledger is worth losing.
                    lossy = self.losing and any(word in request for word in (b"entries", b"accounts"))
                    if lossy and self._rng.random() < 0.02:
                        self.lost_requests += 1
                        return
                    up_writer.write(request)
                    reply = await _message(up_reader)
                    if lossy and self._rng.random() < 0.02:
                        self.lost_replies += 1
                        return
                    if lossy and self._rng.random() < 0.1:
                        await asyncio.sleep(self._rng.uniform(0, 0.02))
                    writer.write(reply)
        finally:
            for each in (writer, up_writer):
                each.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    size = await reader.readexactly(4)
    return size + await reader.readexactly(int.from_bytes(size, "little") - 4)
