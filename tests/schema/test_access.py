"""Nothing of one member is anybody else's: every id of one asked for by everybody else, generated from the schema."""

import asyncio
import secrets
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from auth.scopes import ROLE_SCOPES
from schema.build import executable
from schema.root import build_schema
from tests.schema.world import Caller, World, instant

SCHEMA = executable(build_schema())
SECRET = "Zebedee Quillfeather"


def selection(kind: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
    """Every field of a type that needs no argument, so many levels deep."""
    parts = []
    for name, field in kind.fields.items():
        if any(isinstance(arg.type, GraphQLNonNull) and arg.default is None for arg in field.args.values()):
            continue
        named = get_named_type(field.type)
        if is_leaf_type(named):
            parts.append(name)
        elif depth > 0 and isinstance(named, GraphQLObjectType):
            parts.append(f"{name} {{ {selection(named, depth - 1)} }}")
    return " ".join(parts)


def object_type(name: str) -> GraphQLObjectType:
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


def needed(field: GraphQLField) -> frozenset[str]:
    for directive in field.extensions["strawberry-definition"].directives:
        if hasattr(directive, "needs"):
            return frozenset(directive.needs)
    return frozenset()


class Property:
    """Everything that one member has, by type."""

    def __init__(self, owner: Caller, ids: dict[str, str], words: set[str]) -> None:
        self.owner = owner
        self.ids = ids
        self.words = words


@pytest.fixture(scope="module")
async def owned(world: World) -> Property:
    owner = await world.member(SECRET, points=500, email=f"{secrets.token_hex(6)}@private.example")
    till = await world.till()
    card = (await owner.ask("{ viewer { card { number } contacts { value } } }")).data["viewer"]
    number = card["card"]["number"]
    seen = await till.do("cardIdentify", "identification", code=number, basketId="b")
    sale = world.sale(identification=seen["identification"])
    sold = await till.do("purchaseRecord", "purchase { id }", **sale)
    back = await till.do(
        "purchaseReturn", "return { id }", purchaseId=sold["purchase"]["id"], receiptNumber="R",
        occurredAt=instant(world.stampbook.clock.now()), idempotencyKey="r", lines=[],
    )  # fmt: skip
    reserved = await owner.do(
        "rewardReserve", "redemption { id code }", rewardId=await world.reward(price=5), idempotencyKey="k"
    )
    point = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
    device = await owner.do("cardDeviceRegister", "device { id }", publicKey=point, name="Phone")
    more = await owner.ask("{ viewer { sessions { id } signInMethods { id } activity { nodes { id } } } }")
    viewer = more.data["viewer"]
    ids = {
        "Member": owner.id,
        "Purchase": sold["purchase"]["id"],
        "Return": back["return"]["id"],
        "Redemption": reserved["redemption"]["id"],
        "CardDevice": device["device"]["id"],
        "Session": viewer["sessions"][0]["id"],
        "SignInMethod": viewer["signInMethods"][0]["id"],
        "Activity": viewer["activity"]["nodes"][0]["id"],
    }
    words = {*ids.values(), SECRET, number, card["contacts"][0]["value"], reserved["redemption"]["code"]}
    return Property(owner, ids, {word.lower() for word in words})


async def test_the_owner_sees_every_own_object_by_its_id(owned: Property) -> None:
    for name, identity in owned.ids.items():
        query = f"query ($id: ID!) {{ node(id: $id) {{ id ... on {name} {{ {selection(object_type(name), 1)} }} }} }}"
        answer = await owned.owner.ask(query, id=identity)
        assert answer.data["node"]["id"] == identity, name


async def others(world: World) -> dict[str, Caller]:
    """Everybody who is neither the owner nor allowed to read members."""
    found = {"stranger": world.stranger(), "somebody": await world.somebody(), "member": await world.member(points=5)}
    found["till"] = await world.till()
    for role, scopes in ROLE_SCOPES.items():
        if "support:read" not in scopes:
            found[role] = await world.staff(role)
    return found


async def test_nobody_else_finds_any_of_it_by_id(world: World, owned: Property) -> None:
    for who, caller in (await others(world)).items():
        for name, identity in owned.ids.items():
            plain = await caller.ask("query ($id: ID!) { node(id: $id) { __typename id } }", id=identity)
            assert plain.data == {"node": None}, f"{who} sees {name}"
            fields = selection(object_type(name), 1)
            full = await caller.ask(
                f"query ($id: ID!) {{ node(id: $id) {{ ... on {name} {{ {fields} }} }} }}", id=identity
            )
            shown = str(full.body.get("data")).lower()
            assert not [word for word in owned.words if word in shown], f"{who} sees {name}"


async def test_every_root_field_shows_others_nothing_of_it(world: World, owned: Property) -> None:
    query_type = SCHEMA.query_type
    assert query_type is not None
    for who, caller in (await others(world)).items():
        for name, field in query_type.fields.items():
            named = get_named_type(field.type)
            if name == "node":
                continue
            inside = f" {{ {selection(named, 2)} }}" if isinstance(named, GraphQLObjectType) else ""
            answer = await caller.ask(f"{{ {name}{inside} }}")
            allowed = await scopes_of(world, caller)
            shown = str(answer.body.get("data")).lower()
            # What a till rang up is the till's to see; the member behind it is not.
            personal = owned.words - {owned.ids["Purchase"], owned.ids["Return"]}
            assert not [word for word in personal if word in shown], f"{who} sees it in {name}"
            if not needed(field) <= allowed:
                assert answer.status in {401, 403}, f"{who} may not ask for {name}"


async def scopes_of(world: World, caller: Caller) -> frozenset[str]:
    if "authorization" in caller.headers:
        return (await world.stampbook.auth.authenticator.access_by_token(caller.headers["authorization"])).scopes
    if not caller.session:
        return frozenset()
    who = await caller.http.get("/web/session", headers=caller.headers)
    return frozenset(who.json()["scopes"])


async def test_no_mutation_of_others_touches_it(world: World, owned: Property) -> None:
    """Each mutation gets the owner's ids wherever it takes an id."""
    mutation_type = SCHEMA.mutation_type
    assert mutation_type is not None
    before = await snapshot(world, owned)
    for who, caller in (await others(world)).items():
        if who == "till":
            continue
        for name, field in mutation_type.fields.items():
            if "input" not in field.args:
                continue
            kind = str(field.args["input"].type)
            sent = {
                key: value
                for key, given in get_named_type(field.args["input"].type).fields.items()
                if (value := filled(key, str(given.type), owned)) is not None
            }
            payload = get_named_type(field.type).fields
            shown = "userErrors { code }" if "userErrors" in payload else "__typename"
            answer = await caller.ask(
                f"mutation ($input: {kind}) {{ {name}(input: $input) {{ {shown} }} }}", input=sent
            )
            assert answer.status < 500, (who, name, answer.body)
    assert await snapshot(world, owned) == before


def filled(key: str, kind: str, owned: Property) -> Any:
    """A value for an input field: the owner's id for an id, something harmless for the rest."""
    if kind.startswith("ID"):
        for word, name in (
            ("member", "Member"), ("survivor", "Member"), ("merged", "Member"), ("redemption", "Redemption"),
            ("session", "Session"), ("method", "SignInMethod"), ("device", "CardDevice"), ("purchase", "Purchase"),
            ("entry", "Activity"), ("identification", "Member"),
        ):  # fmt: skip
            if key.startswith(word):
                return owned.ids[name]
        return owned.ids["Member"]
    plain: dict[str, Any] = {
        "String!": "x" if key != "code" else owned.ids["Redemption"],
        "Points!": 1,
        "Boolean!": True,
        "AdjustReason!": "OTHER",
        "[String!]!": ["agent"],
    }
    return plain.get(kind)


async def snapshot(world: World, owned: Property) -> dict[str, Any]:
    fields = """{ viewer { displayName status balance { active reserved } sessions { id } signInMethods { id }
      card { number devices { id } } redemptions { nodes { id status } } activity { nodes { id } } } }"""
    found = (await owned.owner.ask(fields)).data["viewer"]
    assert isinstance(found, dict)
    return found


async def test_a_till_takes_no_other_tills_identification_and_no_foreign_reservation(
    world: World, owned: Property
) -> None:
    first, second = await world.till(), await world.till()
    number = (await owned.owner.ask("{ viewer { card { number } } }")).data["viewer"]["card"]["number"]
    seen = await first.do("cardIdentify", "identification", code=number, basketId="mine")
    stolen = await second.do("purchaseRecord", "purchase { id }", **world.sale(identification=seen["identification"]))
    assert stolen["userErrors"][0]["code"] == "IDENTIFICATION_UNKNOWN"
    by_id = await second.do("redemptionConfirm", "redemption { id }", code=owned.ids["Redemption"], idempotencyKey="x")
    assert by_id["userErrors"][0]["code"] == "IDENTIFICATION_UNKNOWN"
    weak = await first.do(
        "redemptionConfirm", "redemption { id }", identification=seen["identification"],
        code=owned.ids["Redemption"], idempotencyKey="x",
    )  # fmt: skip
    assert weak["userErrors"][0]["code"] == "NOT_ALLOWED"


async def test_staff_see_members_and_never_their_secrets(world: World, owned: Property) -> None:
    agent = await world.staff("agent")
    query = """query ($id: ID!) { staff { member(id: $id) { displayName balance { active }
      redemptions { nodes { id voucherCode } } rewards(first: 1) { nodes { eligibility { eligible } } } } } }"""
    found = (await agent.ask(query, id=owned.owner.id)).data["staff"]["member"]
    assert found["displayName"] == SECRET
    assert [each["eligibility"] for each in found["rewards"]["nodes"]] == [None]
    assert {each["voucherCode"] for each in found["redemptions"]["nodes"]} == {None}
    auditor, manager = await asyncio.gather(world.staff("auditor"), world.staff("store_manager"))
    for caller in (auditor, manager):
        refused = await caller.ask(
            "query ($id: ID!) { staff { member(id: $id) { sessions { id } } } }", id=owned.owner.id
        )
        assert (refused.status, refused.code) == (403, "FORBIDDEN")
        assert (await caller.ask("{ viewer { id } }")).status == 403
