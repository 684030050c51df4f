"""Holds a board that watches a folder to what is written there, and to its end."""

from __future__ import annotations

import gc
import threading
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from drawn_boards import WIDGETS, open_page, sections
from drawn_viewers import chosen, click, compared, open_runs, viewer_of
from event_files import NAME, scalars, summary, write, write_runs
from tensorboard.util.tensor_util import make_tensor_proto

from nbhooks.model.recording import Recording
from nbhooks.replay import load, viewer, watch
from nbhooks.tfevents.logdir import LogDir

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbhooks.view.dashboard import Dashboard

SLOW = 1e6
"""So many seconds between two looks that a test looks itself."""


@pytest.fixture
def watched(boards: list[Dashboard]) -> Callable[..., Dashboard]:
    """Watch a folder on a board, which is closed after the test."""

    def _watched(path: Path, every: float = SLOW) -> Dashboard:
        boards.append(watch(path, every=every))
        return boards[-1]

    return _watched


def look(board: Dashboard) -> bool:
    """Do as the thread that watches, and return whether there was anything new."""
    news = viewer_of(board).logdir.poll()
    board.refresh()
    return news


def threads() -> list[threading.Thread]:
    """The threads that watch."""
    return [thread for thread in threading.enumerate() if thread.name == "nbhooks watch"]


def test_what_is_watched_grows(tmp_path: Path, watched: Callable[..., Dashboard]) -> None:
    board = watched(tmp_path / "logs")
    assert chosen(board)["status"].startswith(f"watching {tmp_path / 'logs'} · no event files")
    assert chosen(board)["watching"]
    path = write(tmp_path / "logs" / "a" / NAME, scalars(range(5)))
    assert look(board)
    assert open_runs(board) == ["a"]
    write(path, scalars(range(5, 9), "late"))
    write(tmp_path / "logs" / "b" / NAME, scalars(range(5)))
    assert look(board)
    assert not look(board)
    assert open_runs(board) == ["a", "b"]
    assert compared(board) == {"a": 0, "b": 1}
    assert chosen(board)["last"] == 8
    assert chosen(board)["status"] == f"watching {tmp_path / 'logs'}"


def test_a_run_that_was_replaced_is_shown_anew(three_runs: Path, watched: Callable[..., Dashboard]) -> None:
    board = watched(three_runs)
    write(three_runs / "other", scalars([7, 8, 9])).replace(three_runs / "a" / NAME)
    assert look(board)
    view = sections(board)[0].recording.snapshot().sources[0]
    assert view.series["loss"].count == 3
    assert open_runs(board) == ["a", "b", "c"]


def test_the_cursor_stays_while_the_run_grows(three_runs: Path, watched: Callable[..., Dashboard]) -> None:
    board = watched(three_runs)
    click(board, type="seek", step=40)
    write(three_runs / "a" / NAME, scalars([1000]))
    look(board)
    assert (chosen(board)["step"], chosen(board)["last"]) == (40, 1000)


def test_a_run_that_was_alone_gets_its_name(tmp_path: Path, watched: Callable[..., Dashboard]) -> None:
    write(tmp_path / NAME, scalars([1]))
    board = watched(tmp_path)
    assert open_runs(board) == ["saved run"]
    write(tmp_path / "eval" / NAME, scalars([1]))
    look(board)
    assert open_runs(board) == [".", "eval"]


def test_tensors_that_come_later_can_be_chosen(tmp_path: Path, watched: Callable[..., Dashboard]) -> None:
    def vector(tag: str) -> Any:
        return summary(tag=tag, tensor=make_tensor_proto(np.arange(3.0)))

    path = write(tmp_path / NAME, [vector("first")])
    board = watched(tmp_path)
    page = open_page(board)
    page.send(type="choose", part="p0", section="tensors", name="values", value="first")
    write(path, [vector("second")])
    look(board)
    [choice] = [one for one in page.contents["p0"]["tensors"] if one["type"] == "choice"]
    assert [value for value, _ in choice["options"]] == ["", "first", "second"]
    assert choice["value"] == "first"


def test_whatever_is_seen_calls_for_a_new_picture(tmp_path: Path, watched: Callable[..., Dashboard]) -> None:
    board = watched(write_runs(tmp_path, 5))
    known = [viewer_of(board).seen()]
    for command in (
        {"type": "seek", "step": 4},
        {"type": "compare", "run": "run 02", "on": False},
        {"type": "panels", "run": "run 00", "on": False},
    ):
        click(board, **command)
        assert viewer_of(board).seen() not in known
        known.append(viewer_of(board).seen())
    write(tmp_path / "run 03" / NAME, scalars([7], "more"))  # which is compared, and not opened
    look(board)
    assert viewer_of(board).seen() not in known
    assert look(board) is False
    assert viewer_of(board).seen() == viewer_of(board).seen()


# The thread that watches


def test_watching_reads_by_itself(three_runs: Path, watched: Callable[..., Dashboard]) -> None:
    board = watched(three_runs, every=0.01)
    drawn = threading.Event()
    sections(board)[0].recording.store.add_listener(drawn.set)
    write(three_runs / "a" / NAME, scalars([1000]))
    assert drawn.wait(30)


def test_watching_ends_when_somebody_stops_it(three_runs: Path, watched: Callable[..., Dashboard]) -> None:
    board = watched(three_runs)
    [thread] = threads()
    click(board, type="stop", chooser=True)
    thread.join(10)
    assert threads() == []
    assert (chosen(board)["status"], chosen(board)["watching"]) == ("not watched any more", False)
    assert open_runs(board) == ["a", "b", "c"]


def test_watching_ends_when_the_board_is_closed(three_runs: Path) -> None:
    before = len(WIDGETS)
    board = watch(three_runs, every=SLOW)
    assert len(threads()) == 1
    board.close()
    assert threads() == []
    assert len(WIDGETS) == before
    assert len(board.scalars) == 75
    gone = weakref.ref(board)
    del board
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("every", [0, -1, float("nan")])
def test_a_time_between_two_looks_is_positive(three_runs: Path, every: float) -> None:
    with pytest.raises(ValueError, match=f"every={every}"):
        watch(three_runs, every=every)


def test_drawing_what_is_new_takes_its_share_only(three_runs: Path) -> None:
    """A look that took a tenth of a second comes before the next by five."""
    waited: list[float] = []
    times = iter([0.0, 0.0, 0.1, 1.0, 1.0])

    class Stopped:
        """The event of a watch that ends after its third look."""

        def wait(self, seconds: float) -> bool:
            waited.append(seconds)
            return len(waited) > 2

    loaded = load(three_runs)
    shown = viewer.Viewer(loaded.logdir, partial(getattr, loaded))
    shown.begin()
    shown._look(Stopped(), 0.5, lambda: next(times))  # type: ignore[arg-type]
    assert waited == [0.5, pytest.approx(0.1 / viewer.SHARE), 0.5]
    shown.board.close()


# What goes wrong


def test_a_fault_in_reading_is_said(
    three_runs: Path, watched: Callable[..., Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    def poll(_: object) -> bool:
        raise MemoryError("too much")

    monkeypatch.setattr(LogDir, "poll", lambda _: False)
    board = watched(three_runs, every=0.01)
    [thread] = threads()
    monkeypatch.setattr(LogDir, "poll", poll)
    thread.join(30)
    assert chosen(board)["status"].startswith("not watched any more: MemoryError: too much")
    assert not chosen(board)["watching"]


def test_a_fault_in_drawing_is_said_and_mended(
    three_runs: Path, watched: Callable[..., Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    board = watched(three_runs, every=0.01)
    begun = threading.Event()

    def play(_: object, __: object) -> None:
        begun.set()
        raise MemoryError("too much")

    with monkeypatch.context() as patch:
        patch.setattr(viewer.Player, "play", play)
        write(three_runs / "a" / NAME, scalars([1000]))
        assert begun.wait(30)
        click(board, type="seek", step=5)
        assert chosen(board)["status"] == "this could not be drawn: MemoryError: too much"
        assert len(threads()) == 1
    board.refresh()
    assert chosen(board)["status"] == f"watching {three_runs}"
    assert chosen(board)["last"] == 1000


def test_what_was_taken_and_not_written_is_not_lost(
    three_runs: Path, watched: Callable[..., Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    board = watched(three_runs)

    def write_scalars(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Recording, "write_scalars", write_scalars)
        write(three_runs / "a" / NAME, scalars(range(100, 110)))
        look(board)
    write(three_runs / "a" / NAME, scalars(range(110, 115)))
    look(board)
    [view] = sections(board)[0].recording.snapshot().sources
    assert view.series["loss"].count == 25
    assert open_runs(board) == ["a", "b", "c"]
