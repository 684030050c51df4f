"""What unit tests share: panels are closed after the test that made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbhooks.view.panels.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def panels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
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
