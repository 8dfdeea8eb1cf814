"""What tools such as graphql-cop and clairvoyance try, against the running service in production."""

from typing import Any

import httpx2
import pytest

from tests.schema.world import STRICT, World

INTROSPECTION = "query { __schema { types { name fields { name type { name ofType { name fields { name } } } } } } }"
CIRCULAR = "query { __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }"


async def post(world: World, **options: Any) -> httpx2.Response:
    headers = {"accept": STRICT, "content-type": "application/json", **options.pop("headers", {})}
    return await world.http.post("/graphql", headers=headers, **options)


BOMB = " ".join(f"fragment A{n} on Query {{ ...A{n + 1} ...A{n + 1} }}" for n in range(30))
PAGES = " ".join(f"a{n}: rewards(first: 100) {{ nodes {{ id }} }}" for n in range(12))


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("alias overload", "query { " + " ".join(f"alias{n}:__typename" for n in range(101)) + " }"),
        ("directive overload", "query { __typename " + "@aa" * 10 + " }"),
        ("field duplication", "query { " + "__typename " * 500 + "}"),
        ("introspection", INTROSPECTION),
        ("circular introspection", CIRCULAR),
        ("type by name", '{ __type(name: "Member") { fields { name } } }'),
        ("depth", "{ " + "viewer { purchases { nodes { member { " * 6 + "id" + "}" * 25),
        ("fragment bomb", "{ ...A0 } " + BOMB + " fragment A30 on Query { serverTime }"),
        ("overlapping fields", "{ " + "".join(f"programme {{ id a{n}: name }} " for n in range(200)) + "}"),
        ("page sizes", "{ " + PAGES + " }"),
    ],
)
async def test_oversized_documents_are_refused(production: World, name: str, query: str) -> None:
    response = await post(production, json={"query": query})
    assert response.status_code == 400, name
    body = response.json()
    assert "data" not in body
    assert len(body["errors"]) < 10


async def test_batches_are_refused(production: World) -> None:
    response = await post(production, json=[{"query": "{ serverTime }"}] * 10)
    assert response.status_code == 400
    assert isinstance(response.json(), dict)


async def test_queries_in_addresses_and_forms_are_refused(production: World) -> None:
    for query in ("{ __typename }", "mutation { __typename }"):
        assert (await production.http.get("/graphql", params={"query": query})).status_code == 405
    form = {"content-type": "application/x-www-form-urlencoded"}
    response = await post(production, content=b"query={__typename}", headers=form)
    assert response.status_code == 415
    multipart = await production.http.post("/graphql", files={"query": b"{ __typename }"})
    assert multipart.status_code == 415


@pytest.mark.parametrize(
    "query",
    [
        "{ viewr { id } }",
        "{ viewer { displayNam } }",
        "{ rewards(frst: 1) { nodes { id } } }",
        "mutation { memberJon { id } }",
        "{ node(id: 1) { ... on Membr { id } } }",
    ],
)
async def test_nothing_is_suggested(production: World, query: str) -> None:
    response = await post(production, json={"query": query})
    assert response.status_code == 400
    assert "Did you mean" not in response.text
    wrong = "query ($i: RewardReserveInput!) { __typename }"
    answer = await post(production, json={"query": wrong, "variables": {"i": {"rewardIdd": "x", "kind": "FIXE"}}})
    assert answer.status_code == 400
    assert "Did you mean" not in answer.text


async def test_there_is_no_explorer_and_no_trace(production: World) -> None:
    page = await production.http.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code == 406
    assert not page.headers["content-type"].startswith("text/html")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert (await production.http.get("/graphql/assets/index.js")).status_code == 404
    response = await post(production, json={"query": "{ serverTime }"})
    assert set(response.json()) == {"data"}


async def test_huge_bodies_are_refused_unread(production: World) -> None:
    response = await post(production, content=b'{"query": "' + b" " * (10 * 1024 * 1024) + b'"}')
    assert response.status_code == 413


async def test_huge_variables_are_refused_or_harmless(production: World) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await post(production, json={"query": query, "variables": {"id": "x" * 400_000}})).status_code == 200
    deep: Any = "x"
    for _ in range(300):
        deep = {"a": deep}
    assert (await post(production, json={"query": query, "variables": {"id": deep}})).status_code == 400
    many = {f"v{n}": n for n in range(20_000)}
    assert (await post(production, json={"query": query, "variables": {"id": "x", **many}})).status_code == 200
