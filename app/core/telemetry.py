"""Structured logs with a correlation id, and request metrics."""

import logging
import secrets
import sys
import time

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.settings import Settings

_requests = Counter("stampbook_http_requests_total", "Requests by first path segment and status", ["path", "status"])
_seconds = Histogram(
    "stampbook_http_request_seconds",
    "Time until the answer was sent",
    ["path"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_LONGEST_ID = 64
_log = structlog.get_logger("http")


def configure_logging(settings: Settings) -> None:
    """Send every log line, the libraries' too, through structlog to standard error."""
    pretty = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    after: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if not pretty:
        after.append(structlog.processors.format_exc_info)
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*after, renderer])
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for noisy in ("pymongo", "uvicorn.access", "httpx2", "httpcore2", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def correlation_id() -> str:
    """The id of the request in hand, as it stands in each of its log lines; empty outside a request."""
    return str(structlog.contextvars.get_contextvars().get("correlation_id", ""))


class Telemetry:
    """ASGI middleware: gives each request a correlation id, counts it and logs how it ended.

    A caller's own `X-Correlation-Id` is kept when it is short and plain. Paths are counted by their first segment, so
    that a scanner cannot grow the metrics.
    """

    def __init__(self, app: ASGIApp, known_segments: frozenset[str]) -> None:
        self._app = app
        self._known = known_segments

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-correlation-id", "")
        plain = given.isascii() and given.replace("-", "").isalnum() and len(given) <= _LONGEST_ID
        identity = given if plain and given else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=identity)
        segment = scope["path"].split("/", 2)[1]
        path = "/" + segment if segment in self._known else "other"
        started = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-correlation-id"] = identity
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            if scope["type"] == "http":
                seconds = time.perf_counter() - started
                _requests.labels(path, str(status)).inc()
                _seconds.labels(path).observe(seconds)
                level = logging.WARNING if status >= 500 else logging.DEBUG
                _log.log(
                    level,
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    seconds=round(seconds, 4),
                )
