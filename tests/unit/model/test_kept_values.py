"""Holds the store to what it keeps of values, files, feeds and progress, and to its bounds."""

import tracemalloc
from collections.abc import Callable

import pytest
from sample_records import VALUES, announced

from nbhooks.model import store
from nbhooks.model.records import Attempt, Feeds, File, Progress, Scalar
from nbhooks.model.values import Value

each_kind = pytest.mark.parametrize("make", VALUES)


@each_kind
def test_the_latest_of_a_tag_is_shown_and_every_one_kept(make: Callable[..., Value]) -> None:
    kept = announced()
    kept.write(Attempt(0.0, 0))
    made = [make(1), make(2), make(5, tag="other")]
    for record in made:
        kept.write(record)
    snapshot = kept.snapshot()
    latest = snapshot.sources[0].values
    assert latest == {"tag": made[1], "other": made[2]}
    assert (snapshot.step, snapshot.wall_time) == (5, 0.5)
    kept.write(Attempt(1.0, 2))
    kept.write(make(3))
    assert [(attempt, record.step) for attempt, record in kept.columns().rows(type(make(1)))] == [
        (0, 1),
        (0, 2),
        (1, 3),
        (0, 5),
    ]


@each_kind
@pytest.mark.parametrize("size", [0, 3_000])
def test_the_bytes_of_a_tag_are_bound(
    make: Callable[..., Value], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "TAG_BYTES", 100_000)
    kept = announced()
    tracemalloc.start()
    try:
        for step in range(600):
            kept.write(make(step, size))
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    steps = [record.step for _, record in kept.columns().rows(type(make(1)))]
    assert steps == list(range(600))[-len(steps) :]
    assert 2 <= len(steps) <= 100_000 / (size + store.RECORD_BYTES)
    assert grown < 5 * 100_000


@each_kind
def test_one_is_kept_however_large(make: Callable[..., Value], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAG_BYTES", 100)
    kept = announced()
    for step in range(3):
        kept.write(make(step, 5_000))
    assert [record.step for _, record in kept.columns().rows(type(make(1)))] == [2]


def test_files_are_bound_and_one_that_grows_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PATHS", 3)
    kept = announced()
    for attempt, path in enumerate(("a", "b", "c", "a", "d")):
        kept.write(Attempt(0.0, 0))
        kept.write(File("mine", path, attempt, float(attempt), attempt * 10))
    assert [(file.path, file.size) for file in kept.snapshot().sources[0].every(File)] == [
        ("b", 10),
        ("c", 20),
        ("d", 40),
    ]
    kept.write(File("mine", "b", 9, 9.0, 99))
    assert [(attempt, file.path, file.size) for attempt, file in kept.columns().rows(File)] == [
        (1, "b", 99),
        (2, "c", 20),
        (4, "d", 40),
    ]


def test_files_and_feeds_do_not_move_the_step() -> None:
    kept = announced()
    kept.write(Scalar("mine", "loss", 7, 1.0, 0.5))
    kept.write(File("mine", "/logs/a", 3, 2.0))
    fed = [Feeds("mine", step, 3.0, (("x:0", "float32", (2,)),)) for step in (None, 4)]
    for record in fed:
        kept.write(record)
    snapshot = kept.snapshot()
    assert (snapshot.step, snapshot.wall_time) == (7, 1.0)
    assert snapshot.sources[0].latest(Feeds) is fed[1]


def test_progress_of_another_unit_is_not_the_recordings_step() -> None:
    kept = announced("evals", "stop")
    kept.write(Progress("evals", 40, 1.0, 0, 100, "evaluation"))
    assert (kept.snapshot().step, kept.snapshot().wall_time) == (None, 0.0)
    kept.write(Progress("stop", 7, 2.0, 0, 10))
    kept.write(Progress("evals", 41, 3.0, 0, None, "evaluation"))
    snapshot = kept.snapshot()
    assert (snapshot.step, snapshot.wall_time) == (7, 2.0)
    assert [(view.latest(Progress).step, view.latest(Progress).unit) for view in snapshot.sources] == [
        (41, "evaluation"),
        (7, "step"),
    ]


@pytest.mark.parametrize(
    "record", [*(make(1) for make in VALUES), File("mine", "/a", 1, 0.0), Feeds("mine", 1, 0.0, ())]
)
def test_a_source_that_was_not_announced_is_refused(record: Value) -> None:
    kept = announced("yours")
    with pytest.raises(KeyError, match="mine"):
        kept.write(record)
    assert (kept.version, kept.snapshot().step) == (1, None)
