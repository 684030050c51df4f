"""Holds what a page of saved runs is shown to what was chosen there, outside a kernel."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from drawn_boards import WIDGETS, plots, recordings, sections, statuses
from drawn_viewers import chosen, click, compared, history, open_runs
from event_files import NAME, scalars, write, write_runs

from nbhooks.replay import load
from nbhooks.view.widgets.chooser import Chooser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbhooks.view.dashboard import Dashboard


def test_a_run_that_is_taken_out_leaves_its_colour_to_the_next(
    tmp_path: Path, show: Callable[..., Dashboard]
) -> None:
    board = show(load(write_runs(tmp_path, 10)))
    click(board, type="compare", run="run 09", on=True)
    assert "run 09" not in compared(board)  # all colours are taken
    click(board, type="compare", run="run 03", on=False)
    click(board, type="compare", run="run 09", on=True)
    assert compared(board)["run 09"] == 3
    assert compared(board)["run 04"] == 4
    plot = plots(board)[0]
    assert dict(zip(plot.series, plot.hues, strict=True)) == compared(board)


def test_a_ninth_run_is_refused(tmp_path: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(write_runs(tmp_path, 9)))
    click(board, type="compare", run="run 08", on=True)
    assert "refused: 8 runs are compared already" in history(board)[-1]


def test_another_tag_is_compared_where_there_is_one(three_runs: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(three_runs))
    click(board, type="tag", tag="only b")
    assert list(plots(board)[0].series) == ["b"]
    click(board, type="tag", tag="unknown")
    assert chosen(board)["tag"] == "loss"
    click(board, type="tag", tag="only b")
    click(board, type="compare", run="b", on=False)
    assert chosen(board)["tag"] == "loss"


def test_panels_come_and_go_in_order(three_runs: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(three_runs))
    click(board, type="panels", run="a", on=False)
    assert open_runs(board) == ["b", "c"]
    click(board, type="panels", run="a", on=True)
    assert open_runs(board) == ["a", "b", "c"]


def test_panels_that_go_leave_nothing_behind(three_runs: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(three_runs))
    click(board, type="panels", run="a", on=False)
    before = len(WIDGETS)
    for _ in range(3):
        click(board, type="panels", run="a", on=True)
        click(board, type="panels", run="a", on=False)
    assert len(WIDGETS) == before


def test_the_cursor_is_everywhere(three_runs: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(three_runs))
    click(board, type="seek", step=45)
    assert [plot.cursor for plot in plots(board)] == [45, 45, 45, 45]
    assert [text.rpartition(" · ")[2] for text in statuses(board)] == [
        f"step 45 of {last}" for last in (90, 190, 290)
    ]
    series = sections(board)[1].recording.snapshot(45).sources[0].series["loss"]
    assert (series.step, series.last) == (40, 20.0)
    click(board, type="seek", step=120)
    assert statuses(board)[0].endswith(" · step 90")  # it has no more
    click(board, type="seek", step=None)
    assert plots(board)[0].cursor is None


@pytest.mark.parametrize(
    "senseless",
    [
        {},
        {"type": "unknown"},
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
def test_senseless_messages_change_nothing(
    three_runs: Path, show: Callable[..., Dashboard], senseless: dict[str, Any]
) -> None:
    board = show(load(three_runs))
    before = chosen(board)
    click(board, **senseless)
    assert chosen(board) == before


def test_commands_of_the_page_are_in_the_history(three_runs: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(three_runs))
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


def test_a_run_whose_name_is_no_utf_8_is_chosen_by_the_name_that_the_page_has(
    tmp_path: Path, show: Callable[..., Dashboard]
) -> None:
    raw = os.fsdecode(b"run \xff")
    for run in ("other", raw):
        write(tmp_path / run / NAME, scalars(range(10)))
    board = show(load(tmp_path))
    [sent] = [run["name"] for run in chosen(board)["runs"] if run["name"] != "other"]
    sent.encode()  # the page can have it
    click(board, type="compare", run=sent, on=False)
    click(board, type="panels", run=sent, on=True)
    assert history(board) == [
        f"Compare(run={raw!r}, on=False) by you: done",
        f"OpenPanels(run={raw!r}, on=True) by you: done",
    ]
    assert list(compared(board)) == ["other"]
    assert raw in [recording.name for recording in recordings(board)]


def test_a_page_gets_a_message_when_the_next_step_may_be_sought(
    three_runs: Path, show: Callable[..., Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(Chooser, "send", lambda _, content: sent.append(content))
    board = show(load(three_runs))
    click(board, type="seek", step=5)
    click(board, type="tag", tag="loss")
    assert sent == [{"type": "sought"}]


def test_a_page_may_ask_on_when_what_it_asked_for_is_shown(
    three_runs: Path, show: Callable[..., Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    board = show(load(three_runs))
    shown: list[Any] = []
    monkeypatch.setattr(Chooser, "send", lambda one, _: shown.append(one.chosen["step"]))
    # As while a cell is busy: it is drawn later.
    monkeypatch.setattr(type(board), "request_draw", lambda _: None)
    click(board, type="seek", step=5)
    assert shown == []
    board.refresh()
    assert shown == [5]
