"""Who may ask the API for what: a sweep generated from the schema, and the CSRF matrix on `/graphql`.

Everything that member A can see or change is asked for as member B, as a till, as each staff role, and as nobody.
"""

import asyncio
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)

import schema as schema_package
from auth.scopes import MEMBER_SCOPES, ROLE_SCOPES, TILL_SCOPES, scopes_of_roles
from schema.scopes import granted
from tests.schema.world import Caller, World

SDL = Path(schema_package.__file__).parent / "schema.graphql"
SCHEMA: GraphQLSchema = build_schema(SDL.read_text())
REFUSED = {"FORBIDDEN", "UNAUTHENTICATED"}
MARK = "Zebedee Marker"


def bare(kind: Any) -> Any:
    """A type without its lists and non-nulls."""
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind


def bracketed(text: str) -> str:
    return f"({text})" if text else ""


def needs_arguments(field: GraphQLField) -> bool:
    return any(isinstance(arg.type, GraphQLNonNull) and arg.default_value is None for arg in field.args.values())


def selection(kind: Any, depth: int, seen: tuple[str, ...] = (), scopes: frozenset[str] | None = None) -> str:
    """Every field of a type that needs no argument, some levels deep; only those within `scopes`, if given."""
    kind = bare(kind)
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        return "{ __typename }"
    if not isinstance(kind, GraphQLObjectType):
        return ""
    parts = ["__typename"]
    for name, field in kind.fields.items():
        if needs_arguments(field) or (scopes is not None and not scopes >= scopes_of(field)):
            continue
        inner = bare(field.type)
        if not isinstance(inner, GraphQLObjectType):
            if not isinstance(inner, GraphQLUnionType | GraphQLInterfaceType):
                parts.append(name)
        elif depth > 0 and inner.name not in seen:
            inside = selection(inner, depth - 1, (*seen, kind.name), scopes)
            parts.append(f"{name}(first: 2) {inside}" if "first" in field.args else f"{name} {inside}")
    return "{ " + " ".join(parts) + " }"


def scopes_of(field: GraphQLField) -> frozenset[str]:
    """What the SDL says that a field needs."""
    for directive in (field.ast_node.directives if field.ast_node else None) or ():
        if directive.name.value == "scope" and directive.arguments:
            values: Any = directive.arguments[0].value
            return frozenset(value.value for value in values.values)
    return frozenset()


def strings(value: Any) -> Iterator[str]:
    """Every text anywhere in an answer."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(inner)


def dummy(kind: Any, name: str, ids: dict[str, str]) -> Any:
    """A value for an input: A's own ids where an id is wanted, something plausible elsewhere."""
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList):
        return [dummy(kind.of_type, name, ids)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {field: dummy(value.type, field, ids) for field, value in kind.fields.items()}
    by_type = {
        "Int": 1,
        "Float": 1.0,
        "Boolean": True,
        "Points": 1,
        "Decimal": "1.00",
        "DateTime": "2026-03-14T15:09:26.000Z",
        "Date": "2026-03-14",
        "ID": ids.get(name, ids["memberId"]),
    }
    return by_type.get(kind.name, secrets.token_hex(6))


@pytest.fixture(scope="module")
async def ada(world: World) -> Caller:
    """Member A: with points, a purchase-like history, a reservation, a session, a method."""
    ada = await world.member(MARK, points=500)
    reward = await world.reward(100)
    await ada.do("rewardReserve", "redemption { id }", rewardId=reward, idempotencyKey=secrets.token_hex(8))
    return ada


async def view(world: World, who: Caller) -> dict[str, Any]:
    """All that a member sees of itself; fails on errors."""
    member = SCHEMA.query_type.fields["viewer"].type if SCHEMA.query_type else None
    answer: dict[str, Any] = {}
    for name, field in bare(member).fields.items():
        if needs_arguments(field):
            continue
        inside = selection(field.type, 2, ("Member",), granted(MEMBER_SCOPES))
        argument = "(first: 20)" if "first" in field.args else ""
        answer[name] = (await who.ask(f"{{ viewer {{ {name}{argument} {inside} }} }}")).data["viewer"][name]
    return answer


def private_ids(seen: dict[str, Any]) -> dict[str, str]:
    """A's own ids by the name of the input that would take them."""
    names = {"mbr_": "memberId", "ses_": "sessionId", "mtd_": "methodId", "rdm_": "redemptionId", "ent_": "entryId"}
    found = {names[text[:4]]: text for text in strings(seen) if text[:4] in names and len(text) > 20}
    return {"survivorId": found["memberId"], "mergedId": found["memberId"], **found}


async def callers(world: World) -> dict[str, tuple[Caller, frozenset[str]]]:
    """Everybody else, and what they may do."""
    others = {
        "nobody": (world.stranger(), frozenset[str]()),
        "member B": (await world.member("Berta", points=50), granted(MEMBER_SCOPES)),
        "till": (await world.till(), TILL_SCOPES),
    }
    for role in ROLE_SCOPES:
        others[role] = (await world.staff(role), granted(scopes_of_roles([role])))
    return others


async def test_no_id_of_a_resolves_for_anybody_without_the_right_to_it(world: World, ada: Caller) -> None:
    seen = await view(world, ada)
    ids = {text for text in strings(seen) if text[:4] in ("mbr_", "ses_", "mtd_", "rdm_", "ent_", "pur_", "cdv_")}
    assert len({text[:4] for text in ids}) >= 5
    fragments = " ".join(
        f"... on {kind.name} {selection(kind, 0)}"
        for kind in SCHEMA.get_implementations(SCHEMA.type_map["Node"]).objects  # type: ignore[arg-type]  # the interface
        if kind.name in ("Member", "Redemption", "Activity", "Session", "SignInMethod", "CardDevice")
    )
    for name, (caller, scopes) in (await callers(world)).items():
        # Staff that may read members see them, but nobody is given a session, a way to sign in or a phone of another.
        closed = [one for one in ids if "support:read" not in scopes or one[:4] in ("ses_", "mtd_", "cdv_")]
        asked = (
            f"query ($id: ID!) {{ node(id: $id) {{ __typename {fragments if 'support:read' not in scopes else ''} }} }}"
        )
        answers = await asyncio.gather(*(caller.ask(asked, id=one) for one in closed))
        for one, answer in zip(closed, answers, strict=True):
            node = (answer.body.get("data") or {}).get("node")
            assert node is None, (name, one)
            assert MARK not in str(answer.body), (name, one)


async def test_every_root_field_is_closed_without_its_scopes(world: World) -> None:
    assert SCHEMA.query_type is not None
    assert SCHEMA.mutation_type is not None
    everybody = await callers(world)
    nowhere = {"memberId": "mbr_" + "0" * 24}
    closed = 0
    for operation, root in (("query", SCHEMA.query_type), ("mutation", SCHEMA.mutation_type)):
        for name, field in root.fields.items():
            needed = scopes_of(field)
            arguments = ", ".join(f"${arg}: {value.type}" for arg, value in field.args.items())
            passed = ", ".join(f"{arg}: ${arg}" for arg in field.args)
            inside = selection(field.type, 0)
            document = f"{operation} {bracketed(arguments)} {{ {name}{bracketed(passed)} {inside} }}"
            variables = {arg: dummy(value.type, arg, nowhere) for arg, value in field.args.items()}
            refused = [(who, caller) for who, (caller, scopes) in everybody.items() if not scopes >= needed]
            answers = await asyncio.gather(*(caller.ask(document, **variables) for _, caller in refused))
            for (who, _), answer in zip(refused, answers, strict=True):
                assert answer.code in REFUSED, (who, name, answer.body)
            closed += len(answers)
    assert closed > 150


async def test_every_field_of_staff_is_closed_without_its_scopes(world: World) -> None:
    everybody = await callers(world)
    staff = SCHEMA.type_map["Staff"]
    assert isinstance(staff, GraphQLObjectType)
    for name, field in staff.fields.items():
        needed = scopes_of(field)
        given = {arg: dummy(value.type, arg, {"memberId": "mbr_" + "0" * 24}) for arg, value in field.args.items()}
        required = {arg for arg, value in field.args.items() if isinstance(value.type, GraphQLNonNull)}
        arguments = ", ".join(f"${arg}: {value.type}" for arg, value in field.args.items() if arg in required)
        passed = ", ".join(f"{arg}: ${arg}" for arg in required)
        asked = f"{name}{bracketed(passed)} {selection(field.type, 0)}"
        document = f"query {bracketed(arguments)} {{ staff {{ {asked} }} }}"
        passing = {arg: given[arg] for arg in required}
        refused = [
            (who, caller) for who, (caller, scopes) in everybody.items() if not scopes >= {"support:read", *needed}
        ]
        answers = await asyncio.gather(*(caller.ask(document, **passing) for _, caller in refused))
        for (who, _), answer in zip(refused, answers, strict=True):
            assert answer.code in REFUSED, (who, name, answer.body)


async def test_no_mutation_of_member_b_touches_anything_of_a(world: World, ada: Caller) -> None:
    assert SCHEMA.mutation_type is not None
    before = await view(world, ada)
    ids = private_ids(before)
    berta = await world.member("Berta", points=500)
    tried = 0
    for name, field in SCHEMA.mutation_type.fields.items():
        if not scopes_of(field) <= granted(MEMBER_SCOPES) or name == "sessionEndOthers":
            continue
        variables = {arg: dummy(value.type, arg, ids) for arg, value in field.args.items()}
        arguments = ", ".join(f"${arg}: {value.type}" for arg, value in field.args.items())
        passed = ", ".join(f"{arg}: ${arg}" for arg in field.args)
        answer = await berta.ask(
            f"mutation ({arguments}) {{ {name}({passed}) {selection(field.type, 1)} }}", **variables
        )
        assert MARK not in str(answer.body), name
        assert answer.status == 200, (name, answer.body)
        tried += 1
    assert tried >= 6
    changing = ("asOf", "lastSeenAt", "serverTime")
    after = await view(world, ada)
    assert without(after, changing) == without(before, changing)


def without(value: Any, names: tuple[str, ...]) -> Any:
    """An answer without the fields that move by themselves."""
    if isinstance(value, dict):
        return {name: without(inner, names) for name, inner in value.items() if name not in names}
    return [without(inner, names) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {},
    ],
    ids=str,
)
async def test_csrf_on_graphql(world: World, ada: Caller, headers: dict[str, str]) -> None:
    mine = "{ viewer { displayName balance { active reserved lifetime } activity { nodes { id } } } }"
    before = (await ada.ask(mine)).data
    cookie = {"cookie": ada.headers["cookie"]}
    document = 'mutation { memberUpdate(input: { displayName: "Hijacked" }) { member { displayName } } }'
    for content_type, content in (
        ("application/json", json.dumps({"query": document})),
        ("application/x-www-form-urlencoded", "query=" + document),
        ("text/plain", document),
        ("multipart/form-data; boundary=x", "--x--"),
    ):
        sent = {**cookie, **headers, "content-type": content_type}
        answer = await world.http.post("/graphql", content=content, headers=sent)
        assert 400 <= answer.status_code < 500, (content_type, answer.text)
        assert answer.status_code == 403 or content_type != "application/json"
    read = await world.http.get("/graphql", params={"query": "{ viewer { id } }"}, headers={**cookie, **headers})
    assert MARK not in read.text
    assert ada.id not in read.text
    assert (await ada.ask(mine)).data == before
    assert before["viewer"]["displayName"] == MARK
