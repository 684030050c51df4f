"""Holds the frames to the contract: columns, dtypes, sessions, and which rows a restart left behind."""

import math

import numpy as np
import pandas as pd
import pytest
from frame_contract import hold, orphaned_by_definition
from sample_records import announced

from nbhooks import frames
from nbhooks.model.events import Event, State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Attempt, Checkpoint, Scalar
from nbhooks.model.store import Store
from nbhooks.model.values import Tensor


def scalars(*stores: Store) -> pd.DataFrame:
    return hold("scalars", frames.live(Scalar, [one.columns() for one in stores]))


def write(kept: Store, tag: str, steps: list[int], source: str = "mine", shift: float = 0.0) -> None:
    for step in steps:
        kept.write(Scalar(source, tag, step, 100.0 + step + shift, step / 2))


# Scalars


def test_every_scalar_has_a_row() -> None:
    kept = announced()
    kept.write(Attempt(0.0, 0))
    kept.write(Scalar("mine", "loss", 1, 10.5, 0.25))
    kept.write(Scalar("mine", "acc <b>", 1, 10.5, math.nan))
    kept.write(Scalar("mine", "loss", 2, 11.5, math.inf))
    frame = scalars(kept)
    assert frame["run"].tolist() == ["", "", ""]
    assert frame["tag"].tolist() == ["loss", "loss", "acc <b>"]
    assert frame["step"].tolist() == [1, 2, 1]
    assert frame["wall_time"].tolist() == [10.5, 11.5, 10.5]
    np.testing.assert_array_equal(frame["value"], [0.25, math.inf, math.nan])
    assert frame["session"].tolist() == [0, 0, 0]
    assert not frame["orphaned"].any()


@pytest.mark.parametrize("name", ["run", "tag"])
@pytest.mark.parametrize("filled", [False, True])
def test_categories_are_text(name: str, *, filled: bool) -> None:
    kept = announced()
    if filled:
        write(kept, "loss", [1])
    frame = scalars(kept)
    assert all(isinstance(category, str) for category in frame[name].cat.categories)
    assert frame[frame[name] == ""].shape[0] == (filled and name == "run")


@pytest.mark.parametrize("stores", [(), (announced(),), (announced(), announced())])
def test_an_empty_frame_of_scalars_has_its_dtypes(stores: tuple[Store, ...]) -> None:
    assert len(scalars(*stores)) == 0


def test_what_a_restart_left_behind_is_orphaned() -> None:
    kept = announced()
    kept.write(Attempt(0.0, 0))
    write(kept, "loss", [10, 20, 30])
    write(kept, "other", [10, 20, 30])
    kept.write(Attempt(0.0, 15))
    write(kept, "loss", [20, 30, 40])
    frame = scalars(kept)
    loss = frame[frame["tag"] == "loss"]
    assert loss["session"].tolist() == [0, 0, 0, 1, 1, 1]
    assert loss["orphaned"].tolist() == [False, True, True, False, False, False]
    assert not frame[frame["tag"] == "other"]["orphaned"].any()


@pytest.mark.parametrize("seed", range(30))
def test_orphaned_is_as_defined(seed: int) -> None:
    generator = np.random.default_rng(seed)
    stores = [announced() for _ in range(generator.integers(1, 4))]
    for kept in stores:
        for _ in range(generator.integers(0, 5)):
            kept.write(Attempt(0.0, 0))
            for tag in ("a", "b", "c"):
                if generator.random() < 0.7:
                    begin = int(generator.integers(0, 30))
                    write(kept, tag, list(range(begin, begin + int(generator.integers(1, 20)), 3)))
    frame = scalars(*stores)
    assert frame["orphaned"].tolist() == orphaned_by_definition(frame)
    if seed == 0:
        assert frame["orphaned"].any()


def test_orphaned_looks_at_every_source_of_a_tag() -> None:
    kept = announced("often", "rarely")
    kept.write(Attempt(0.0, 0))
    write(kept, "loss", [5, 10, 15, 20, 25], "often")
    write(kept, "loss", [7, 14, 21], "rarely", shift=0.5)
    kept.write(Attempt(0.0, 8))
    write(kept, "loss", [20, 25], "often")
    write(kept, "loss", [14, 21], "rarely", shift=0.5)
    frame = scalars(kept)
    assert frame["orphaned"].tolist() == orphaned_by_definition(frame)


def test_sessions_are_counted_on_over_several_stores() -> None:
    first, never, last = announced(), announced(), announced()
    for kept, attempts in ((first, 2), (last, 2)):
        for attempt in range(attempts):
            kept.write(Attempt(0.0, attempt))
            write(kept, "loss", [100 * attempt + 1])
            kept.write(Checkpoint("mine", f"model-{attempt}", 1, 0.0, "kept", 0.1, 5))
            kept.write(Tensor("mine", "w", 1, 0.0, "float32", (1,), np.zeros(1, np.float32)))
            kept.write(Event("inf", 1, 0.0))
    columns = [kept.columns() for kept in (first, never, last)]
    assert scalars(first, never, last)["session"].tolist() == [0, 1, 2, 3]
    for kind in (Tensor, Checkpoint, Event):
        frame = frames.live(kind, columns)
        assert frame["session"].tolist() == [0, 1, 2, 3]
        assert frame["session"].dtype == np.int32


def test_a_point_that_two_sources_reported_alike_has_one_row() -> None:
    kept = announced("one", "two")
    write(kept, "loss", [1, 2, 3], "one")
    write(kept, "loss", [2, 3, 4], "two", shift=0.001)
    kept.write(Scalar("one", "loss", 5, 0.0, math.nan))
    kept.write(Scalar("two", "loss", 5, 0.0, math.nan))
    kept.write(Scalar("two", "loss", 1, 0.0, 77.0))
    frame = scalars(kept)
    assert sorted(frame["step"]) == [1, 1, 2, 3, 4, 5]
    assert frame.loc[frame["step"] == 2, "wall_time"].tolist() == [102.0]


def test_the_same_point_of_two_attempts_keeps_both_rows() -> None:
    kept = announced("one", "two")
    for attempt in range(2):
        kept.write(Attempt(0.0, attempt))
        write(kept, "loss", [1, 2], "one")
        write(kept, "loss", [1, 2], "two")
    frame = scalars(kept)
    assert frame["session"].tolist() == [0, 0, 1, 1]
    assert frame["orphaned"].tolist() == [True, True, False, False]


# The others


def test_tensors() -> None:
    kept = announced()
    whole = np.arange(6, dtype=np.float32).reshape(2, 3)
    kept.write(Tensor("mine", "w", 3, 9.5, "float32", (2, 3), whole))
    kept.write(Tensor("mine", "big", 4, 9.5, "float32", (4000, 1000), whole, sampled=True))
    frame = hold("tensors", frames.live(Tensor, [kept.columns()]))
    assert frame["tag"].tolist() == ["w", "big"]
    assert frame["dtype"].tolist() == ["float32", "float32"]
    assert frame["shape"].tolist() == [(2, 3), (4000, 1000)]
    np.testing.assert_array_equal(frame["value"][0], whole)
    assert frame["value"][1] is None


def test_checkpoints() -> None:
    kept = announced()
    states = [("kept", 0.5, 1000), ("deleted", 0.25, 900), ("writing", None, None), ("failed", 0.1, None)]
    for number, (state, seconds, size) in enumerate(states):
        kept.write(Checkpoint("mine", f"model-{number}", number, 5.0, state, seconds, size))
    frame = frames.live(Checkpoint, [kept.columns()])
    assert frame["path"].tolist() == ["model-0", "model-1"]
    assert frame["kept"].tolist() == [True, False]
    assert frame["bytes"].tolist() == [1000, 900]
    assert frame["seconds"].tolist() == [0.5, 0.25]


def test_events() -> None:
    kept = announced()
    kept.write(State(Phase.WAITING, None, 1.0))
    kept.write(Event("nan", 7, 2.0, "loss is NaN", "mine"))
    kept.write(State(Phase.DIED, 8, 3.0, "ValueError"))
    frame = hold("events", frames.live(Event, [kept.columns()]))
    assert frame["kind"].tolist() == ["state", "nan", "state"]
    assert frame["detail"].tolist() == ["waiting", "loss is NaN", "died: ValueError"]
    assert frame["step"].isna().tolist() == [True, False, False]
    assert frame["step"].tolist()[1:] == [7, 8]


@pytest.mark.parametrize("filled", [False, True])
def test_dtypes_of_checkpoints_do_not_hang_on_there_being_any(*, filled: bool) -> None:
    kept = announced()
    if filled:
        kept.write(Checkpoint("mine", "model", 1, 5.0, "kept", 0.5, 10))
    assert len(hold("checkpoints", frames.live(Checkpoint, [kept.columns()]))) == filled


def test_empty_frames_have_their_columns_and_numeric_dtypes() -> None:
    for kind in (Tensor, Event):
        assert len(hold(kind.FRAME, frames.live(kind, []))) == 0


def test_frames_of_two_boards_can_be_put_together() -> None:
    one, other = announced(), announced()
    write(one, "loss", [1])
    write(other, "accuracy", [2])
    both = pd.concat([scalars(one), scalars(other)], ignore_index=True)
    assert both["step"].dtype == np.int64
    assert both["tag"].tolist() == ["loss", "accuracy"]
