"""Real kernels for the tests: a fresh one, one for a whole module, and one that has TensorFlow imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from client import Kernel
from page import Page
from widgets import Widgets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A fresh kernel."""
    started = Kernel(tmp_path)
    yield started
    started.shutdown()


@pytest.fixture(scope="module")
def shared_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for a module, whose tests leave it as they found it."""
    started = Kernel(tmp_path_factory.mktemp("kernel"))
    yield started
    started.shutdown()


@pytest.fixture(scope="module")
def tf_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for a module with TensorFlow imported as `tf`, which takes ten seconds."""
    started = Kernel(tmp_path_factory.mktemp("kernel"))
    imported = started.run("import tensorflow as tf", timeout=180)
    assert imported.error is None
    yield started
    started.shutdown()


@pytest.fixture(scope="module")
def _page(tf_kernel: Kernel) -> Page:
    return Page(tf_kernel)


@pytest.fixture
def page(_page: Page) -> Iterator[Page]:
    """A page that has seen nothing yet; its boards are closed afterwards."""
    _page.run("clicks.clear()")
    _page.forget()
    yield _page
    _page.click_stop()
    _page.run("close_boards()")


@pytest.fixture(scope="module")
def _prepared(shared_kernel: Kernel) -> Widgets:
    return Widgets(shared_kernel)


@pytest.fixture
def widgets(_prepared: Widgets) -> Widgets:
    """A kernel with a button that nobody has clicked, and a slider at 0."""
    _prepared.kernel.run("clicks.clear(); slider.value = 0")
    return _prepared
