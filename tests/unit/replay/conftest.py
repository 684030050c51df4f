"""What tests of saved runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from event_files import NAME, scalars, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbhooks.replay import Runs
    from nbhooks.view.dashboard import Dashboard


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with three runs of three steps each, and a file that is no event file."""
    for run in ("a/train", "a/eval", "b/train"):
        write(tmp_path / "logs" / run / NAME, scalars(range(3)))
    (tmp_path / "logs" / "checkpoint").write_text("no event file")
    return tmp_path / "logs"


@pytest.fixture
def three_runs(tmp_path: Path) -> Path:
    """A folder with the runs a, b and c, of 100, 200 and 300 steps, and a tag that only one has."""
    for number, run in enumerate(("a", "b", "c")):
        events = [*scalars(range(0, 50, 10), f"only {run}"), *scalars(range(0, 100 * (number + 1), 10))]
        write(tmp_path / run / NAME, events)
    return tmp_path


@pytest.fixture
def boards() -> Iterator[list[Dashboard]]:
    """A list whose boards are closed after the test."""
    made: list[Dashboard] = []
    yield made
    for board in made:
        board.close()


@pytest.fixture
def show(boards: list[Dashboard]) -> Callable[[Runs], Dashboard]:
    """Show saved runs on a board, which is closed after the test."""

    def _show(loaded: Runs) -> Dashboard:
        boards.append(loaded.show())
        return boards[-1]

    return _show
