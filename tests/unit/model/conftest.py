"""What tests of the model share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbhooks.model import registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.model.recording import Recording


@pytest.fixture(autouse=True)
def openers(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[Recording], object]]:
    """Give each test a list of openers of its own: the package's would show sessions on a dashboard."""
    mine = []
    monkeypatch.setattr(registry, "_openers", mine)
    return mine
