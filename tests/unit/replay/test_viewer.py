"""Holds a board of saved runs to what it shows of them, outside a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from drawn_boards import WIDGETS, panels, plots, sections, static
from drawn_viewers import chosen, click, compared, open_runs
from event_files import NAME, one_of_each, scalars, summary, write, write_runs

from nbhooks.replay import load, play
from nbhooks.view.dashboard import Dashboard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE = "<script>alert(1)</script>"


def test_one_run_has_its_panels_and_nothing_to_compare(
    tmp_path: Path, show: Callable[..., Dashboard]
) -> None:
    board = show(load(write(tmp_path / NAME, [*one_of_each(), *scalars([50])])))
    assert len(sections(board)) == 1
    assert board.state == "saved"
    assert {panel.source for panel in panels(board)} == {"summaries", "tensors", "checkpoints"}
    assert board.panel("summaries").plots()[0].title == "Summaries"
    assert len(plots(board)) == 1
    assert (chosen(board)["first"], chosen(board)["last"], chosen(board)["step"]) == (1, 50, None)


def test_few_runs_are_all_shown_and_compared(three_runs: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(three_runs))
    assert open_runs(board) == ["a", "b", "c"]
    assert compared(board) == {"a": 0, "b": 1, "c": 2}
    assert chosen(board)["tags"] == ["only a", "loss", "only b", "only c"]
    assert (chosen(board)["first"], chosen(board)["last"]) == (0, 290)
    comparison = plots(board)[0]
    assert (comparison.title, list(comparison.series)) == ("loss", ["a", "b", "c"])


def test_of_many_runs_the_first_is_shown_and_eight_compared(
    tmp_path: Path, show: Callable[..., Dashboard]
) -> None:
    board = show(load(write_runs(tmp_path, 20)))
    assert open_runs(board) == ["run 00"]
    assert list(compared(board).values()) == list(range(8))
    assert len(chosen(board)["runs"]) == 20


def test_nothing_at_all_is_said(tmp_path: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(tmp_path))
    assert chosen(board)["status"] == "no event files: none has 'tfevents' in its name"
    assert board.state == "waiting"
    assert len(board.scalars) == 0


def test_runs_that_were_left_out_are_not_said_to_be_missing(
    three_runs: Path, show: Callable[..., Dashboard]
) -> None:
    loaded = load(three_runs, runs="none such")
    assert chosen(show(loaded))["status"] == "none of the runs that there are was asked for"
    assert loaded.problems["reason"].tolist() == ["none of the runs that there are was asked for"]


def test_frames_are_those_of_the_files(three_runs: Path, show: Callable[..., Dashboard]) -> None:
    loaded = load(three_runs)
    board = show(loaded)
    click(board, type="panels", run="b", on=False)
    for name in ("scalars", "tensors", "histograms", "images", "audio", "text", "checkpoints", "events"):
        pd.testing.assert_frame_equal(getattr(board, name), getattr(loaded, name))
    assert sorted(set(board.to_pandas()["run"])) == ["a", "b", "c"]


def test_a_page_that_says_hello_is_live(three_runs: Path, show: Callable[..., Dashboard]) -> None:
    board = show(load(three_runs))
    assert not board.live
    click(board, type="ready")
    assert board.live


def test_names_are_text_in_the_static_picture(tmp_path: Path, show: Callable[..., Dashboard]) -> None:
    hostile = HOSTILE.replace("/", "\u2215")
    for run in ("a", hostile):
        write(tmp_path / run / NAME, [*scalars([1, 2], HOSTILE), *one_of_each()])
    saved = static(show(load(tmp_path)))
    assert "<script" not in saved
    assert "&lt;script&gt;" in saved
    assert 'src="data:image/png;base64' in saved


def test_steps_are_exact_however_large(tmp_path: Path, show: Callable[..., Dashboard]) -> None:
    steps = (-(2**63), 0, 2**63 - 1)
    board = show(
        load(write(tmp_path / NAME, [summary(step, tag="loss", simple_value=1.0) for step in steps]))
    )
    assert (chosen(board)["first"], chosen(board)["last"]) == (steps[0], steps[2])


def test_a_board_that_a_recording_was_played_into_says_so(three_runs: Path) -> None:
    board = Dashboard()
    try:
        play(load(three_runs / "a"), board)
        assert board.state == "saved"
        assert board._parts.over
    finally:
        board.close()


def test_a_board_that_cannot_be_drawn_can_be_closed(
    three_runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(WIDGETS)
    board = load(three_runs).show()
    monkeypatch.setattr(type(board), "renew_picture", lambda _: 1 / 0)
    with pytest.warns(RuntimeWarning, match="ZeroDivisionError"):
        board.close()
    assert len(WIDGETS) == before
