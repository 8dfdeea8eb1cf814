"""Somebody who reads the embedded server's oplog, because the server answers sooner then."""

import contextlib
import threading
from typing import Any, Final

from pymongo import CursorType, MongoClient
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

_AWAIT_MS: Final = 600_000
_AGAIN_SECONDS: Final = 1.0


class OplogReader:
    """Reads a server's oplog along as a second member would, in a thread of its own, and makes nothing of it.

    A set with one voting member answers a durable write only once the oplog is visible up to it. While nobody waits for
    the oplog to grow, the server makes it visible up to a millisecond late, so as to do it once for several writes: a
    third of the ledger's commands lost that millisecond. Source: `waitForNoOplogHolesIfNeeded` (write_concern.cpp) and
    `WiredTigerOplogManager::_updateOplogVisibilityLoop` of MongoDB 6.0. Sets with more voting members do without.
    It raises nothing: while the server is away, it tries again every second.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oplog-reader", daemon=True)

    def start(self) -> None:
        """Begin to read, and again whenever the server was away."""
        self._thread.start()

    def end(self) -> None:
        """Read no further; whoever waits for an answer stops when the server does."""
        self._ended.set()

    def join(self) -> None:
        """Wait until nothing is read any more; call it once the server has stopped."""
        self._thread.join()

    def _run(self) -> None:
        with MongoClient[dict[str, Any]](
            self._uri, serverSelectionTimeoutMS=1000, connectTimeoutMS=1000, serverMonitoringMode="poll"
        ) as client:
            while not self._ended.is_set():
                with contextlib.suppress(PyMongoError):
                    self._read(client.local["oplog.rs"])
                self._ended.wait(_AGAIN_SECONDS)

    def _read(self, oplog: Collection[dict[str, Any]]) -> None:
        newest = oplog.find_one(sort=[("$natural", -1)])
        since = newest["ts"] if newest else None
        # It finds the newest entry, without which a cursor does not stay open, and never another.
        wanted = {"ts": {"$gte": since}, "$or": [{"ts": since}, {"op": "none"}]}
        with oplog.find(wanted, {"ts": 1}, cursor_type=CursorType.TAILABLE_AWAIT) as cursor:
            cursor.max_await_time_ms(_AWAIT_MS)
            while cursor.alive and not self._ended.is_set():
                next(cursor, None)
