"""Holds what a page of saved runs is shown to what was chosen there, outside a kernel."""

from __future__ import annotations

import gc
import threading
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import pandas as pd
import pytest
from event_files import NAME, one_of_each, scalars, summary, write
from tensorboard.util.tensor_util import make_tensor_proto

from nbhooks.model.recording import Recording
from nbhooks.replay import load, play, watch
from nbhooks.replay import viewer as room
from nbhooks.tfevents.logdir import LogDir
from nbhooks.view.widgets.chooser import Chooser
from nbhooks.view.widgets.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbhooks.view.dashboard import Dashboard

WIDGETS = ipywidgets.widgets.widget._instances
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def boards() -> Iterator[list[Dashboard]]:
    """Boards to close after the test."""
    made: list[Dashboard] = []
    yield made
    for board in made:
        board.close()


@pytest.fixture
def show(boards: list[Dashboard]) -> Callable[[Any], Dashboard]:
    def _show(loaded: Any) -> Dashboard:
        boards.append(loaded.show())
        return boards[-1]

    return _show


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number, run in enumerate(("a", "b", "c")):
        events = [*scalars(range(0, 50, 10), f"only {run}"), *scalars(range(0, 100 * (number + 1), 10))]
        write(tmp_path / run / NAME, events)
    return tmp_path


def grow(tree: Path, runs: int) -> Path:
    for number in range(runs):
        write(tree / f"run {number:02}" / NAME, scalars(range(10)))
    return tree


def chooser(board: Dashboard) -> Chooser:
    assert board._head is not None
    [found] = every(board._head.widget, Chooser)
    return found


def every(widget: ipywidgets.Widget, kind: type) -> list[Any]:
    found = [widget] if isinstance(widget, kind) else []
    return found + [one for child in getattr(widget, "children", ()) for one in every(child, kind)]


def click(board: Dashboard, **content: Any) -> None:
    chooser(board)._handle_custom_msg(content, [])


def chosen(board: Dashboard) -> dict[str, Any]:
    found = chooser(board)
    return {**found.chosen, "runs": found.runs, "tags": found.tags}


def statuses(board: Dashboard) -> list[str]:
    return [one.text.split(" · ")[0] for one in every(board._widget, Status)]


def compared(board: Dashboard) -> dict[str, int]:
    return {run["name"]: run["hue"] for run in chosen(board)["runs"] if run["hue"] is not None}


# What is shown at first


def test_one_run_has_its_panels_and_nothing_to_compare(
    tmp_path: Path, show: Callable[..., Dashboard]
) -> None:
    board = show(load(write(tmp_path / NAME, [*one_of_each(), *scalars([50])])))
    assert len(every(board._widget, Status)) == 1
    assert board.state == "saved"
    assert {panel.source for panel in board._sections[0].panels} == {"summaries", "tensors", "checkpoints"}
    assert board.panel("summaries").plots()[0].title == "Summaries"
    assert len(board._plots()) == 2  # tensors have a chart of their own, with nothing in it
    assert (chosen(board)["first"], chosen(board)["last"], chosen(board)["step"]) == (1, 50, None)


def test_few_runs_are_all_shown_and_compared(tree: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(tree))
    assert statuses(board) == ["a", "b", "c"]
    assert compared(board) == {"a": 0, "b": 1, "c": 2}
    assert chosen(board)["tags"] == ["only a", "loss", "only b", "only c"]
    assert (chosen(board)["first"], chosen(board)["last"]) == (0, 290)
    comparison = board._plots()[0]
    assert (comparison.title, list(comparison.series)) == ("loss", ["a", "b", "c"])


def test_of_many_runs_the_first_is_shown_and_eight_compared(
    tmp_path: Path, show: Callable[..., Dashboard]
) -> None:
    board = show(load(grow(tmp_path, 20)))
    assert statuses(board) == ["run 00"]
    assert list(compared(board).values()) == list(range(8))
    assert len(chosen(board)["runs"]) == 20


def test_nothing_at_all_is_said(tmp_path: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(tmp_path))
    assert chosen(board)["status"] == "no event files: none has 'tfevents' in its name"
    assert board.state == "waiting"
    assert len(board.scalars) == 0


def test_frames_are_those_of_the_files(tree: Path, show: Callable[..., Dashboard]) -> None:
    loaded = load(tree)
    board = show(loaded)
    click(board, type="panels", run="b", on=False)
    for name in ("scalars", "tensors", "histograms", "images", "audio", "text", "checkpoints", "events"):
        pd.testing.assert_frame_equal(getattr(board, name), getattr(loaded, name))
    assert sorted(set(board.to_pandas()["run"])) == ["a", "b", "c"]


# What is clicked


def test_a_run_that_is_taken_out_leaves_its_colour_to_the_next(
    tmp_path: Path, show: Callable[..., Dashboard]
) -> None:
    board = show(load(grow(tmp_path, 10)))
    click(board, type="compare", run="run 09", on=True)
    assert "run 09" not in compared(board)  # all colours are taken
    click(board, type="compare", run="run 03", on=False)
    click(board, type="compare", run="run 09", on=True)
    assert compared(board)["run 09"] == 3
    assert compared(board)["run 04"] == 4
    plot = board._plots()[0]
    assert dict(zip(plot.series, plot.hues, strict=True)) == compared(board)


def test_another_tag_is_compared_where_there_is_one(tree: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(tree))
    click(board, type="tag", tag="only b")
    assert list(board._plots()[0].series) == ["b"]
    click(board, type="tag", tag="unheard of")
    assert chosen(board)["tag"] == "loss"
    click(board, type="tag", tag="only b")
    click(board, type="compare", run="b", on=False)
    assert chosen(board)["tag"] == "loss"


def test_panels_come_and_go_in_order(tree: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(tree))
    click(board, type="panels", run="a", on=False)
    assert statuses(board) == ["b", "c"]
    click(board, type="panels", run="a", on=True)
    assert statuses(board) == ["a", "b", "c"]


def test_panels_that_go_leave_nothing_behind(tree: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(tree))
    click(board, type="panels", run="a", on=False)
    before = len(WIDGETS)
    for _ in range(3):
        click(board, type="panels", run="a", on=True)
        click(board, type="panels", run="a", on=False)
    assert len(WIDGETS) == before


def test_the_cursor_is_everywhere(tree: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(tree))
    click(board, type="seek", step=45)
    assert [plot.cursor for plot in board._plots()] == [45, 45, 45, 45]
    texts = [one.text for one in every(board._widget, Status)]
    assert [text.rpartition(" · ")[2] for text in texts] == [f"step 45 of {last}" for last in (90, 190, 290)]
    series = board._sections[1].recording.snapshot(45).sources[0].series["loss"]
    assert (series.step, series.last) == (40, 20.0)
    click(board, type="seek", step=120)
    assert every(board._widget, Status)[0].text.endswith(" · step 90")  # it has no more
    click(board, type="seek", step=None)
    assert board._plots()[0].cursor is None


@pytest.mark.parametrize(
    "senseless",
    [
        {},
        {"type": "unheard of"},
        {"type": "seek"},
        {"type": "seek", "step": "x"},
        {"type": "seek", "step": True},
        {"type": "seek", "step": 1e300},
        {"type": "compare", "run": "a", "on": 1},
        {"type": "seek", "step": float("nan")},
        {"type": "compare", "run": "none such", "on": True},
        {"type": "compare", "run": ["a"], "on": True},
        {"type": "panels", "run": {"a": 1}, "on": True},
        {"type": "tag", "tag": 3},
        {"type": "stop"},
    ],
    ids=str,
)
def test_senseless_wishes_change_nothing(
    tree: Path, show: Callable[..., Dashboard], senseless: dict[str, Any]
) -> None:
    board = show(load(tree))
    before = chosen(board)
    click(board, **senseless)
    assert chosen(board) == before


def history(board: Dashboard) -> list[str]:
    assert board._head is not None
    return [str(entry) for entry in board._head.control.history]


def test_commands_of_the_page_are_in_the_history(tree: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(tree))
    click(board, type="seek", step=45)
    click(board, type="seek", step="x")
    click(board, type="panels", run="none such", on=True)
    click(board, type="compare", run="a", on=False)
    click(board, type="stop")
    assert history(board) == [
        "Seek(step=45) by you: done",
        "OpenPanels(run='none such', on=True) by you: refused: there is no run 'none such'",
        "Compare(run='a', on=False) by you: done",
        "StopWatching by you: refused: nothing is being watched",
    ]


def test_a_ninth_run_is_refused(tmp_path: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(grow(tmp_path, 9)))
    click(board, type="compare", run="run 08", on=True)
    assert "refused: 8 runs are compared already" in history(board)[-1]


def test_a_page_is_told_when_the_next_step_may_be_sought(
    tree: Path, show: Callable[..., Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(Chooser, "send", lambda _, content: sent.append(content))
    board = show(load(tree))
    click(board, type="seek", step=5)
    click(board, type="tag", tag="loss")
    assert sent == [{"type": "sought"}]


def test_a_page_that_says_hello_is_live(tree: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(tree))
    assert not board.live
    click(board, type="ready")
    assert board.live


def test_names_are_text_in_the_static_picture(tmp_path: Path, show: Callable[..., Dashboard]) -> None:
    hostile = HOSTILE.replace("/", "\u2215")
    for run in ("a", hostile):
        write(tmp_path / run / NAME, [*scalars([1, 2], HOSTILE), *one_of_each()])
    static = show(load(tmp_path))._static()
    assert "<script" not in static
    assert "&lt;script&gt;" in static
    assert 'src="data:image/png;base64' in static


# Files that change


@pytest.fixture
def slow() -> float:
    """So many seconds between two looks that a test looks itself."""
    return 1e6


def look(board: Dashboard) -> bool:
    """Do what the thread does that watches."""
    assert board._head is not None
    news = board._head.logdir.poll()
    board.refresh()
    return news


def test_what_is_watched_grows(tmp_path: Path, boards: list[Dashboard], slow: float) -> None:
    board = watch(tmp_path / "logs", every=slow)
    boards.append(board)
    said = chosen(board)["status"]
    assert said.startswith(f"watching {tmp_path / 'logs'} · no event files")
    assert chosen(board)["watching"]
    path = write(tmp_path / "logs" / "a" / NAME, scalars(range(5)))
    assert look(board)
    assert statuses(board) == ["a"]
    write(path, scalars(range(5, 9), "late"))
    write(tmp_path / "logs" / "b" / NAME, scalars(range(5)))
    assert look(board)
    assert not look(board)
    assert statuses(board) == ["a", "b"]
    assert compared(board) == {"a": 0, "b": 1}
    assert chosen(board)["last"] == 8
    assert chosen(board)["status"] == f"watching {tmp_path / 'logs'}"


def test_a_run_that_was_replaced_is_shown_anew(tree: Path, boards: list[Dashboard], slow: float) -> None:
    board = watch(tree, every=slow)
    boards.append(board)
    write(tree / "other", scalars([7, 8, 9])).replace(tree / "a" / NAME)
    assert look(board)
    view = board._sections[0].recording.snapshot().sources[0]
    assert view.series["loss"].count == 3
    assert statuses(board) == ["a", "b", "c"]


def test_the_cursor_stays_while_the_run_grows(tree: Path, boards: list[Dashboard], slow: float) -> None:
    board = watch(tree, every=slow)
    boards.append(board)
    click(board, type="seek", step=40)
    write(tree / "a" / NAME, scalars([1000]))
    look(board)
    assert (chosen(board)["step"], chosen(board)["last"]) == (40, 1000)


def watchers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "nbhooks watch"]


def test_watching_ends_when_somebody_stops_it(tree: Path, boards: list[Dashboard], slow: float) -> None:
    board = watch(tree, every=slow)
    boards.append(board)
    [thread] = [one for one in threading.enumerate() if one.name == "nbhooks watch"]
    click(board, type="stop")
    thread.join(10)
    assert watchers() == []
    assert (chosen(board)["status"], chosen(board)["watching"]) == ("not watched any more", False)
    assert statuses(board) == ["a", "b", "c"]


def test_watching_ends_when_the_board_is_closed(tree: Path, slow: float) -> None:
    before = len(WIDGETS)
    board = watch(tree, every=slow)
    assert watchers() == ["nbhooks watch"]
    board.close()
    assert watchers() == []
    assert len(WIDGETS) == before
    assert len(board.scalars) == 75
    gone = weakref.ref(board)
    del board
    gc.collect()
    assert gone() is None


def test_watching_follows_by_itself(tree: Path, boards: list[Dashboard]) -> None:
    board = watch(tree, every=0.01)
    boards.append(board)
    drawn = threading.Event()
    board._sections[0].recording.store.listen(drawn.set)
    write(tree / "a" / NAME, scalars([1000]))
    assert drawn.wait(30)


def test_a_fault_in_reading_is_said(
    tree: Path, boards: list[Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    def poll(_: object) -> bool:
        raise MemoryError("too much")

    monkeypatch.setattr(LogDir, "poll", lambda _: False)
    board = watch(tree, every=0.01)
    boards.append(board)
    [thread] = [one for one in threading.enumerate() if one.name == "nbhooks watch"]
    monkeypatch.setattr(LogDir, "poll", poll)
    thread.join(30)
    assert chosen(board)["status"].startswith("not watched any more: MemoryError: too much")
    assert not chosen(board)["watching"]


@pytest.mark.parametrize("every", [0, -1, float("nan")])
def test_a_time_between_two_looks_is_positive(tree: Path, every: float) -> None:
    with pytest.raises(ValueError, match=f"every={every}"):
        watch(tree, every=every)


def test_drawing_what_is_new_takes_its_share_only(tree: Path) -> None:
    """A look that took a tenth of a second is followed by the next after five."""
    waited: list[float] = []
    times = iter([0.0, 0.0, 0.1, 1.0, 1.0])

    class Stopped:
        def wait(self, seconds: float) -> bool:
            waited.append(seconds)
            return len(waited) > 2

    loaded = load(tree)
    shown = room.Viewer(loaded.logdir, partial(getattr, loaded))
    shown.begin()
    shown._look(Stopped(), 0.5, lambda: next(times))  # type: ignore[arg-type]
    assert waited == [0.5, pytest.approx(0.1 / room.SHARE), 0.5]
    shown.board.close()


# What goes wrong


def test_a_fault_in_drawing_is_said_and_mended(
    tree: Path, boards: list[Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    board = watch(tree, every=0.01)
    boards.append(board)
    begun = threading.Event()

    def play(_: object, __: object) -> None:
        begun.set()
        raise MemoryError("too much")

    with monkeypatch.context() as patch:
        patch.setattr(room.Player, "play", play)
        write(tree / "a" / NAME, scalars([1000]))
        assert begun.wait(30)
        click(board, type="seek", step=5)
        assert chosen(board)["status"] == "this could not be drawn: MemoryError: too much"
        assert watchers() == ["nbhooks watch"]
    board.refresh()
    assert chosen(board)["status"] == f"watching {tree}"
    assert chosen(board)["last"] == 1000


def test_what_was_taken_and_not_written_is_not_lost(
    tree: Path, boards: list[Dashboard], slow: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = watch(tree, every=slow)
    boards.append(board)

    def write_scalars(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Recording, "write_scalars", write_scalars)
        write(tree / "a" / NAME, scalars(range(100, 110)))
        look(board)
    write(tree / "a" / NAME, scalars(range(110, 115)))
    look(board)
    [view] = board._sections[0].recording.snapshot().sources
    assert view.series["loss"].count == 25
    assert statuses(board) == ["a", "b", "c"]


def test_a_board_that_cannot_be_drawn_can_be_closed(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(WIDGETS)
    board = load(tree).show()
    monkeypatch.setattr(type(board), "renew_picture", lambda _: 1 / 0)
    with pytest.warns(RuntimeWarning, match="ZeroDivisionError"):
        board.close()
    assert len(WIDGETS) == before


def test_a_page_may_ask_on_when_what_it_asked_for_is_shown(
    tree: Path, show: Callable[..., Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    board = show(load(tree))
    told: list[Any] = []
    monkeypatch.setattr(Chooser, "send", lambda one, _: told.append(one.chosen["step"]))
    monkeypatch.setattr(
        type(board), "request_draw", lambda _: None
    )  # as while a cell is busy: it is drawn later
    click(board, type="seek", step=5)
    assert told == []
    board.refresh()
    assert told == [5]


def test_runs_that_were_left_out_are_not_said_to_be_missing(
    tree: Path, show: Callable[..., Dashboard]
) -> None:
    loaded = load(tree, runs="none such")
    assert chosen(show(loaded))["status"] == "none of the runs that there are was asked for"
    assert loaded.problems["reason"].tolist() == ["none of the runs that there are was asked for"]


def test_a_run_that_was_alone_gets_its_name(tmp_path: Path, boards: list[Dashboard], slow: float) -> None:
    write(tmp_path / NAME, scalars([1]))
    board = watch(tmp_path, every=slow)
    boards.append(board)
    assert statuses(board) == ["saved run"]
    write(tmp_path / "eval" / NAME, scalars([1]))
    look(board)
    assert statuses(board) == [".", "eval"]


def test_tensors_that_come_later_can_be_chosen(tmp_path: Path, boards: list[Dashboard], slow: float) -> None:
    def vector(tag: str) -> Any:
        return summary(tag=tag, tensor=make_tensor_proto(np.arange(3.0)))

    path = write(tmp_path / NAME, [vector("first")])
    board = watch(tmp_path, every=slow)
    boards.append(board)
    [choice] = every(board._widget, ipywidgets.Dropdown)
    choice.value = "first"
    write(path, [vector("second")])
    look(board)
    assert [tag for _, tag in choice.options] == ["", "first", "second"]
    assert choice.value == "first"


def test_steps_are_exact_however_large(tmp_path: Path, show: Callable[..., Dashboard]) -> None:
    steps = (-(2**63), 0, 2**63 - 1)
    board = show(
        load(write(tmp_path / NAME, [summary(step, tag="loss", simple_value=1.0) for step in steps]))
    )
    assert (chosen(board)["first"], chosen(board)["last"]) == (steps[0], steps[2])


def seen(board: Dashboard) -> Any:
    assert board._head is not None
    return board._head.seen()


def test_whatever_is_seen_calls_for_a_new_picture(
    tmp_path: Path, boards: list[Dashboard], slow: float
) -> None:
    board = watch(grow(tmp_path, 5), every=slow)
    boards.append(board)
    known = [seen(board)]
    for wish in (
        {"type": "seek", "step": 4},
        {"type": "compare", "run": "run 02", "on": False},
        {"type": "panels", "run": "run 00", "on": False},
    ):
        click(board, **wish)
        assert seen(board) not in known
        known.append(seen(board))
    write(tmp_path / "run 03" / NAME, scalars([7], "more"))  # which is compared, and not opened
    look(board)
    assert seen(board) not in known
    assert look(board) is False
    assert seen(board) == seen(board)


def test_a_board_that_a_recording_was_played_into_says_so(tree: Path) -> None:
    board = room.Dashboard()
    try:
        play(load(tree / "a"), board)
        assert board.state == "saved"
        assert board._over()
    finally:
        board.close()
