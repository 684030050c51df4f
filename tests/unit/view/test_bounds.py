"""Holds what a board and its picture cost where there are large tensors, many tags and long names."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from drawn_boards import open_page, static
from drawn_panels import raises
from drawn_viewers import chosen
from event_files import NAME, write
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from nbhooks import figures
from nbhooks.model import events
from nbhooks.model.events import State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.recording import Recording
from nbhooks.model.records import Checkpoint, Line, Scalar, Source
from nbhooks.model.values import Tensor
from nbhooks.replay import load
from nbhooks.view import blocks, sparks

if TYPE_CHECKING:
    from pathlib import Path

    from nbhooks.view.dashboard import Dashboard


HUGE = 2**24


LONG = "x" * 1_000_000


MANY = 3000


@pytest.fixture
def recording(board: Dashboard) -> Recording:
    recording = Recording()
    board.show(recording)
    for kind in ("tensors", "summaries", "results", "nan", "checkpoints", "steps"):
        recording.write(Source(kind, kind))
    return recording


def body(board: Dashboard, source: str) -> str:
    return blocks.to_html(board.panel(source).content(raises))


def tensor(source: str, tag: str, value: Any) -> Tensor:
    return Tensor(source, tag, 1, 1.0, str(value.dtype), value.shape, value)


@pytest.mark.parametrize("source", ["tensors", "summaries", "results"])
def test_broadcast_tensors_are_never_written_out(board: Dashboard, recording: Recording, source: str) -> None:
    one = np.broadcast_to(np.float32(1.5), (HUGE,))
    tracemalloc.start()
    for number in range(200):
        recording.write(tensor(source, f"tag {number}", one))
    board.refresh()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < one.nbytes / 4
    assert "mean 1.5" in body(board, source)
    assert "sample" not in body(board, source)


def test_statistics_of_a_large_tensor_come_from_a_sample(board: Dashboard, recording: Recording) -> None:
    recording.write(tensor("tensors", "large", np.arange(2_500_000) % 2))
    recording.write(tensor("results", "large", np.arange(2_500_000) % 3))
    board.refresh()
    assert "from a sample of 833,334" in body(board, "tensors")
    assert "from a sample of 833,334" in body(board, "results")


def test_nonfinite_elements_of_a_broadcast_tensor_are_counted(board: Dashboard, recording: Recording) -> None:
    recording.write(tensor("tensors", "w", np.broadcast_to(np.array([np.nan, 1.0]), (HUGE // 2, 2))))
    board.refresh()
    assert f"{HUGE // 2:,} non-finite" in body(board, "tensors")


def test_only_the_tags_that_are_shown_are_drawn(
    board: Dashboard, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    trends = []
    monkeypatch.setattr(sparks, "trend", lambda view: trends.append(view) or ())
    for number in range(MANY):
        recording.write(Scalar("summaries", f"tag {number}", 1, 1.0, np.nan))
    assert "2,900 more tags" in body(board, "summaries")
    assert len(trends) == 100
    [plot] = board.panel("summaries").plots()
    drawn = figures.figure([plot])
    assert len(plot.marks) <= figures.LINES
    assert len(drawn.axes[0].lines) <= 2 * figures.LINES
    assert [
        one.get_text() for one in drawn.axes[0].texts if "2,900 more tags are not drawn" in one.get_text()
    ]
    assert [one.get_text() for one in drawn.axes[0].get_legend().get_texts()][-1] == "and 2,990 more"


def test_a_choice_of_many_tensors_is_bounded(board: Dashboard, recording: Recording) -> None:
    tags = tuple(f"tag {number}" for number in range(MANY))
    recording.write(Source("many", "tensors", {"tags": tags, "others": tags}))
    for number in range(MANY):
        recording.write(tensor("many", f"late {number}", np.zeros(2)))
    [choice] = [one for one in board.panel("many").content(raises) if isinstance(one, blocks.Choice)]
    assert len(choice.options) == 201


def test_a_comparison_offers_a_bounded_number_of_tags(tmp_path: Path) -> None:
    values = [{"tag": f"tag {number}", "simple_value": 1.0} for number in range(1500)]
    values.append({"tag": "x" * 600, "simple_value": 1.0})
    for run in ("a", "b"):
        write(tmp_path / run / NAME, [Event(wall_time=1.0, step=1, summary=Summary(value=values))])
    board = load(tmp_path).show()
    assert len(chosen(board)["tags"]) == 1000
    assert chosen(board)["tag"] == "tag 0"
    assert chosen(board)["status"] == "501 of 1,501 tags are not offered for comparison"
    board.close()


def test_long_names_are_cut_with_a_mark_and_their_length(board: Dashboard, recording: Recording) -> None:
    recording.name = LONG
    for source in ("tensors", "summaries", "results", "nan", "steps"):
        recording.write(Scalar(source, LONG, 1, 1.0, np.nan))
        recording.write(tensor(source, f"{LONG} tensor", np.zeros(2)))
    recording.write(Line("tensors", 1, 1.0, LONG))
    recording.write(events.Event("nan", 1, 1.0, LONG, "nan"))
    recording.write(Checkpoint("checkpoints", f"/{LONG}/{LONG}", 1, 1.0, "kept", None, None))
    recording.write(State(Phase.DIED, 1, 1.0, LONG))
    board.refresh()
    picture = static(board)
    assert "…" in picture
    assert "(1,000,000 characters, in the frames)" in picture
    assert len(picture.partition("<img")[0]) < 50_000
    page = open_page(board)
    assert max(page.sizes) < 30_000
    assert len(page.messages) >= 2
    assert LONG in set(board.scalars["tag"])
