"""The real service as a process of its own, the way `make run` starts it."""

import asyncio
import os
import re
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2

from app.core.clock import SystemClock
from app.core.opening import opened_client
from app.core.settings import Settings
from app.programme import ProgrammeService
from app.stores import StoreService
from auth.clients.repository import ClientRepository
from auth.events.repository import SecurityEventRepository
from auth.events.service import SecurityEvents
from auth.policy import AuthPolicy
from auth.tills.repository import PairingRepository
from auth.tills.service import TillPairings

_READY_SECONDS = 120
_STOP_SECONDS = 30
DEMO_STORE = "str_000000000000000000000002"
_CODE = re.compile(r"\b(\d{4} ?\d{4})\b")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningService:
    """One `stampbook serve` and what it printed."""

    def __init__(self, process: Process, port: int, data: Path) -> None:
        self.port = port
        self.data = data
        self.url = f"http://localhost:{port}"
        self.printed: list[str] = []
        self._line = asyncio.Condition()
        self._follow(process)

    def _follow(self, process: Process) -> None:
        self.process = process
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            async with self._line:
                self.printed.append(line.decode(errors="replace").rstrip())
                self._line.notify_all()

    async def until_printed(self, text: str) -> None:
        """Wait until a line with this text was printed."""
        async with self._line:
            await self._line.wait_for(lambda: text in self.output)

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return "\n".join(self.printed)

    async def command(self, *arguments: str) -> str:
        """Run another `stampbook` command beside the service; returns what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli", *arguments),
            stdout=PIPE,
            stderr=STDOUT,
            env={**os.environ, "STAMPBOOK_PORT": str(self.port), "STAMPBOOK_DATA": str(self.data), "COLUMNS": "200"},
        )
        said = (await process.communicate())[0].decode()
        if process.returncode != 0:
            raise RuntimeError(said)
        return said

    async def pairing_code(self) -> str:
        """A fresh code that makes a browser a till of the demo's first store."""
        settings = Settings(data=self.data, port=self.port).with_secret()
        # What `stampbook till pair` does, without a process for each of the many tills of the journeys.
        async with opened_client(settings, share=True) as client:
            database, clock = client[settings.database], SystemClock()
            pairings = TillPairings(
                PairingRepository(database),
                ClientRepository(database),
                StoreService(database, ProgrammeService(database)),
                SecurityEvents(SecurityEventRepository(database), clock),
                clock,
                AuthPolicy.of(settings),
                settings.derive_key("auth: till pairings"),
            )
            return (await pairings.create(DEMO_STORE, "Till 7", "system:test")).code

    async def demo_member(self) -> str:
        """The e-mail address of the demo's member with the most points."""
        async with opened_client(Settings(data=self.data), share=True) as client:
            database = client[Settings().database]
            (richest,) = await database["entries"].find({"account": {"$gt": "mbr_"}}).sort("balance", -1).to_list(1)
            member = await database["members"].find_one({"_id": richest["account"]})
            assert member is not None
            return str(member["email"])

    async def until_ready(self) -> None:
        """Wait until `/readyz` says yes; raises RuntimeError with the output when the process ended first."""
        deadline = time.monotonic() + _READY_SECONDS
        async with httpx2.AsyncClient() as client:
            while time.monotonic() < deadline:
                if self.process.returncode is not None:
                    await self._reader
                    raise RuntimeError(f"the service ended with {self.process.returncode}:\n{self.output}")
                with suppress(httpx2.TransportError):
                    if (await client.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.1)
        raise RuntimeError(f"the service was not ready in time:\n{self.output}")

    async def sign_in_code(self, email: str) -> str:
        """The newest sign-in code in the development outbox for an address."""
        async with httpx2.AsyncClient() as client:
            page = (await client.get(f"http://127.0.0.1:{self.port}/outbox")).text
        for article in page.split("<article>")[1:]:
            if f"To {email} " in article and (found := _CODE.search(article.split("<pre>")[1])):
                return found.group(1).replace(" ", "")
        raise AssertionError(f"no code for {email} in the outbox")

    async def stop(self) -> int:
        """Stop it as Ctrl-C does; returns its exit status."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        return await self._ended()

    async def kill(self) -> None:
        """Kill -9 the service, leaving its database to whoever comes next."""
        if self.process.returncode is None:
            self.process.kill()
        await self._ended()

    async def start_again(self) -> None:
        """Start it anew, after its end, on the same port and data; waits until it is ready."""
        self._follow(await _serve(self.data, self.port))
        await self.until_ready()

    async def _ended(self) -> int:
        status = await asyncio.wait_for(self.process.wait(), _STOP_SECONDS)
        await self._reader
        return status


async def _serve(data: Path, port: int, *arguments: str, environment: Mapping[str, str] | None = None) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.cli", "serve", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        env={
            **os.environ,
            "STAMPBOOK_PORT": str(port),
            "STAMPBOOK_DATA": str(data),
            "STAMPBOOK_LOG_FORMAT": "json",
            "COLUMNS": "200",
            **(environment or {}),
        },
        start_new_session=True,
    )


@asynccontextmanager
async def running_service(
    data: Path, *arguments: str, port: int | None = None, environment: Mapping[str, str] | None = None
) -> AsyncIterator[RunningService]:
    """Run `stampbook serve` on a data folder until the block ends; waits until it is ready."""
    port = port or free_port()
    process = await _serve(data, port, *arguments, environment=environment)
    service = RunningService(process, port, data)
    try:
        await service.until_ready()
        yield service
    finally:
        await service.stop()
