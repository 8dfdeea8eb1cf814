"""What a document may ask for, measured once per document and kept with it.

The shape (tokens, depth, aliases, directives, fields) is measured before validation, because validation itself is what
an oversized document attacks; the cost is measured after it, because it needs the types.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from schema.scopes import ScopeTable

MAX_PAGE = 100
_LIST_GUESS = 10
_MUTATION_COST = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """The ceilings; each is inclusive.

    `nodes` counts objects that one operation could return, page sizes multiplied; `bucket` and `refill` are the same
    unit, per caller: how much may be asked at once and how much comes back each second.
    """

    tokens: int = 2000
    depth: int = 12
    aliases: int = 20
    directives: int = 20
    fields: int = 400
    repeats: int = 10
    root_fields: int = 10
    operations: int = 10
    errors: int = 5
    nodes: int = 25_000
    bucket: int = 50_000
    refill: int = 5_000
    body_bytes: int = 512 * 1024


@dataclass(slots=True)
class _Shape:
    """Figures of one selection set with its fragments laid out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    repeats: int = 0

    def add(self, other: "_Shape", deeper: int = 0) -> None:
        """Take in the figures of a selection set inside, so many levels deeper."""
        self.depth = max(self.depth, other.depth + deeper)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.repeats = max(self.repeats, other.repeats)


class _ShapeWalk:
    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self._limits = limits
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, _Shape] = {}
        self._open: set[str] = set()

    def measure(self, selections: SelectionSetNode, level: int = 1) -> _Shape:
        """Figures of a selection set; levels far beyond the limit are not entered."""
        shape = _Shape()
        seen: dict[str, int] = {}
        for selection in selections.selections:
            shape.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                self._add_field(shape, selection, level)
                key = selection.alias.value if selection.alias else selection.name.value
                seen[key] = seen.get(key, 0) + 1
            elif isinstance(selection, FragmentSpreadNode):
                shape.add(self._fragment(selection.name.value))
            elif isinstance(selection, InlineFragmentNode):
                shape.add(self.measure(selection.selection_set, level))
        shape.repeats = max(shape.repeats, *seen.values()) if seen else shape.repeats
        return shape

    def _add_field(self, shape: _Shape, node: FieldNode, level: int) -> None:
        shape.fields += 1
        shape.aliases += node.alias is not None
        shape.depth = max(shape.depth, 1)
        # Introspection has a depth rule of its own in the specified validation rules.
        if node.selection_set is None or node.name.value.startswith("__"):
            return
        if level > self._limits.depth:
            shape.depth = self._limits.depth + 1
            return
        inner = self.measure(node.selection_set, level + 1)
        shape.add(inner, deeper=1)

    def _fragment(self, name: str) -> _Shape:
        if name in self._known:
            return self._known[name]
        fragment = self._fragments.get(name)
        # Unknown fragments and cycles are for validation to report.
        if fragment is None or name in self._open:
            return _Shape()
        self._open.add(name)
        # Fragments are entered at level one wherever they are used, so that each is walked once.
        shape = self._known[name] = self.measure(fragment.selection_set)
        self._open.discard(name)
        return shape


def refuse(limit: str, what: str, allowed: int) -> GraphQLError:
    """Build the error of a crossed limit."""
    return GraphQLError(
        f"This document has too many {what}: at most {allowed} are allowed."
        if limit != "depth"
        else f"This document is nested too deeply: at most {allowed} levels are allowed.",
        extensions={"code": "LIMIT_EXCEEDED", "limit": limit, "allowed": allowed},
    )


def shape_errors(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """Every limit that the shape of a parsed, not yet validated document crosses."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > limits.operations:
        return [refuse("operations", "operations", limits.operations)]
    walk = _ShapeWalk(document, limits)
    total = _Shape()
    root_fields = 0
    for operation in operations:
        shape = walk.measure(operation.selection_set)
        total.directives += len(operation.directives or ())
        root_fields = max(root_fields, len(operation.selection_set.selections))
        total.add(shape)
    figures = (
        ("depth", "levels", total.depth, limits.depth),
        ("fields", "fields", total.fields, limits.fields),
        ("aliases", "aliases", total.aliases, limits.aliases),
        ("directives", "directives", total.directives, limits.directives),
        ("repeats", "repetitions of one field", total.repeats, limits.repeats),
        ("root_fields", "root fields", root_fields, limits.root_fields),
    )
    return [refuse(limit, what, allowed) for limit, what, found, allowed in figures if found > allowed]


@dataclass(frozen=True, slots=True)
class Demand:
    """What one operation asks for: objects at most, and the scopes of all its fields."""

    cost: int
    needs: frozenset[str]


class DemandWalk:
    """Adds up cost and scopes of the operations of one validated document."""

    def __init__(self, schema: GraphQLSchema, scopes: ScopeTable, document: DocumentNode) -> None:
        self._schema = schema
        self._scopes = scopes
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._needs: set[str] = set()

    def operation(self, node: OperationDefinitionNode) -> Demand:
        """Cost and scopes of one operation."""
        self._needs = set()
        root = self._schema.get_root_type(node.operation)
        if root is None:
            return Demand(0, frozenset())
        cost = self._selections(root, node.selection_set, None)
        if root is self._schema.mutation_type:
            cost += _MUTATION_COST * len(node.selection_set.selections)
        return Demand(cost, frozenset(self._needs))

    def _selections(self, parent: GraphQLCompositeType, selections: SelectionSetNode, page: int | None) -> int:
        return sum(self._field(kind, node, page) for kind, node in self._fields(parent, selections))

    def _fields(
        self, parent: GraphQLCompositeType, selections: SelectionSetNode
    ) -> Iterator[tuple[GraphQLCompositeType, FieldNode]]:
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield parent, selection
                continue
            inner = self._fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
            assert isinstance(inner, FragmentDefinitionNode | InlineFragmentNode)  # noqa: S101 -- the three kinds
            condition = inner.type_condition
            kind = self._schema.get_type(condition.name.value) if condition else parent
            if is_composite_type(kind):
                yield from self._fields(kind, inner.selection_set)

    def _field(self, parent: GraphQLCompositeType, node: FieldNode, page: int | None) -> int:
        field = self._schema.get_field(parent, node.name.value)
        if field is None or node.name.value.startswith("__"):
            return 0
        self._needs |= self._scopes.needs(parent.name, node.name.value)
        named = get_named_type(field.type)
        if node.selection_set is None or not is_composite_type(named):
            return 0
        first = _page_size(field, node)
        is_list = _is_list(field.type)
        if is_list:
            times = first or page or _LIST_GUESS
            return times * (1 + self._selections(named, node.selection_set, None))
        return 1 + self._selections(named, node.selection_set, first)


def _is_list(kind: GraphQLOutputType) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def _page_size(field: GraphQLField, node: FieldNode) -> int | None:
    """How many items `first` asks for; a variable may be anything, so it counts as the largest page."""
    argument = field.args.get("first")
    if argument is None:
        return None
    given = next((item.value for item in node.arguments or () if item.name.value == "first"), None)
    if given is None or isinstance(given, NullValueNode):
        default = argument.default_value
        return default if isinstance(default, int) else MAX_PAGE
    if isinstance(given, IntValueNode):
        return max(0, min(int(given.value), MAX_PAGE))
    return MAX_PAGE
