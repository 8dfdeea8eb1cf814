"""What holds for the whole schema."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
)

from auth.scopes import MEMBER_SCOPES, STAFF_SCOPES, TILL_SCOPES
from schema import export
from schema.build import executable
from schema.documents import DocumentCache
from schema.limits import Limits
from schema.refusals import MEANINGS
from schema.root import build_schema
from schema.scopes import Public, Scope, ScopeTable, UndeclaredAccess
from tests.schema import small

SCHEMA = executable(build_schema())
OWN = {name: kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__")}
ROOTS = ("Query", "Mutation", "Subscription")


def test_the_committed_schema_is_what_the_code_says() -> None:
    assert export.COMMITTED.read_text() == export.text(), "run `python -m schema.export` and commit the result"


def fields_of(name: str) -> dict[str, GraphQLField]:
    kind = OWN[name]
    assert isinstance(kind, GraphQLObjectType)
    return dict(kind.fields)


def undescribed() -> Iterator[str]:
    for name, kind in OWN.items():
        if name in {"String", "Int", "Float", "Boolean", "ID"}:
            continue
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}.{value}" for value, given in kind.values.items() if not given.description)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                if not field.description:
                    yield f"{name}.{field_name}"
                arguments = getattr(field, "args", {})
                yield from (f"{name}.{field_name}({a})" for a, given in arguments.items() if not given.description)


def test_everything_is_described() -> None:
    assert list(undescribed()) == []


def test_every_root_field_says_whom_it_is_open_to() -> None:
    for root in ROOTS:
        for name, field in fields_of(root).items():
            directives = field.extensions["strawberry-definition"].directives
            assert sum(isinstance(each, Scope | Public) for each in directives) == 1, f"{root}.{name}"


def test_every_scope_is_one_that_somebody_can_have() -> None:
    known = MEMBER_SCOPES | TILL_SCOPES | STAFF_SCOPES
    assert ScopeTable(SCHEMA).declared <= known


def test_fields_of_other_types_that_need_more_than_their_parent_say_so() -> None:
    table = ScopeTable(SCHEMA)
    for name in ("sessions", "signInMethods", "securityEvents"):
        assert table.needs("Member", name) == {"sessions:manage"}
    for type_name in ("Staff", "Till"):
        kind = OWN[type_name]
        assert isinstance(kind, GraphQLObjectType)
        loose = {name for name in kind.fields if not table.needs(type_name, name)}
        assert loose <= {"id", "name", "email", "roles", "scopes", "store"}


def test_a_root_field_without_an_access_rule_does_not_build() -> None:
    schema = small.SCHEMA
    field = schema.query_type.fields["hello"] if schema.query_type else None
    assert field is not None
    definition = field.extensions["strawberry-definition"]
    kept, definition.directives = definition.directives, ()
    try:
        with pytest.raises(UndeclaredAccess, match=r"Query\.hello"):
            ScopeTable(schema)
    finally:
        definition.directives = kept


def test_nothing_takes_a_member_id_outside_of_staff() -> None:
    staff_inputs = {
        get_named_type(argument.type).name
        for field_name, field in fields_of("Mutation").items()
        for argument in field.args.values()
        if any(scope.startswith("support:") for scope in ScopeTable(SCHEMA).needs("Mutation", field_name))
    }
    words = ("member", "survivor", "merged")
    for name, kind in OWN.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and name != "Staff":
            for field_name, field in kind.fields.items():
                named = [argument for argument in field.args if argument.lower().startswith(words)]
                assert not named, f"{name}.{field_name} takes {named}"
        if isinstance(kind, GraphQLInputObjectType) and name not in staff_inputs:
            named = [field_name for field_name in kind.fields if field_name.endswith("emberId")]
            assert not named, f"{name} takes {named}"


def test_every_mutation_has_its_own_errors() -> None:
    mutation = OWN["Mutation"]
    assert isinstance(mutation, GraphQLObjectType)
    for name, field in mutation.fields.items():
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        assert str(payload.fields["userErrors"].type).startswith("[")
        error = get_named_type(payload.fields["userErrors"].type)
        assert isinstance(error, GraphQLObjectType)
        assert str(error.fields["field"].type) == "[String!]"
        code = get_named_type(error.fields["code"].type)
        assert isinstance(code, GraphQLEnumType)
        assert set(code.values) <= set(MEANINGS), name


def test_the_viewer_screen_is_far_from_every_limit() -> None:
    documents = DocumentCache(SCHEMA, Limits(), introspection=False, suggestions=False)
    whole = """{ viewer { purchases(first: 100) { nodes { id lines { product { name } } } }
                 activity(first: 100) { nodes { id lots { points } } } } }"""
    prepared = documents.by_text(whole)
    assert not prepared.errors
    (operation,) = prepared.operations.values()
    assert operation.cost < Limits().nodes / 2
    nested = "{ viewer { purchases(first: 100) { nodes { member { purchases(first: 100) { nodes { id } } } } } } }"
    assert documents.by_text(nested).errors == ()
    deeper = nested.replace("id }", "member { purchases(first: 100) { nodes { id } } } }")
    assert documents.by_text(deeper).errors[0]["extensions"]["code"] == "LIMIT_EXCEEDED"
