"""Running a prepared operation. Everything that executes goes through here, so that a compiled plan can take over."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSchema,
)
from graphql import (
    execute as run_reference,
)
from graphql import (
    subscribe as subscribe_reference,
)
from pymongo.errors import ConnectionFailure

from app.core.away import DATABASE_AWAY
from app.core.errors import DomainError
from app.core.telemetry import correlation_id
from schema.documents import Operation, Prepared

_log = structlog.get_logger("graphql")
_WENT_WRONG: Final = "Something went wrong on our side. Please try again; the correlation id helps us to find out why."

Variables = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a response, and whether the request itself was at fault (then there is no data)."""

    body: dict[str, Any]
    refused: bool = False
    late: bool = False


class Execution:
    """Executes operations of one schema with the reference executor, in bounded time, with bugs masked."""

    def __init__(self, schema: GraphQLSchema, *, suggestions: bool, deadline: float) -> None:
        self._schema = schema
        self._hide_suggestions = not suggestions
        self._deadline = deadline

    async def execute(self, prepared: Prepared, operation: Operation, variables: Variables, context: object) -> Answer:
        """Run a query or mutation; the deadline is in seconds and cancels what still runs."""
        try:
            async with asyncio.timeout(self._deadline):
                result = run_reference(
                    self._schema,
                    prepared.document,
                    context_value=context,
                    variable_values=dict(variables) if variables else None,
                    operation_name=operation.name,
                    max_coercion_errors=5,
                    executor_class=Executor,
                    hide_suggestions=self._hide_suggestions,
                )
                if not isinstance(result, ExecutionResult):
                    result = await result
        except TimeoutError:
            _log.warning("deadline_exceeded", operation=operation.name, seconds=self._deadline)
            error = failure("DEADLINE_EXCEEDED", f"This took longer than {self._deadline:g} seconds and was stopped.")
            return Answer({"errors": [error]}, refused=True, late=True)
        return self._answer(result, operation)

    async def subscribe(
        self, prepared: Prepared, operation: Operation, variables: Variables, context: object
    ) -> "AsyncIterator[Answer] | Answer":
        """Start a subscription: a stream of answers, or one answer that says why there is none."""
        started = subscribe_reference(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=dict(variables) if variables else None,
            operation_name=operation.name,
            max_coercion_errors=5,
            executor_class=Executor,
            hide_suggestions=self._hide_suggestions,
        )
        stream = started if isinstance(started, ExecutionResult | AsyncIterator) else await started
        if isinstance(stream, ExecutionResult):
            return self._answer(stream, operation)
        return self._answers(stream, operation)

    async def _answers(self, stream: AsyncIterator[ExecutionResult], operation: Operation) -> AsyncIterator[Answer]:
        try:
            async for result in stream:
                yield self._answer(result, operation)
        except Exception as error:
            masked = _formatted(GraphQLError(str(error), original_error=error), operation)
            yield Answer({"errors": [masked]}, refused=True)

    def _answer(self, result: ExecutionResult, operation: Operation) -> Answer:
        if not result.errors:
            return Answer({"data": result.data})
        errors = [_formatted(error, operation) for error in result.errors]
        # Errors without a path happened before execution: the request was at fault and nothing ran.
        if result.data is None and not any(error.path for error in result.errors):
            return Answer({"errors": errors}, refused=True)
        return Answer({"data": result.data, "errors": errors})


def failure(code: str, message: str, **details: object) -> GraphQLFormattedError:
    """Build a top-level error with its code."""
    return {"message": message, "extensions": {"code": code, **details}}


def _formatted(error: GraphQLError, operation: Operation) -> GraphQLFormattedError:
    """Show what the client did wrong; mask everything else and log it under a correlation id."""
    original = _cause(error)
    formatted = error.formatted
    if isinstance(original, DomainError):
        code = {"code": original.code, **({"field": list(original.field)} if original.field else {})}
        return {**formatted, "message": original.message, "extensions": code}
    # A variable (before anything ran, so without a path) or an argument that GraphQL itself refused is the client's.
    ours = original is not None and not (isinstance(original, GraphQLError) and error.path is None)
    if not ours or isinstance(original, ClientError):
        return {**formatted, "extensions": {"code": "BAD_USER_INPUT", **formatted.get("extensions", {})}}
    if isinstance(original, ConnectionFailure):
        _log.warning("database_away", operation=operation.name, path=error.path, error=str(original)[:200])
        return {**formatted, "message": DATABASE_AWAY, "extensions": {"code": "UNAVAILABLE"}}
    identity = correlation_id() or secrets.token_hex(8)
    _log.error(
        "resolver_failed",
        operation=operation.name,
        path=error.path,
        failure_id=identity,
        exc_info=original,
    )
    masked: GraphQLFormattedError = {
        "message": _WENT_WRONG,
        "extensions": {"code": "INTERNAL", "correlationId": identity},
    }
    for key in ("locations", "path"):
        if key in formatted:
            masked[key] = formatted[key]
    return masked


class ClientError(GraphQLError):
    """An error of a query that the client can mend, such as a cursor of another list."""

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message, extensions={"code": code, **details})


def _cause(error: GraphQLError) -> Exception | None:
    """The innermost cause; None when there is none but GraphQL's own."""
    cause: Exception | None = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause
