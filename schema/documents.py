"""Documents, parsed, validated, costed once and kept: the hot path starts from here."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from schema.limits import DemandWalk, Limits, refuse, shape_errors
from schema.scopes import ScopeTable


class Failure(Enum):
    """Why a document cannot run."""

    PARSE = "GRAPHQL_PARSE_FAILED"
    LIMIT = "LIMIT_EXCEEDED"
    VALIDATION = "GRAPHQL_VALIDATION_FAILED"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a prepared document: its kind, what it costs (objects at most) and the scopes that it needs."""

    name: str | None
    kind: OperationType
    cost: int
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to run, or the errors that say why it never will."""

    document: DocumentNode
    operations: Mapping[str | None, Operation]
    errors: tuple[GraphQLFormattedError, ...] = ()

    def operation(self, name: str | None) -> Operation | None:
        """The operation of that name; without a name the only one."""
        if name is not None:
            return self.operations.get(name)
        return next(iter(self.operations.values())) if len(self.operations) == 1 else None


_NOTHING = DocumentNode(definitions=())


def _coded(error: GraphQLError, failure: Failure) -> GraphQLFormattedError:
    formatted = error.formatted
    extensions = {"code": failure.value, **formatted.get("extensions", {})}
    return {**formatted, "extensions": extensions}


def digest(text: str) -> str:
    """SHA-256 of a document's text in hex; also the second half of its `documentId`."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class DocumentCache:
    """Prepares documents and keeps the recent ones, bounded by count and by bytes of text.

    Persisted documents are prepared at start and never pushed out.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        *,
        introspection: bool,
        suggestions: bool,
        persisted: Mapping[str, str] | None = None,
        entries: int = 1000,
        text_bytes: int = 8 * 1024 * 1024,
    ) -> None:
        self.schema = schema
        self.scopes = ScopeTable(schema)
        self.limits = limits
        self.suggestions = suggestions
        self._rules = (*specified_rules, *(() if introspection else (NoSchemaIntrospectionCustomRule,)))
        self._recent: OrderedDict[str, tuple[Prepared, int]] = OrderedDict()
        self._entries = entries
        self._bytes_left = text_bytes
        self._persisted = {key.removeprefix("sha256:"): self._prepare(text) for key, text in (persisted or {}).items()}

    def by_text(self, text: str) -> Prepared:
        """The prepared form of a text, from the cache when it was seen lately."""
        key = digest(text)
        kept = self._persisted.get(key)
        if kept is not None:
            return kept
        recent = self._recent.get(key)
        if recent is not None:
            self._recent.move_to_end(key)
            return recent[0]
        prepared = self._prepare(text)
        self._keep(key, prepared, len(text))
        return prepared

    def by_id(self, document_id: str) -> Prepared | None:
        """The persisted document of an id such as `sha256:<hex>`; None when it is not registered."""
        return self._persisted.get(document_id.removeprefix("sha256:"))

    @property
    def broken(self) -> dict[str, tuple[GraphQLFormattedError, ...]]:
        """Persisted documents that this schema refuses, with the reasons."""
        return {key: prepared.errors for key, prepared in self._persisted.items() if prepared.errors}

    def __len__(self) -> int:
        return len(self._recent)

    def _keep(self, key: str, prepared: Prepared, size: int) -> None:
        self._recent[key] = (prepared, size)
        self._bytes_left -= size
        while len(self._recent) > self._entries or (self._bytes_left < 0 and len(self._recent) > 1):
            _, (_, freed) = self._recent.popitem(last=False)
            self._bytes_left += freed

    def _prepare(self, text: str) -> Prepared:
        limits = self.limits
        try:
            # Comments count too, and so does the text: both are bounded by the body already.
            document = parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLError as error:
            if "contains more than" in error.message:
                error = refuse("tokens", "tokens", limits.tokens)
            return Prepared(_NOTHING, {}, (_coded(error, Failure.PARSE),))
        if crossed := shape_errors(document, limits):
            return Prepared(_NOTHING, {}, tuple(_coded(error, Failure.LIMIT) for error in crossed))
        invalid = validate(
            self.schema, document, self._rules, max_errors=limits.errors, hide_suggestions=not self.suggestions
        )
        if invalid:
            return Prepared(
                _NOTHING, {}, tuple(_coded(error, Failure.VALIDATION) for error in invalid[: limits.errors])
            )
        return self._measure(document)

    def _measure(self, document: DocumentNode) -> Prepared:
        walk = DemandWalk(self.schema, self.scopes, document)
        operations: dict[str | None, Operation] = {}
        for node in document.definitions:
            if not isinstance(node, OperationDefinitionNode):
                continue
            demand = walk.operation(node)
            if demand.cost > self.limits.nodes:
                error = refuse("nodes", "objects to return", self.limits.nodes)
                return Prepared(_NOTHING, {}, (_coded(error, Failure.LIMIT),))
            name = node.name.value if node.name else None
            operations[name] = Operation(name, node.operation, demand.cost, demand.needs)
        return Prepared(document, operations)
