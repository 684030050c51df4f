"""Holds a board to the saved runs that it is compared with: faint lines behind the cards of the same tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from drawn_boards import Make, Page, life, open_page
from event_files import NAME, scalars, write

from nbhooks.replay import load
from nbhooks.view import saved

if TYPE_CHECKING:
    from pathlib import Path

    from nbhooks.view.dashboard import Dashboard


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Two runs with the tag that is reported live; one has another, too."""
    write(tmp_path / "a" / NAME, [*scalars(range(10), "loss"), *scalars(range(4), "other")])
    write(tmp_path / "b" / NAME, scalars(range(20), "loss"))
    return tmp_path


@pytest.fixture
def board(boards: Make) -> Dashboard:
    made = boards()
    life(made.write)
    made.refresh()
    return made


def names(page: Page) -> dict[str, list[Any]]:
    """The names of the lines of each card that has several, by its tag."""
    part = page.parts[0]
    tags = {card["key"]: card["tag"] for card in page.cards[part]}
    named = page.lines.get(part, {})
    return {tags[key]: [line["name"] for line in lines] for key, lines in named.items()}


def counts(page: Page) -> list[int]:
    """The points of each line of the card of the loss; few have a bin each."""
    part, key = page.parts[0], page.card("loss", page.parts[0])
    return [len(line.x) for (of, card, _), line in sorted(page.points.items()) if (of, card) == (part, key)]


@pytest.mark.parametrize("how", ["a path", "what load returned"])
def test_runs_are_drawn_behind_the_cards_of_their_tags(board: Dashboard, logs: Path, how: str) -> None:
    page = open_page(board)
    board.compare(logs if how == "a path" else load(logs))
    assert names(page) == {"loss": ["", "a", "b"]}
    assert counts(page) == [3, 10, 20]


def test_they_are_behind_cards_that_come_later(boards: Make, logs: Path) -> None:
    board = boards()
    board.compare(logs)
    page = open_page(board)
    life(board.write)
    board.refresh()
    assert names(page) == {"loss": ["", "a", "b"]}


def test_others_replace_them_and_none_takes_them_away(board: Dashboard, logs: Path) -> None:
    page = open_page(board)
    board.compare(logs)
    board.compare(logs / "b")
    assert names(page) == {"loss": ["", "b"]}
    assert counts(page) == [3, 20]
    board.compare(None)
    assert names(page) == {}


def test_steps_that_were_not_loaded_are_not_drawn(logs: Path) -> None:
    [one, _] = saved.read(load(logs, steps=range(5)))
    assert one.series["loss"].count == 5


def test_a_restart_breaks_the_line(tmp_path: Path) -> None:
    write(tmp_path / NAME, scalars(range(5), "loss", begin=10.0))
    write(tmp_path / "events.out.tfevents.2", scalars(range(3, 8), "loss", begin=1000.0))
    [run] = saved.read(tmp_path)
    assert run.name == tmp_path.name
    _, _, _, attempts = run.series["loss"].history()
    assert attempts.tolist() == [0] * 5 + [1] * 5


def test_what_cannot_be_compared_says_what_can(board: Dashboard, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"nbhooks\.replay\.load\(\) returned, or the path .* not int"):
        board.compare(5)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        board.compare(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no scalar to compare with"):
        board.compare(tmp_path)
    for number in range(8):
        write(tmp_path / str(number) / NAME, scalars(range(2), "loss"))
    with pytest.raises(ValueError, match=r"8 runs .* at most 7 .*runs=\["):
        board.compare(tmp_path)
    board.compare(load(tmp_path, runs=["1", "2"]))
