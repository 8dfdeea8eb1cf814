"""Subscriptions over WebSocket: the `graphql-transport-ws` protocol with its close codes."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

import orjson
from graphql import OperationType
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from app.core.tasks import end
from auth.errors import Refused
from schema.documents import Operation, Prepared
from schema.execution import Answer, failure
from schema.negotiation import Parameters, RequestRefused, from_body
from schema.scopes import Caller
from schema.streaming import SessionEnded, watch_session

if TYPE_CHECKING:
    from schema.endpoint import GraphQLApp

PROTOCOL: Final = "graphql-transport-ws"
_INIT_SECONDS: Final = 5.0
_MOST_OPERATIONS: Final = 20

BAD_MESSAGE, UNAUTHORIZED, FORBIDDEN = 4400, 4401, 4403
NO_SUBPROTOCOL, INIT_TIMEOUT, DUPLICATE, TOO_MANY_INITS, INTERNAL = 4406, 4408, 4409, 4429, 4500


class Closing(Exception):
    """Ends the connection with a close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One WebSocket: a handshake, then any number of operations side by side."""

    def __init__(self, app: "GraphQLApp[Any]", scope: Scope, receive: Receive, send: Send) -> None:
        self._app = app
        self._scope = scope
        self._receive = receive
        self._raw_send = send
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._caller: Caller | None = None
        self._watching: asyncio.Task[None] | None = None
        self._closing: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Talk until either side closes."""
        if (await self._receive())["type"] != "websocket.connect":
            return
        if PROTOCOL not in self._scope.get("subprotocols", []):
            # Accepted first, since a browser shows the close code of an open connection only.
            await self._raw_send({"type": "websocket.accept"})
            await self._close(Closing(NO_SUBPROTOCOL, "Subprotocol not acceptable"))
            return
        await self._raw_send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        reading = asyncio.create_task(self._read())
        try:
            ending: list[asyncio.Future[Any]] = [reading, self._closing]
            await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
            if self._closing.done():
                await self._close(self._closing.result())
            elif (error := reading.exception()) is not None:
                await self._close(error if isinstance(error, Closing) else Closing(INTERNAL, "Internal error"))
        finally:
            await end(reading, *self._operations.values(), *([self._watching] if self._watching else []))

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(_INIT_SECONDS) as waiting:
                while (message := await self._next()) is not None:
                    await self._handle(message)
                    if self._caller is not None:
                        waiting.reschedule(None)
        except TimeoutError:
            raise Closing(INIT_TIMEOUT, "Connection initialisation timeout") from None

    async def _next(self) -> dict[str, Any] | None:
        event = await self._receive()
        if event["type"] != "websocket.receive":
            return None
        text = event.get("text")
        if text is None or len(text) > self._app.documents.limits.body_bytes:
            raise Closing(BAD_MESSAGE, "Invalid message received")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closing(BAD_MESSAGE, "Invalid message received") from None
        if not isinstance(message, dict):
            raise Closing(BAD_MESSAGE, "Invalid message received")
        return message

    async def _handle(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "connection_init":
            await self._init(message.get("payload"))
        elif kind == "ping":
            await self._send({"type": "pong"})
        elif kind == "subscribe":
            await self._subscribe(message)
        elif kind == "complete":
            task = self._operations.pop(str(message.get("id")), None)
            if task is not None:
                await end(task)
        elif kind != "pong":
            raise Closing(BAD_MESSAGE, "Invalid message received")

    async def _init(self, payload: object) -> None:
        if self._caller is not None:
            raise Closing(TOO_MANY_INITS, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise Closing(BAD_MESSAGE, "Invalid message received")
        token = (payload or {}).get("authorization")
        try:
            # A browser cannot set headers on a WebSocket, so a token comes in the first message.
            if isinstance(token, str):
                caller = await self._app.gate.access_by_token(token)
            else:
                caller = await self._app.gate.access(HTTPConnection(self._scope))
            self._app.origins.prove(caller, self._scope["headers"])
        except (Refused, RequestRefused):
            raise Closing(FORBIDDEN, "Forbidden") from None
        self._caller = caller
        await self._send({"type": "connection_ack"})
        if caller.kind != "anonymous":
            self._watching = asyncio.create_task(self._watch(caller))

    async def _watch(self, caller: Caller) -> None:
        try:
            await watch_session(self._app, caller)
        except SessionEnded:
            self._end(Closing(FORBIDDEN, "Session ended"))

    async def _subscribe(self, sent: dict[str, Any]) -> None:
        if self._caller is None:
            raise Closing(UNAUTHORIZED, "Unauthorized")
        identity, payload = sent.get("id"), sent.get("payload")
        if not isinstance(identity, str) or not identity or not isinstance(payload, dict):
            raise Closing(BAD_MESSAGE, "Invalid message received")
        if identity in self._operations:
            raise Closing(DUPLICATE, f"Subscriber for {identity[:64]} already exists")
        if len(self._operations) >= _MOST_OPERATIONS:
            message = f"At most {_MOST_OPERATIONS} operations may run at once on one connection."
            await self._error(identity, [failure("THROTTLED", message)])
            return
        try:
            parameters = from_body(orjson.dumps(payload))
            prepared = self._app.prepare(parameters)
            chosen = self._app.choose(prepared, parameters)
            if isinstance(chosen, Answer):
                await self._error(identity, chosen.body["errors"])
                return
            client = self._scope.get("client")
            self._app.admit(chosen, self._caller, f"address:{client[0]}" if client else "address:local")
        except RequestRefused as refused:
            await self._error(identity, [failure(refused.code, refused.message)])
            return
        task = asyncio.create_task(self._operate(identity, prepared, chosen, parameters, self._caller))
        self._operations[identity] = task

    async def _operate(
        self, identity: str, prepared: Prepared, operation: Operation, parameters: Parameters, caller: Caller
    ) -> None:
        context = self._app.context(caller)
        try:
            if operation.kind is OperationType.SUBSCRIPTION:
                stream = await self._app.execution.subscribe(prepared, operation, parameters.variables, context)
                if isinstance(stream, Answer):
                    await self._error(identity, stream.body["errors"])
                    return
                async for answer in stream:
                    await self._send({"id": identity, "type": "next", "payload": answer.body})
            else:
                answer = await self._app.execution.execute(prepared, operation, parameters.variables, context)
                if answer.refused:
                    await self._error(identity, answer.body["errors"])
                    return
                await self._send({"id": identity, "type": "next", "payload": answer.body})
            await self._send({"id": identity, "type": "complete"})
        finally:
            if self._operations.get(identity) is asyncio.current_task():
                del self._operations[identity]

    async def _error(self, identity: str, errors: list[Any]) -> None:
        await self._send({"id": identity, "type": "error", "payload": errors})

    async def _send(self, message: dict[str, Any]) -> None:
        # The other side may be gone already; reading notices that and ends everything.
        with contextlib.suppress(OSError, RuntimeError):
            await self._raw_send({"type": "websocket.send", "text": orjson.dumps(message).decode()})

    def _end(self, closing: Closing) -> None:
        if not self._closing.done():
            self._closing.set_result(closing)

    async def _close(self, closing: Closing) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            await self._raw_send({"type": "websocket.close", "code": closing.code, "reason": closing.reason})
