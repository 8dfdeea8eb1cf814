"""What every test stands on: one real `mongod`, an empty database for each test, a clock that tests move."""

import secrets
import sys
from collections.abc import AsyncIterator, Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from app.core.clock import MovableClock
from app.core.database import Client, Database, connect
from app.core.mongod import EmbeddedMongod
from app.core.settings import Settings

TEST_SECRET = "a root secret of tests, long enough to be one"

_HERE = Path(__file__).parent
_JOURNEYS = "tests/journeys/"
_REPETITIVE = tuple(
    _HERE / path
    for path in (
        "simulation/test_simulation.py",
        "conformance/test_schemathesis.py",
        "faults/test_one_server.py",
        "ledger/test_core_machine.py",
        "ledger/test_merge_machine.py",
        "demo/test_loading.py",
        "schema/test_concurrency.py",
        "purchases/test_return_orders.py",
        "rewards/test_crashes.py",
        "earning/test_properties.py",
    )
)
"""What does a thousand times what other tests do once: it starts first, and tracing it would only double its time."""

_NOT_UNITS = {"faults", "service", "journeys", "clients", "demo", "test_mongod.py", "test_decoding.py"}
"""What starts servers of its own, or reads much data."""


class Rooms(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
    """Keeps the tests of a file on one worker, and all journeys, which share one loaded service and one browser."""

    def _split_scope(self, nodeid: str) -> str:
        return _JOURNEYS if nodeid.startswith(_JOURNEYS) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Rooms:
    return Rooms(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--units", action="store_true", help="only what needs no server, no browser and no patience")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--units"):
        items[:] = [item for item in items if _is_unit(item)]
    places = {path: place for place, path in enumerate((_HERE / "journeys", *_REPETITIVE))}
    last = len(places)
    items.sort(key=lambda item: places.get(item.path, places.get(item.path.parent, last)))


def _is_unit(item: pytest.Item) -> bool:
    if item.path in _REPETITIVE or {item.path.parent.name, item.path.name} & _NOT_UNITS:
        return False
    return not {"mongod", "browser"} & set(getattr(item, "fixturenames", ()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    # Not pytest-cov's own marker: on a worker that stops one of two measurements, and the other goes on.
    tracing = sys.gettrace()
    if item.path in _REPETITIVE:
        sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracing)


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
