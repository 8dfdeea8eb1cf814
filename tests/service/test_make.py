"""What `make` says on a machine that is too old."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def _program(folder: Path, name: str, script: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def _make(*arguments: str, path: str = "/usr/bin:/bin") -> str:
    ended = subprocess.run(
        ["/usr/bin/make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    return ended.stdout.strip()


def test_an_old_python_is_one_line(tmp_path: Path) -> None:
    old = _program(tmp_path, "python3", '[ "$1" = --version ] && echo "Python 3.9.2" || exit 1')
    assert _make("python-version", f"PYTHON={old}").startswith(
        f"Stampbook needs Python 3.11 or newer: '{old}' is Python 3.9.2."
    )


def test_an_old_node_is_one_line(tmp_path: Path) -> None:
    _program(tmp_path, "node", '[ "$1" = --version ] && echo v18.20.0 || exit 1')
    said = _make("node-version", path=f"{tmp_path}:/usr/bin:/bin")
    assert said == "Stampbook needs Node 20.19 or newer to build its front ends: found v18.20.0."
