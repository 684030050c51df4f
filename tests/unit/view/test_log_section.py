"""Holds a board to TensorFlow's lines while a cell runs, and to nothing of them at any other time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from drawn_boards import Make, open_page, sections, static
from tensorflow_logger import TensorFlow, imported

from nbhooks.jupyter import environment
from nbhooks.model.recording import Recording
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.log_section import LogSection
from nbhooks.view.renderer import InlineRenderer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tensorflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[TensorFlow]:
    monkeypatch.setattr(environment, "in_cell", lambda: True)
    with imported() as made:
        yield made


class Page:
    """A page that is there or not, and what was asked of the board."""

    def __init__(self, tensorflow: TensorFlow, *, enabled: bool = True) -> None:
        self.live, self.requests = False, 0
        self.section = LogSection(lambda: self.live, self._ask, enabled=enabled, clock=tensorflow.clock)

    def _ask(self) -> None:
        self.requests += 1

    @property
    def lines(self) -> list[str]:
        return self.section.log.since(0)[1]


@pytest.fixture
def page(tensorflow: TensorFlow) -> Iterator[Page]:
    made = Page(tensorflow)
    yield made
    made.section.end()


def test_lines_are_taken_once_the_page_is_live(page: Page, tensorflow: TensorFlow) -> None:
    page.section.begin()
    page.section.begin()
    assert page.requests == 1  # so that somebody looks whether a page has come in time
    tensorflow.info("<b>a</b>")
    page.section.settle()
    assert page.lines == []
    page.live = True
    page.section.settle()
    assert page.lines == ["INFO:tensorflow:<b>a</b>"]
    page.section.end()
    page.section.end()
    tensorflow.info("b")
    assert tensorflow.printed == ["b"]


def test_what_is_due_prints_what_no_page_took_in_time(page: Page, tensorflow: TensorFlow) -> None:
    page.section.begin()
    tensorflow.info("a")
    tensorflow.clock.now += 2.0
    page.section.settle()
    assert (tensorflow.printed, page.lines) == (["a"], [])


def test_what_is_given_up_is_printed(page: Page, tensorflow: TensorFlow) -> None:
    page.section.give_up()
    page.section.begin()
    tensorflow.info("a")
    page.section.give_up()
    tensorflow.info("b")
    assert tensorflow.printed == ["a", "b"]


@pytest.mark.parametrize("when", ["between cells", "it ends meanwhile"])
def test_outside_a_cell_nothing_is_taken(
    page: Page, tensorflow: TensorFlow, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([True, False] if when == "it ends meanwhile" else [False])
    monkeypatch.setattr(environment, "in_cell", lambda: next(answers))
    page.section.begin()
    assert tensorflow.handler.filters == []


def test_a_board_without_a_log_takes_nothing(tensorflow: TensorFlow) -> None:
    page = Page(tensorflow, enabled=False)
    page.section.begin()
    tensorflow.info("a")
    page.section.settle()
    assert (tensorflow.printed, page.lines) == (["a"], [])


def test_a_board_shows_its_lines_and_keeps_the_last_in_its_picture(
    boards: Make, tensorflow: TensorFlow
) -> None:
    board = boards()
    session = Recording()
    board.show(session)
    session.join("nan", "A")
    board._log.begin()
    tensorflow.info("a", "b")
    page = open_page(board)
    assert page.log == ["INFO:tensorflow:a", "INFO:tensorflow:b"]
    assert "INFO:tensorflow:a\nINFO:tensorflow:b</pre>" in static(board)
    assert len(sections(board)) == 1
    board._cell_ended(None)
    tensorflow.info("c")
    assert tensorflow.printed == ["c"]


def test_a_recording_that_runs_on_in_a_later_cell_takes_the_lines_there(
    boards: Make, tensorflow: TensorFlow
) -> None:
    board, session = boards(), Recording()
    board.show(session)
    session.lifecycle.run()
    assert tensorflow.handler.filters == []
    session.lifecycle.leave_open()
    board._cell_begins()
    session.join("nan", "A")
    assert tensorflow.handler.filters == []
    session.lifecycle.run()
    assert len(tensorflow.handler.filters) == 1
    board.close()
    assert tensorflow.handler.filters == []


def test_the_end_of_the_last_recording_gives_up(tensorflow: TensorFlow) -> None:
    board, session = Dashboard(renderer=InlineRenderer), Recording()
    board.show(session)
    board._log.begin()
    tensorflow.info("a")
    session.die()
    assert tensorflow.printed == ["a"]
    board.close()


def test_a_log_that_fails_does_not_reach_the_recording(
    boards: Make, tensorflow: TensorFlow, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, session = boards(), Recording()
    board.show(session)
    board._log.begin()
    monkeypatch.setattr(board._log, "settle", None)
    with pytest.warns(RuntimeWarning, match="the dashboard failed"):
        board.refresh()
    board._cell_ended(None)
    assert tensorflow.handler.filters == []
