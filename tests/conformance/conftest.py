"""The running service, in development and in production."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.clock import MovableClock
from app.core.database import Client
from app.core.mongod import EmbeddedMongod
from app.core.settings import Settings
from tests.schema.conftest import world
from tests.schema.world import World, running

__all__ = ["production", "world"]


@pytest.fixture(scope="package")
async def production(
    client: Client, mongod: EmbeddedMongod, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    data: Path = tmp_path_factory.mktemp("production")
    settings = Settings(
        profile="production",
        data=data,
        mongodb_uri=mongod.uri,
        secret=SecretStr("a root secret of tests, long enough to be one"),
        log_level="error",
    )
    async with running(client, settings, MovableClock(datetime.now(UTC))) as running_world:
        yield running_world
