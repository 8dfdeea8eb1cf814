"""Serving until somebody says stop, and then finishing what is in flight."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from app.core.garbage import collect_seldom
from app.core.settings import Settings

_FINISH_SECONDS = 10


class PortTaken(Exception):
    """The address to listen on is in use or not ours; the message is one line that says what to do."""


class _Server(uvicorn.Server):
    """uvicorn, leaving the signals to us: it re-raises them when it is done, in the middle of our own shutdown."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        caught = (signal.SIGINT, signal.SIGTERM)
        for number in caught:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in caught:
                loop.remove_signal_handler(number)


def bind(settings: Settings) -> socket.socket:
    """Take the port before anything else is started; raises PortTaken."""
    taken = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((settings.host, settings.port))
    except OSError as error:
        taken.close()
        raise PortTaken(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}. "
            "Stop what runs there, or choose another port with STAMPBOOK_PORT"
        ) from error
    return taken


async def serve_until_stopped(
    app: ASGIApp, listening: socket.socket, settings: Settings, ready: Callable[[], None]
) -> None:
    """Serve until SIGINT or SIGTERM; then take no new connection and give those in flight ten seconds."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=1 << 18,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=_FINISH_SECONDS,
        backlog=2048,
        h11_max_incomplete_event_size=1 << 16,
    )
    server = _Server(config)

    async def announce() -> None:
        while not server.started:
            if server.should_exit:
                return
            await asyncio.sleep(0.02)
        collect_seldom()
        ready()

    announcing = asyncio.create_task(announce())
    await server.serve(sockets=[listening])
    await announcing
