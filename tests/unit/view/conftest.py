"""What tests of the view share: boards that draw when asked to, closed after the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbhooks.view.dashboard import Dashboard
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
