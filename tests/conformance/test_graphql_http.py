"""The `graphql-http` audit of GraphQL over HTTP, against the running service in its development profile."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.schema.world import World

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def node() -> str:
    """Node with the audit installed from its lock file."""
    found = shutil.which("node")
    assert found, "the audit needs Node 20 or newer on the PATH"
    if not (HERE / "node_modules" / "graphql-http").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True, capture_output=True, timeout=120)
    return found


async def test_passes_all_sixty_one(world: World, node: str) -> None:
    # The service listens on one address family only, and Node may try the other first.
    url = world.url.replace("localhost", "127.0.0.1") + "/graphql"
    ran = await asyncio.to_thread(
        subprocess.run, [node, "audit.mjs", url], cwd=HERE, capture_output=True, text=True, timeout=120, check=True
    )
    results = json.loads(ran.stdout)
    failed = [f"{each['id']} {each['name']}: {each['reason']}" for each in results if each["status"] != "ok"]
    assert failed == []
    assert len(results) == 61
