"""The GraphQL endpoint: plain ASGI, from bytes to bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import orjson
from graphql import OperationType
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from auth.errors import Refused
from schema import negotiation, streaming, websocket
from schema.buckets import CostBuckets
from schema.documents import DocumentCache, Operation, Prepared
from schema.execution import Answer, Execution, failure
from schema.explorer import Explorer
from schema.negotiation import EVENT_STREAM, HTML, JSON, RESPONSE_JSON, Headers, Parameters, RequestRefused, header
from schema.origin import Origins
from schema.scopes import Caller, granted

C = TypeVar("C", bound=Caller)
_ALLOWED = {"Allow": "POST, GET, OPTIONS"}


class Gate(Protocol[C]):
    """Says who calls; auth's Authenticator is one. Its refusals are auth's Refused."""

    async def access(self, connection: HTTPConnection) -> C:
        """The caller of a request or handshake."""
        ...

    async def access_by_token(self, authorization: str) -> C:
        """The caller behind a token that came in a socket's first message."""
        ...

    async def still(self, access: C) -> bool:
        """Whether the session behind the access still stands."""
        ...


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs between development and production."""

    text_queries: bool = True
    get_queries: bool = True

    @classmethod
    def development(cls) -> "Profile":
        """Everything that helps a developer, and what the conformance audit asks for."""
        return cls()

    @classmethod
    def production(cls, *, persisted_only: bool) -> "Profile":
        """No query texts in addresses; registered documents only when so set."""
        return cls(text_queries=not persisted_only, get_queries=False)


class GraphQLApp(Generic[C]):
    """Serves one schema over HTTP, server-sent events and WebSocket.

    `context` makes the context of one operation; `recheck` is how many seconds a stream may outlive its session.
    """

    def __init__(
        self,
        documents: DocumentCache,
        execution: Execution,
        *,
        gate: Gate[C],
        context: Callable[[C], object],
        origins: Origins,
        profile: Profile,
        recheck: float = 5.0,
        explorer: Explorer | None = None,
    ) -> None:
        self.documents = documents
        self.execution = execution
        self.gate = gate
        self.context = context
        self.origins = origins
        self.recheck = recheck
        self.explorer = explorer
        self._profile = profile
        self._buckets = CostBuckets(documents.limits.bucket, documents.limits.refill)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "websocket":
            await websocket.Connection(self, scope, receive, send).run()
            return
        headers: Headers = scope["headers"]
        try:
            await self._http(scope, headers, receive, send)
        except RequestRefused as refused:
            body = {"errors": [failure(refused.code, refused.message)]}
            await self._send(send, headers, refused.status, JSON, body, refused.headers)
        except Refused as refused:
            code = "UNAUTHENTICATED" if refused.status == 401 else refused.error.upper()
            body = {"errors": [failure(code, refused.message)], **refused.body()}
            await self._send(send, headers, refused.status, JSON, body, refused.headers)

    async def _http(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method == "OPTIONS":
            await _respond(send, 204, await self.origins.preflight(headers), b"")
            return
        media = negotiation.accepted(header(headers, b"accept"))
        if method == "GET" and self.explorer and HTML in media and not scope["query_string"]:
            await self.explorer(scope, receive, send)
            return
        answering = next((kind for kind in media if kind != HTML), None)
        if answering is None:
            raise RequestRefused(406, "NOT_ACCEPTABLE", f"Accept {RESPONSE_JSON}, {JSON} or {EVENT_STREAM}.")
        if method == "POST":
            negotiation.check_content_type(headers)
            parameters = negotiation.from_body(await self._body(headers, receive))
        elif method == "GET":
            parameters = negotiation.from_query_string(scope["query_string"])
            if parameters.query is not None and not self._profile.get_queries:
                raise RequestRefused(405, "METHOD_NOT_ALLOWED", "Send queries with POST.", {"Allow": "POST, OPTIONS"})
        else:
            raise RequestRefused(405, "METHOD_NOT_ALLOWED", "Send the request with POST.", _ALLOWED)
        connection = HTTPConnection(scope)
        caller = await self.gate.access(connection)
        self.origins.prove(caller, headers)
        prepared = self.prepare(parameters)
        chosen = self.choose(prepared, parameters)
        if isinstance(chosen, Answer):
            await self._send_answer(send, headers, answering, chosen, _status(answering))
            return
        if method == "GET" and chosen.kind is OperationType.MUTATION:
            raise RequestRefused(405, "METHOD_NOT_ALLOWED", "Send mutations with POST.", {"Allow": "POST, OPTIONS"})
        self.admit(chosen, caller, _address(scope))
        if chosen.kind is OperationType.SUBSCRIPTION or answering == EVENT_STREAM:
            if EVENT_STREAM not in media:
                raise RequestRefused(406, "NOT_ACCEPTABLE", f"Subscribe by WebSocket, or accept {EVENT_STREAM}.")
            stream = streaming.EventStream(self, caller, await self.origins.cors(headers))
            await stream.run(prepared, chosen, parameters.variables, receive, send)
            return
        answer = await self.execution.execute(prepared, chosen, parameters.variables, self.context(caller))
        status = 503 if answer.late else _status(answering) if answer.refused else 200
        await self._send_answer(send, headers, answering, answer, status)

    def prepare(self, parameters: Parameters) -> Prepared:
        """Find the document that a request means; refuses what is not registered where only that may run."""
        if parameters.document_id is not None:
            prepared = self.documents.by_id(parameters.document_id)
            if prepared is None:
                raise RequestRefused(404, "PERSISTED_DOCUMENT_NOT_FOUND", "No document is registered under this id.")
            return prepared
        if not self._profile.text_queries:
            raise RequestRefused(403, "PERSISTED_DOCUMENTS_ONLY", "Only registered documents run: send documentId.")
        return self.documents.by_text(parameters.query or "")

    def choose(self, prepared: Prepared, parameters: Parameters) -> Operation | Answer:
        """The operation to run, or the answer that says why none will."""
        if prepared.errors:
            return Answer({"errors": list(prepared.errors)}, refused=True)
        operation = prepared.operation(parameters.operation_name)
        if operation is None:
            named = parameters.operation_name
            message = f"No operation is named {named!r}." if named else "Say by operationName which operation to run."
            return Answer({"errors": [failure("OPERATION_UNKNOWN", message)]}, refused=True)
        return operation

    def admit(self, operation: Operation, caller: Caller, address: str) -> None:
        """Check scopes and the caller's bucket; raises RequestRefused with 401, 403 or 429."""
        missing = operation.needs - granted(caller.scopes)
        if missing and caller.kind == "anonymous":
            raise RequestRefused(
                401, "UNAUTHENTICATED", "Sign in first.", {"WWW-Authenticate": 'Bearer realm="stampbook"'}
            )
        if missing:
            needed = ", ".join(sorted(missing))
            raise RequestRefused(403, "FORBIDDEN", f"This needs scopes that you do not have: {needed}.")
        wait = self._buckets.take(caller.session_id or caller.subject or address, operation.cost + 1)
        if wait is not None:
            seconds = str(int(wait) + 1)
            message = f"Too much at once: wait {seconds} seconds."
            raise RequestRefused(429, "THROTTLED", message, {"Retry-After": seconds})

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        most = self.documents.limits.body_bytes
        too_large = RequestRefused(413, "BODY_TOO_LARGE", f"The body may have {most} bytes at most.")
        length = header(headers, b"content-length")
        if length is not None and (not length.isdigit() or int(length) > most):
            raise too_large
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RequestRefused(400, "BAD_REQUEST", "The request ended early.")
            body += message.get("body", b"")
            if len(body) > most:
                raise too_large
            if not message.get("more_body", False):
                return bytes(body)

    async def _send_answer(self, send: Send, headers: Headers, kind: str, answer: Answer, status: int) -> None:
        await self._send(send, headers, status, RESPONSE_JSON if kind == RESPONSE_JSON else JSON, answer.body, {})

    async def _send(
        self,
        send: Send,
        request: Headers,
        status: int,
        kind: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
    ) -> None:
        extra = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        content = (b"content-type", f"{kind}; charset=utf-8".encode())
        await _respond(
            send,
            status,
            [content, (b"cache-control", b"no-store"), *await self.origins.cors(request), *extra],
            orjson.dumps(body),
        )


def _status(kind: str) -> int:
    """Status of a request error: clients that ask for plain JSON may not look further than a 200."""
    return negotiation.INVALID_REQUEST_STATUS if kind == RESPONSE_JSON else 200


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return f"address:{client[0]}" if client else "address:local"


async def _respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def routes(app: GraphQLApp[Any], path: str = "/graphql") -> list[BaseRoute]:
    """Routes of the endpoint: HTTP, WebSocket, and the files of the explorer where there is one."""
    files = [Route(path + "/{file:path}", app.explorer, methods=["GET"])] if app.explorer else []
    return [Route(path, app), WebSocketRoute(path, app), *files]
