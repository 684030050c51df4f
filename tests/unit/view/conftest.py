"""What tests of the view share: boards that draw when asked to, and panels; both closed after the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbhooks.view.dashboard import Dashboard
from nbhooks.view.panels.panel import Panel
from nbhooks.view.renderer import InlineRenderer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def boards() -> Iterator[Callable[[], Dashboard]]:
    """Make boards, and close them."""
    made = []

    def make() -> Dashboard:
        made.append(Dashboard(renderer=InlineRenderer))
        return made[-1]

    yield make
    for board in made:
        board.close()


@pytest.fixture
def board(boards: Callable[[], Dashboard]) -> Dashboard:
    """A board."""
    return boards()


@pytest.fixture
def closed_panels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the panels that a test made: ipywidgets would keep them."""
    made = []
    begin = Panel.__init__

    def noted(self: Panel, *arguments: object, **named: object) -> None:
        begin(self, *arguments, **named)
        made.append(self)

    monkeypatch.setattr(Panel, "__init__", noted)
    yield
    for panel in made:
        panel.close()
