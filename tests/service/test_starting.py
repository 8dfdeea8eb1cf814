"""Starting and stopping as an operator sees it: one clear line for everything that can be wrong, nothing lost."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest

from app.core import mongod
from app.core.mongod import EmbeddedDatabaseError, EmbeddedMongod
from tests.running import free_port, running_service

_SECONDS = 60


def _stampbook(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env={**os.environ, "COLUMNS": "300", **environment},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def _refusal(environment: Mapping[str, str]) -> str:
    """The one line that a refused start prints."""
    ended = _stampbook("serve", environment={"STAMPBOOK_PORT": str(free_port()), **environment})
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    (line,) = ended.stderr.strip().splitlines()
    return line


def test_a_busy_port_is_one_line_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = _refusal({"STAMPBOOK_PORT": str(port), "STAMPBOOK_DATA": str(tmp_path / "data")})
    assert line == (
        f"stampbook: cannot listen on 127.0.0.1 port {port}: Address already in use. "
        "Stop what runs there, or choose another port with STAMPBOOK_PORT"
    )
    assert not (tmp_path / "data" / "mongod").exists()


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    line = _refusal({"STAMPBOOK_DATA": str(tmp_path / "file" / "data")})
    assert line.startswith("stampbook: Not a directory")


def test_a_setting_that_is_nonsense_is_one_line() -> None:
    assert _refusal({"STAMPBOOK_PROFILE": "prod"}).startswith("stampbook: settings refused: STAMPBOOK_PROFILE: ")


def test_production_names_every_unsafe_setting(tmp_path: Path) -> None:
    ended = _stampbook("serve", environment={"STAMPBOOK_PROFILE": "production", "STAMPBOOK_DATA": str(tmp_path)})
    assert ended.returncode == 1
    for name in ("STAMPBOOK_SECRET", "STAMPBOOK_PUBLIC_URL", "STAMPBOOK_MONGODB_URI", "STAMPBOOK_SMTP_URL"):
        assert name in ended.stderr


def test_the_settings_are_listed_without_their_secrets(tmp_path: Path) -> None:
    listed = _stampbook("settings", environment={"STAMPBOOK_SECRET": "x" * 40, "STAMPBOOK_DATA": str(tmp_path)})
    assert listed.returncode == 0
    assert "STAMPBOOK_PORT" in listed.stdout
    assert "x" * 40 not in listed.stdout


async def test_a_missing_system_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The real binary, but its loader is sent looking for a library that no machine has.
    crippled = tmp_path / "mongod"
    crippled.write_bytes(mongod._binary().read_bytes().replace(b"libcurl.so.4", b"libcurl.so.9"))
    crippled.chmod(0o755)
    monkeypatch.setattr(mongod, "_binary", lambda: crippled)
    with pytest.raises(EmbeddedDatabaseError, match=r"^the embedded database needs .*libcurl\.so\.9.*apt-get install"):
        await EmbeddedMongod(tmp_path / "data").start()


async def test_a_second_start_on_the_folder_is_one_line_and_the_first_goes_on(tmp_path: Path) -> None:
    async with running_service(tmp_path) as service:
        line = _refusal({"STAMPBOOK_DATA": str(tmp_path)})
        assert line == f"stampbook: another Stampbook already runs on {tmp_path}: stop it first"
        async with httpx2.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{service.port}/readyz")).status_code == 200


async def test_ctrl_c_stops_the_database_too_and_exits_cleanly(tmp_path: Path) -> None:
    async with running_service(tmp_path) as service:
        assert await service.stop() == 0
    assert _servers_on(tmp_path) == []


async def test_after_kill_9_the_next_start_needs_no_repair(tmp_path: Path) -> None:
    async with running_service(tmp_path) as service:
        await service.kill()
    assert len(_servers_on(tmp_path)) == 1
    async with running_service(tmp_path) as service:
        assert await service.stop() == 0
    assert _servers_on(tmp_path) == []


def _servers_on(folder: Path) -> list[str]:
    """Processes of the embedded server on a folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if str(folder / "mongod").encode() in words:
                found.append(process.name)
    return found
