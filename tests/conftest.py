"""What every test stands on: one real `mongod`, an empty database for each test, a clock that tests move."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.clock import MovableClock
from app.core.database import Client, Database, connect
from app.core.mongod import EmbeddedMongod
from app.core.settings import Settings

TEST_SECRET = "a root secret of tests, long enough to be one"


def patient(uri: str) -> str:
    """The address for a driver that takes no long computation on the test's own loop for a dead server."""
    return f"{uri}&serverMonitoringMode=poll&heartbeatFrequencyMS=600000"


@pytest.fixture(scope="session")
async def mongod(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedMongod]:
    server = EmbeddedMongod(tmp_path_factory.mktemp("mongod"), test_commands=True)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def client(mongod: EmbeddedMongod) -> AsyncIterator[Client]:
    connection = connect(patient(mongod.uri))
    yield connection
    await connection.close()


@pytest.fixture
async def database(client: Client) -> AsyncIterator[Database]:
    fresh = client[f"test_{secrets.token_hex(6)}"]
    yield fresh
    await client.drop_database(fresh.name)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC))


@pytest.fixture
def settings(tmp_path: Path, mongod: EmbeddedMongod) -> Settings:
    return Settings(
        data=tmp_path,
        mongodb_uri=patient(mongod.uri),
        secret=SecretStr(TEST_SECRET),
        public_url="http://localhost:8000",
        log_level="warning",
    )
