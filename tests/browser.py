"""Finds a Chromium for the browser tests, or installs one; says plainly when it can't.

In this order: `STAMPBOOK_CHROMIUM`, a Chromium or Chrome on the PATH, Playwright's own, Playwright's download, and for
root on Debian and Ubuntu the system's package.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As root Chromium has no sandbox; the rest keeps it from calling home.
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    *(["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []),
]


def executable() -> str | None:
    """Path of the Chromium to run, or None."""
    if named := os.environ.get("STAMPBOOK_CHROMIUM"):
        return named
    if found := next(filter(None, map(shutil.which, _NAMES)), None):
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def _install() -> None:
    if subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode == 0:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, stdout=subprocess.DEVNULL)


def main() -> None:
    """Make sure that there is a Chromium; exit with 1 and say what to do when there is none."""
    if executable() is None:
        print("No Chromium found; installing one for the browser tests…", flush=True)  # noqa: T201 -- a command
        _install()
    if executable() is None:
        sys.exit(
            "The browser tests need Chromium and none could be installed: install the package 'chromium', "
            "or set STAMPBOOK_CHROMIUM to its path."
        )


if __name__ == "__main__":
    main()
