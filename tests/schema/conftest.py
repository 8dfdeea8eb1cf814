"""One running service for all tests that ask the API."""

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from app.core.clock import MovableClock
from app.core.database import Client
from app.core.mongod import EmbeddedMongod
from app.core.settings import Settings
from tests.schema.world import World, running


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Say no more than warnings; for each test, as what lives longer than one ends only with the whole run."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="package")
async def world(
    client: Client, mongod: EmbeddedMongod, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    data: Path = tmp_path_factory.mktemp("world")
    settings = Settings(
        data=data,
        mongodb_uri=mongod.uri,
        secret=SecretStr("a root secret of tests, long enough to be one"),
        log_level="error",
    )
    # MongoDB ends what has expired by the machine's own clock, so a long run has to start at the present.
    clock = MovableClock(datetime.now(UTC))
    async with running(client, settings, clock) as running_world:
        yield running_world
