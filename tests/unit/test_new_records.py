"""A new class of records is kept, shown and framed by what it declares: no other module knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest
from event_files import NAME, scalars, write
from sample_records import announced

from nbhooks import frames
from nbhooks.model.events import Event, State
from nbhooks.model.kinds import CheckpointState, EventKind
from nbhooks.model.lifecycle import Phase
from nbhooks.model.record import Keep, Record
from nbhooks.model.records import Attempt, Checkpoint
from nbhooks.model.values import Tensor
from nbhooks.replay import load
from nbhooks.replay.frames import saved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def declare(keep: Keep) -> Any:
    """Declare a class of records that is kept in the given way."""

    @dataclass(frozen=True, slots=True)
    class New(Record):
        KEEP = keep
        FRAME = "news"
        COLUMNS: ClassVar[Mapping[str, str]] = {"step": "int64", "kind": "category", "twice": "float64"}
        source: str
        step: int
        wall_time: float
        path: str = ""
        kind: str = "new"
        tag: str = "a"
        payload: tuple[bytes, ...] = (b"",)

        @property
        def twice(self) -> int:
            return 2 * self.step

    return New


@pytest.mark.parametrize(
    ("keep", "shown", "rows"),
    [
        (Keep.LATEST, [3], [[1, 3, "new", 6.0]]),
        (Keep.BY_PATH, [2, 3], [[0, 2, "new", 4.0], [1, 3, "new", 6.0]]),
        (Keep.LOG, [3], [[0, 1, "new", 2.0], [0, 2, "new", 4.0], [1, 3, "new", 6.0]]),
        (Keep.RECENT, [], [[0, 1, "new", 2.0], [0, 2, "new", 4.0], [1, 3, "new", 6.0]]),
    ],
)
def test_a_new_class_is_kept_and_has_a_frame(keep: Keep, shown: list[int], rows: list[list[Any]]) -> None:
    new, kept = declare(keep), announced()
    kept.write(Attempt(0.0, 0))
    kept.write(new("mine", 1, 1.0, "a"))
    kept.write(new("mine", 2, 2.0, "a"))
    kept.write(Attempt(2.5, 2))
    kept.write(new("mine", 3, 3.0, "b"))
    [view] = kept.snapshot().sources
    assert [one.step for one in view.every(new)] == shown
    assert getattr(view.latest(new), "step", None) == (3 if shown else None)
    assert [one.step for one in view.values.values()] == ([] if shown else [3])
    frame = frames.live(new, [kept.columns()])
    assert frame[["session", "step", "kind", "twice"]].to_numpy().tolist() == rows
    assert [str(dtype) for dtype in frame.dtypes] == ["category", "int32", "int64", "category", "float64"]
    assert len(frames.live(new, [])) == 0


def test_a_new_class_may_be_counted() -> None:
    new, kept = declare(Keep.COUNT), announced()
    for step in (1, 2):
        kept.write(new("mine", step, 1.0))
    assert kept.snapshot().sources[0].latest(new).step == 2
    frame = frames.live(new, [kept.columns()])
    assert frame[["tag", "step", "value"]].to_numpy().tolist() == [["a", 1, 1.0], ["a", 2, 2.0]]


def test_categories_are_plain_strings() -> None:
    kept = announced()
    kept.write(Event(EventKind.NAN, 1, 0.0))
    kept.write(State(Phase.RUNNING, 1, 0.0))
    kinds = frames.live(Event, [kept.columns()])["kind"]
    assert kinds.tolist() == ["nan", "state"]
    assert all(type(kind) is str for kind in (*kinds, *kinds.cat.categories))


@pytest.mark.parametrize("state", CheckpointState)
def test_only_checkpoints_that_were_written_have_a_row(state: CheckpointState) -> None:
    kept = announced()
    kept.write(Checkpoint("mine", "model", 1, 0.0, state))
    assert frames.live(Checkpoint, [kept.columns()])["kept"].tolist() == {
        "kept": [True],
        "deleted": [False],
    }.get(state, [])


def test_live_and_saved_frames_have_one_builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logdir = load(write(tmp_path / NAME, scalars(range(3)))).logdir
    kept, made = announced(), []
    kept.write(Tensor("mine", "w", 1, 0.0, "int64", (1,), np.zeros(1)))
    table = frames.table
    monkeypatch.setattr(
        frames, "table", lambda rows, columns: made.append(dict(columns)) or table(rows, columns)
    )
    for kind in (Tensor, Event, Checkpoint):
        frames.live(kind, [kept.columns()])
        saved(kind, logdir.all_files())
    assert len(made) == 6
    assert made[::2] == made[1::2]
