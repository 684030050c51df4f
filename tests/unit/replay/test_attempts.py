"""Holds saved runs to their sessions: where one begins, and which rows of those before it are orphaned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from event_files import NAME, scalars, start, summary, write
from frame_contract import orphaned_by_definition

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path

    from tensorboard.compat.proto.event_pb2 import Event

    from nbhooks.replay import Runs


def sessions(runs: Runs) -> list[tuple[int, int]]:
    return list(zip(runs.scalars["step"], runs.scalars["session"], strict=True))


def test_a_start_after_the_first_begins_a_session(tmp_path: Path) -> None:
    first = [*scalars([1]), start(101), *scalars([2, 3])]
    path = write(tmp_path / NAME, [*first, start(104), *scalars([2, 3]), start(105), *scalars([9])])
    runs = load(path)
    assert sessions(runs) == [(1, 0), (2, 0), (3, 0), (2, 1), (3, 1), (9, 2)]
    assert runs.scalars["orphaned"].tolist() == [False, True, True, False, False, False]
    assert runs.events["session"].tolist() == [0, 0, 1, 2]


def test_a_file_that_begins_after_all_others_ended_begins_a_session(tmp_path: Path) -> None:
    # Names in another order than times.
    write(tmp_path / "z.tfevents", [start(100), *scalars([1, 2, 3]), start(104), *scalars([2, 3], begin=105)])
    write(tmp_path / "y.tfevents", [start(200), *scalars([3, 4], begin=200)])
    write(tmp_path / "x.tfevents", scalars([4, 5], begin=300))
    assert sorted(sessions(load(tmp_path))) == [
        (1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (4, 2), (4, 3), (5, 3),
    ]  # fmt: skip
    runs = load(tmp_path)
    assert runs.wide().loc[".", "loss"].to_dict() == {step: step / 2 for step in range(1, 6)}
    kept = runs.scalars[~runs.scalars["orphaned"]]
    assert sorted(zip(kept["step"], kept["session"], strict=True)) == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 3)]


def test_files_that_overlap_in_time_are_one_session(tmp_path: Path) -> None:
    write(tmp_path / "a.tfevents", scalars([0, 50]))
    write(tmp_path / "b.tfevents", scalars([20, 30]))
    write(tmp_path / "c.tfevents", scalars([40, 60]))
    write(tmp_path / "d.tfevents", scalars([61]))
    write(tmp_path / "e.tfevents", [])
    runs = load(tmp_path)
    assert sessions(runs) == [(0, 0), (50, 0), (20, 0), (30, 0), (40, 0), (60, 0), (61, 1)]
    assert not runs.scalars["orphaned"].any()


def test_runs_do_not_share_sessions(tmp_path: Path) -> None:
    write(tmp_path / "a" / NAME, [start(1), *scalars([1, 2]), start(2), *scalars([1, 2])])
    write(tmp_path / "b" / NAME, scalars([1, 2], begin=900))
    frame = load(tmp_path).scalars
    assert frame["session"].tolist() == [0, 0, 1, 1, 0, 0]
    assert frame["orphaned"].tolist() == [True, True, False, False, False, False]


@pytest.mark.parametrize("seed", range(20))
def test_orphaned_is_as_defined(tmp_path: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    for run in "abc":
        for number in range(generator.integers(1, 4)):
            events: list[Event] = []
            for tag in "xyz":
                begin = int(generator.integers(0, 40))
                at = [*range(begin, begin + int(generator.integers(1, 15)), 3)]
                events += scalars(at, tag, begin=1000.0 * number)
                events += [start(1000.0 * number)] * int(generator.integers(0, 2))
            write(tmp_path / run / f"{number}.tfevents", events)
    frame = load(tmp_path).scalars
    assert frame["orphaned"].tolist() == orphaned_by_definition(frame)
    assert frame["session"].max() > 0


def test_the_largest_step_there_is_may_be_the_last(tmp_path: Path) -> None:
    write(tmp_path / NAME, scalars([1]))
    write(tmp_path / "events.out.tfevents.2", [summary(2**63 - 1, tag="loss", simple_value=1.0)])
    runs = load(tmp_path)
    assert runs.scalars["session"].tolist() == [0, 1]
    assert runs.scalars["orphaned"].tolist() == [False, False]
