"""What the browser tests share: Chromium, a Jupyter server, and a folder for the pictures they take."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from server import Server

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SECONDS = 20
"""How long a page may take to show what is expected; five, as usual, are few beside another test."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, the machine's own."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"no browser on the path: none of {', '.join(NAMES)}"
        if os.environ.get("NBHOOKS_REQUIRE_BROWSER"):
            pytest.fail(f"{reason}, and NBHOOKS_REQUIRE_BROWSER asks for one")
        pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Jupyter server for JupyterLab and Notebook 7; not started where there is no browser to look at it."""
    assert browser.is_connected()
    from server import Server

    started = Server(tmp_path_factory.mktemp("server"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go that the tests take: the folder NBHOOKS_PICTURES names, or a temporary one."""
    named = os.environ.get("NBHOOKS_PICTURES")
    return Path(named) if named else tmp_path_factory.mktemp("pictures")
