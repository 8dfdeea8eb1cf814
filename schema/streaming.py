"""Server-sent events, the distinct-connections mode of the `graphql-sse` protocol: one operation per request."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

import orjson
from graphql import OperationType
from starlette.types import Receive, Send

from app.core.tasks import end
from schema.documents import Operation, Prepared
from schema.execution import Answer, Variables, failure
from schema.scopes import Caller

if TYPE_CHECKING:
    from schema.endpoint import GraphQLApp

_ENDED: Final = Answer({"errors": [failure("UNAUTHENTICATED", "This session has ended.")]}, refused=True)
# Proxies close silent connections after 30 to 60 seconds.
_KEEPALIVE: Final = 12.0


class SessionEnded(Exception):
    """The session behind a stream is over."""


async def watch_session(app: "GraphQLApp[Any]", caller: Caller) -> None:
    """Ask again, every few seconds, whether a stream's session still stands; raises SessionEnded once it does not."""
    while True:
        await asyncio.sleep(app.recheck)
        if not await app.gate.still(caller):
            raise SessionEnded


class EventStream:
    """Runs one operation and sends its answers as `next` events, then `complete`."""

    def __init__(
        self,
        app: "GraphQLApp[Any]",
        caller: Caller,
        headers: list[tuple[bytes, bytes]],
    ) -> None:
        self._app = app
        self._caller = caller
        self._headers = headers

    async def run(
        self, prepared: Prepared, operation: Operation, variables: Variables, receive: Receive, send: Send
    ) -> None:
        """Send events until the stream ends, the client leaves or the session is over."""
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            *self._headers,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        answers = self._answers(prepared, operation, variables)
        pumping = asyncio.create_task(self._pump(answers, send))
        ending = [
            pumping,
            asyncio.create_task(_left(receive)),
            asyncio.create_task(watch_session(self._app, self._caller)),
            asyncio.create_task(_keep_alive(send)),
        ]
        try:
            done, _ = await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(*ending)
        if any(isinstance(task.exception(), SessionEnded) for task in done if not task.cancelled()):
            await _event(send, _ENDED)
        await send({"type": "http.response.body", "body": b"event: complete\ndata:\n\n"})

    async def _answers(self, prepared: Prepared, operation: Operation, variables: Variables) -> AsyncIterator[Answer]:
        context = self._app.context(self._caller)
        if operation.kind is not OperationType.SUBSCRIPTION:
            yield await self._app.execution.execute(prepared, operation, variables, context)
            return
        stream = await self._app.execution.subscribe(prepared, operation, variables, context)
        if isinstance(stream, Answer):
            yield stream
            return
        async for answer in stream:
            yield answer

    @staticmethod
    async def _pump(answers: AsyncIterator[Answer], send: Send) -> None:
        async for answer in answers:
            await _event(send, answer)


async def _event(send: Send, answer: Answer) -> None:
    body = b"event: next\ndata: " + orjson.dumps(answer.body) + b"\n\n"
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _keep_alive(send: Send) -> None:
    while True:
        await asyncio.sleep(_KEEPALIVE)
        await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
