from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import structlog
from starlette.applications import Starlette

from schema.documents import digest
from schema.endpoint import routes
from schema.explorer import Explorer
from schema.limits import Limits
from tests.schema.small import Sessions, small_app

JSON_TYPE = {"content-type": "application/json"}
STRICT = {**JSON_TYPE, "accept": "application/graphql-response+json"}
OWN_PAGE = {"sec-fetch-site": "same-origin", "cookie": "session=s"}


def client(**options: Any) -> httpx2.AsyncClient:
    app = Starlette(routes=routes(small_app(**options)))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost:8000")


async def ask(query: str, headers: dict[str, str] | None = None, **options: Any) -> httpx2.Response:
    async with client(**options) as http:
        return await http.post("/graphql", content=orjson.dumps({"query": query}), headers=headers or STRICT)


def code(response: httpx2.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def test_answers_in_the_media_type_asked_for() -> None:
    for accept, answered in [
        ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
        (
            "application/json;q=0.1, application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8",
        ),
        ("text/html, */*;q=0.1", "application/json; charset=utf-8"),
    ]:
        response = await ask("{ hello }", {**JSON_TYPE, "accept": accept})
        assert response.status_code == 200
        assert response.headers["content-type"] == answered
        assert response.json() == {"data": {"hello": "Hello, world!"}}
    response = await ask("{ hello }", {**JSON_TYPE, "accept": "image/png"})
    assert response.status_code == 406


@pytest.mark.parametrize(
    ("body", "headers", "status", "refusal"),
    [
        (b'{"query"', JSON_TYPE, 400, "BAD_REQUEST"),
        (b'[{"query": "{ hello }"}]', JSON_TYPE, 400, "BAD_REQUEST"),
        (b'"{ hello }"', JSON_TYPE, 400, "BAD_REQUEST"),
        (b"{}", JSON_TYPE, 400, "BAD_REQUEST"),
        (b"", JSON_TYPE, 400, "BAD_REQUEST"),
        (b'{"query": "{ hello }", "variables": []}', JSON_TYPE, 400, "BAD_REQUEST"),
        (b'{"query": "{ hello }", "documentId": "sha256:0"}', JSON_TYPE, 400, "BAD_REQUEST"),
        (b'{"documentId": "sha256:0"}', JSON_TYPE, 404, "PERSISTED_DOCUMENT_NOT_FOUND"),
        (b"query={hello}", {"content-type": "application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{ hello }"}', {"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{ hello }"}', {}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            b'{"query": "{ hello }"}',
            {"content-type": "application/json; charset=latin-1"},
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (b'{"query": "{ hello }"}', {**JSON_TYPE, "content-encoding": "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "\xff"}', JSON_TYPE, 400, "BAD_REQUEST"),
        (b'{"query": "{ hello }", "variables": ' + b'{"a":' * 2000 + b"1" + b"}" * 2001, JSON_TYPE, 400, "BAD_REQUEST"),
        (b" " * (10 * 1024 * 1024), JSON_TYPE, 413, "BODY_TOO_LARGE"),
    ],
)
async def test_refuses_broken_requests(body: bytes, headers: dict[str, str], status: int, refusal: str) -> None:
    async with client() as http:
        response = await http.post("/graphql", content=body, headers=headers)
    assert response.status_code == status
    assert code(response) == refusal


async def test_refuses_a_large_body_that_does_not_say_its_length() -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b" " * 65536

    async with client() as http:
        response = await http.post("/graphql", content=chunks(), headers=JSON_TYPE)
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: String!) { hello(name: $n) }", "BAD_USER_INPUT"),
        ("query A { hello } query B { hello }", "OPERATION_UNKNOWN"),
        ("fragment F on Query { hello }", "GRAPHQL_VALIDATION_FAILED"),
        ("{" + " ".join(f"a{n}: __typename" for n in range(101)) + "}", "LIMIT_EXCEEDED"),
        ("{ " + "__typename " * 500 + "}", "LIMIT_EXCEEDED"),
        ("{ " + "hello " * 11 + "}", "LIMIT_EXCEEDED"),
        ("{ hello " + "@skip(if: false) " * 21 + "}", "LIMIT_EXCEEDED"),
        ("{ " + "me { id " * 13 + "}" * 14, "LIMIT_EXCEEDED"),
        ("{ " + " ".join(["hello"] * 3000) + "}", "LIMIT_EXCEEDED"),
        ("{ " + "#\n" * 3000 + " hello }", "LIMIT_EXCEEDED"),
        ("{" + "{" * 3000, "GRAPHQL_PARSE_FAILED"),
        ("query A { ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ ...F0 } "
            + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
            + " fragment F40 on Query { hello }",
            "LIMIT_EXCEEDED",
        ),
        (" ".join(f"query Q{n} {{ hello }}" for n in range(11)), "LIMIT_EXCEEDED"),
    ],
)
async def test_refuses_documents_that_cannot_or_may_not_run(query: str, refusal: str) -> None:
    response = await ask(query)
    assert response.status_code == 400
    assert "data" not in response.json()
    assert code(response) == refusal
    assert (await ask(query, {**JSON_TYPE, "accept": "application/json"})).status_code == 200


async def test_counts_objects_by_page_size_before_running() -> None:
    limits = Limits(nodes=60)
    assert (await ask("{ people(first: 50) { id } }", limits=limits)).status_code == 200
    assert code(await ask("{ people(first: 70) { id } }", limits=limits)) == "LIMIT_EXCEEDED"
    assert code(await ask("query ($n: Int) { people(first: $n) { id } }", limits=limits)) == "LIMIT_EXCEEDED"
    assert code(await ask("{ a: people(first: 45) { id } ...F } fragment F on Query { people { id } }", limits=limits))


async def test_a_caller_that_asks_too_much_waits() -> None:
    async with client(limits=Limits(bucket=100, refill=1)) as http:
        body = {"query": "{ people(first: 40) { id } }"}
        answers = [await http.post("/graphql", json=body, headers=STRICT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) in range(20, 25)


async def test_caps_validation_errors() -> None:
    response = await ask("{ hello " + "@aa " * 10 + "}")
    assert len(response.json()["errors"]) == 5


async def test_get_runs_queries_in_development_only() -> None:
    async with client() as http:
        assert (await http.get("/graphql", params={"query": "{ hello }"})).json()["data"]
        refused = await http.get("/graphql", params={"query": "mutation { count }"})
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")
        variables = {"query": "query ($n: String!) { hello(name: $n) }", "variables": '{"n": "you"}'}
        assert (await http.get("/graphql", params=variables)).json()["data"] == {"hello": "Hello, you!"}
        assert (await http.get("/graphql", params={**variables, "variables": "{"})).status_code == 400
        assert (await http.put("/graphql")).status_code == 405
    async with client(production=True) as http:
        assert (await http.get("/graphql", params={"query": "{ hello }"})).status_code == 405


async def test_persisted_documents_run_by_id_and_can_be_the_only_ones() -> None:
    text = "query Greet($n: String!) { hello(name: $n) }"
    key = digest(text)
    for options in ({"persisted_only": True, "production": True}, {}):
        async with client(persisted={key: text}, **options) as http:
            body = {"documentId": f"sha256:{key}", "variables": {"n": "you"}}
            response = await http.post("/graphql", json=body, headers=STRICT)
            assert response.json() == {"data": {"hello": "Hello, you!"}}
            unknown = await http.post("/graphql", json={"query": "{ hello }"}, headers=STRICT)
            assert unknown.status_code == (403 if options else 200)
            in_address = {"documentId": f"sha256:{key}", "variables": '{"n": "you"}'}
            got = await http.get("/graphql", params=in_address)
            assert got.json() == {"data": {"hello": "Hello, you!"}}


async def test_production_says_nothing_about_the_schema() -> None:
    for query in (
        "{ helo }",
        "{ __schema { types { name } } }",
        '{ __type(name: "Person") { name } }',
        "{ hello(nam: 1) }",
    ):
        response = await ask(query, production=True)
        assert response.status_code == 400
        assert "Did you mean" not in response.text
    response = await ask("query ($n: [Int!]!) { hello(name: $n) }", production=True)
    assert response.status_code == 400
    async with client(production=True) as http:
        assert (await http.get("/graphql", headers={"accept": "text/html"})).status_code == 406
        assert (await http.get("/graphql/assets/index.js")).status_code == 404


async def test_development_has_an_explorer_from_its_own_folder_only(tmp_path: Path) -> None:
    built = tmp_path / "graphiql"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<title>GraphiQL</title>")
    (built / "assets" / "index-1.js").write_text("ask()")
    (tmp_path / "secret").write_text("s")
    async with client(explorer=Explorer(built)) as http:
        page = await http.get("/graphql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["cache-control"] == "no-cache"
        assert "script-src 'self';" in page.headers["content-security-policy"]
        script = await http.get("/graphql/assets/index-1.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert "immutable" in script.headers["cache-control"]
        for outside in ("/graphql/../../secret", "/graphql/%2e%2e/secret", "/graphql/assets", "/graphql//etc/hosts"):
            assert (await http.get(outside)).status_code == 404
        assert (await http.get("/graphql?query={hello}", headers=STRICT)).json() == {"data": {"hello": "Hello, world!"}}


async def test_an_explorer_that_is_not_built_says_so(tmp_path: Path) -> None:
    async with client(explorer=Explorer(tmp_path / "graphiql")) as http:
        page = await http.get("/graphql", headers={"accept": "text/html"})
        assert (page.status_code, page.text) == (503, "graphiql is not built yet: run `make frontend`.\n")


async def test_scopes_are_checked_before_anything_runs() -> None:
    stranger = await ask("{ hello me { name } }")
    assert (stranger.status_code, code(stranger)) == (401, "UNAUTHENTICATED")
    assert stranger.headers["www-authenticate"].startswith("Bearer")
    sessions = Sessions()
    member = {**STRICT, "authorization": "Bearer token"}
    assert (await ask("{ me { name } }", member, sessions=sessions)).json() == {"data": {"me": {"name": "Ada"}}}
    limited = sessions.live["token"]
    sessions.live["token"] = type(limited)("member", frozenset(), "bearer", "ses_2")
    refused = await ask("{ ...F } fragment F on Query { me { name } }", member, sessions=sessions)
    assert (refused.status_code, code(refused)) == (403, "FORBIDDEN")
    assert "member:read" in refused.text


async def test_an_ended_token_is_refused_with_its_reason() -> None:
    refused = await ask("{ hello }", {**STRICT, "authorization": "Bearer gone"})
    assert refused.status_code == 401
    assert refused.json()["error"] == "invalid_token"
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://localhost:8000"}, 200),
        ({"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}, 200),
        ({}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://localhost:8000"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://shop.example"}, 403),
        ({"origin": "https://shop.example"}, 403),
        ({"origin": "http://localhost:8000.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:8000"}, 403),
    ],
)
async def test_the_cookie_counts_on_own_pages_only(headers: dict[str, str], status: int) -> None:
    response = await ask("{ me { name } }", {**STRICT, "cookie": "session=s", **headers})
    assert response.status_code == status


async def test_registered_storefronts_may_read_answers_with_a_token() -> None:
    async with client() as http:
        for origin, allowed in (("https://shop.example", True), ("https://evil.example", False)):
            asked = await http.options("/graphql", headers={"origin": origin, "access-control-request-method": "POST"})
            assert asked.status_code == 204
            assert (asked.headers.get("access-control-allow-origin") == origin) is allowed
            headers = {**STRICT, "origin": origin, "authorization": "Bearer token"}
            answer = await http.post("/graphql", json={"query": "{ me { name } }"}, headers=headers)
            assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
            assert "access-control-allow-credentials" not in answer.headers
            assert answer.headers["vary"] == "Origin"


async def test_bugs_are_masked_and_found_again_by_their_id() -> None:
    with structlog.testing.capture_logs() as lines:
        response = await ask("{ hello broken { id } }")
    body = response.json()
    assert body["data"] == {"hello": "Hello, world!", "broken": None}
    assert "secret" not in response.text
    identity = body["errors"][0]["extensions"]["correlationId"]
    assert body["errors"][0]["path"] == ["broken"]
    assert [line["failure_id"] for line in lines if line["event"] == "resolver_failed"] == [identity]


async def test_refusals_of_the_domain_are_shown() -> None:
    error = (await ask("{ refused }")).json()["errors"][0]
    assert error["message"] == "That name will not do."
    assert error["extensions"] == {"code": "INVALID", "field": ["name"]}


async def test_a_slow_operation_is_stopped() -> None:
    response = await ask("{ slow }", deadline=0.05)
    assert response.status_code == 503
    assert code(response) == "DEADLINE_EXCEEDED"


def test_the_cache_prepares_once_and_stays_bounded() -> None:
    app = small_app()
    first = app.documents.by_text("{ hello }")
    assert app.documents.by_text("{ hello }") is first
    for number in range(1100):
        app.documents.by_text(f"{{ a{number}: hello }}")
    assert len(app.documents) == 1000
    assert app.documents.by_text("{ hello }") is not first


def test_the_cache_is_bounded_by_bytes_too() -> None:
    app = small_app()
    for number in range(200):
        app.documents.by_text(f"{{ a{number}: hello }}" + " " * 100_000)
    assert len(app.documents) <= 84


def test_a_persisted_document_that_the_schema_refuses_is_named() -> None:
    app = small_app(persisted={"sha256:aa": "{ gone }", "sha256:bb": "{ hello }"})
    assert list(app.documents.broken) == ["aa"]
