import asyncio
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.core.database import Client, connect
from app.core.mongod import EmbeddedDatabaseError, EmbeddedMongod


async def _count(server: EmbeddedMongod) -> int:
    client = connect(server.uri)
    try:
        await client.shop.sales.insert_one({"n": 1})
        return await client.shop.sales.count_documents({})
    finally:
        await client.close()


async def test_data_survives_a_killed_server_and_a_moved_folder(tmp_path: Path) -> None:
    server = EmbeddedMongod(tmp_path / "here")
    await server.start()
    assert await _count(server) == 1
    server.kill()
    await server.start()
    assert await _count(server) == 2
    await server.stop()
    (tmp_path / "here").rename(tmp_path / "there")
    moved = EmbeddedMongod(tmp_path / "there")
    await moved.start()
    assert await _count(moved) == 3
    await moved.stop()


async def test_the_oplog_always_has_a_reader_so_that_durable_writes_are_answered_at_once(tmp_path: Path) -> None:
    others = set(threading.enumerate())
    server = EmbeddedMongod(tmp_path)
    await server.start()
    try:
        async with Client(server.uri) as client:
            lost = await _reader(client)
            await client.admin.command("killOp", 1, op=lost)
            # Who waits notices that it was killed once the oplog grows.
            await client.shop.sales.insert_one({})
            assert await _reader(client, other_than=lost) != lost
    finally:
        await server.stop()
    assert not any(thread.name == "oplog-reader" for thread in set(threading.enumerate()) - others)


async def test_a_second_service_on_the_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    server = EmbeddedMongod(tmp_path)
    await server.start()
    try:
        with pytest.raises(EmbeddedDatabaseError, match=r"^another Stampbook already runs on .*: stop it first$"):
            await EmbeddedMongod(tmp_path).start()
        assert await _count(server) == 1
    finally:
        await server.stop()


async def test_a_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedDatabaseError, match="cannot use the data folder"):
        await EmbeddedMongod(tmp_path / "file").start()


async def test_the_socket_is_private_and_there_is_no_other(tmp_path: Path) -> None:
    server = EmbeddedMongod(tmp_path)
    await server.start()
    try:
        folder, listening = _sockets(tmp_path), _listening_ports(server.pid)
    finally:
        await server.stop()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert listening == set()


def _sockets(folder: Path) -> Path:
    (socket,) = folder.rglob("*.sock")
    return socket.parent


def _listening_ports(pid: int | None) -> set[str]:
    """Inodes of TCP sockets in state LISTEN that the process holds."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    held = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            held.add(str(link.readlink()))
    return listening & held


async def _reader(client: Client, other_than: int | None = None) -> int:
    """The operation that waits for the oplog to grow, once there is one."""
    reading: list[Mapping[str, Any]] = [{"$currentOp": {}}, {"$match": {"ns": "local.oplog.rs", "op": "getmore"}}]
    async with asyncio.timeout(30):
        while True:
            async for operation in await client.admin.aggregate(reading):
                if operation["opid"] != other_than:
                    return int(operation["opid"])
            await asyncio.sleep(0.01)
