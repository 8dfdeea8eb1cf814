"""What an operator relies on while the service runs and when it stops."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import orjson
import pytest

from tests.running import RunningService, running_service

QUERY = orjson.dumps({"query": "{ programme { name } }"})


@pytest.fixture(scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningService]:
    async with running_service(tmp_path_factory.mktemp("operating")) as running:
        yield running


@pytest.fixture
async def http(service: RunningService) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{service.port}") as client:
        yield client


async def test_health_and_readiness_tell_process_from_parts(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"ok": True}
    assert (await http.get("/readyz")).json() == {"changes": True, "jobs": True, "database": True}


@pytest.mark.parametrize(
    "path", ["/", "/till/", "/console/", "/healthz", "/graphql", "/login", "/outbox", "/nowhere.txt"]
)
async def test_every_answer_has_the_security_headers(http: httpx2.AsyncClient, path: str) -> None:
    headers = (await http.get(path, follow_redirects=True)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    scripts = policy.split("script-src ")[1].split(";")[0] if "script-src" in policy else ""
    assert "unsafe-inline" not in scripts
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"]


async def test_a_plain_correlation_id_is_kept_and_a_strange_one_replaced(http: httpx2.AsyncClient) -> None:
    kept = await http.get("/healthz", headers={"x-correlation-id": "abc-123"})
    assert kept.headers["x-correlation-id"] == "abc-123"
    replaced = await http.get("/healthz", headers={"x-correlation-id": "a b\t<script>"})
    assert replaced.headers["x-correlation-id"].isalnum()


async def test_the_metrics_count_requests_jobs_and_the_ledger(http: httpx2.AsyncClient) -> None:
    await http.post("/graphql", content=QUERY, headers={"content-type": "application/json"})
    text = (await http.get("/metrics")).text
    for name in ("stampbook_http_requests_total", "stampbook_job_runs_total", "stampbook_ledger_violations"):
        assert name in text
    assert 'path="/graphql"' in text


async def test_an_unknown_path_is_a_404_and_counted_as_other(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/wp-login.php")).status_code == 404
    assert "wp-login" not in (await http.get("/metrics")).text


async def test_without_its_database_the_service_says_so(tmp_path: Path) -> None:
    async with running_service(tmp_path) as service:
        os.kill(int((tmp_path / "mongod" / "mongod.lock").read_text()), signal.SIGKILL)
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", timeout=10) as client:
            page = await client.get("/outbox")
            assert (page.status_code, page.headers["retry-after"]) == (503, "5")
            assert "cannot be reached" in page.text
            query = {"query": "{ rewards(first: 1) { nodes { id } } }"}
            answer = (await client.post("/graphql", json=query)).json()
            assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
            signed_in = await client.post(
                "/graphql", json=query, headers={"cookie": f"sso={'a' * 43}", "origin": service.url}
            )
            assert signed_in.status_code == 503
            assert (await client.get("/readyz")).status_code == 503
            assert (await client.get("/healthz")).status_code == 200


async def test_what_is_in_flight_is_finished_before_the_service_ends(tmp_path: Path) -> None:
    async with running_service(tmp_path) as service:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        head = f"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(QUERY)}"
        writer.write(f"{head}\r\n\r\n".encode() + QUERY[:5])
        await writer.drain()
        # The connection is the service's before it is told to stop: another request on it would wait its turn.
        async with httpx2.AsyncClient() as client:
            await client.get(f"http://127.0.0.1:{service.port}/healthz")
        service.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(20):
            await service.until_printed("Shutting down")
            writer.write(QUERY[5:])
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 200")
        assert b'"programme"' in answer
        writer.close()
        assert await service.stop() == 0
