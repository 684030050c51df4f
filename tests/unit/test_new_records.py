"""Holds the later kinds of records to their bounds and frames, and a session to what it knows at its end."""

import gc
import tracemalloc
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nbhooks import frames
from nbhooks.model import registry, store
from nbhooks.model.recording import Recording
from nbhooks.model.records import (
    Attempt,
    Audio,
    Feeds,
    File,
    Histogram,
    Image,
    Progress,
    Scalar,
    Source,
    State,
    Tensor,
    Text,
    Value,
)
from nbhooks.model.store import Store

RUN = SimpleNamespace(stop_requested=False, original_args=SimpleNamespace(fetches="train_op"))


def histogram(step: int, size: int = 2, tag: str = "tag") -> Histogram:
    return Histogram("mine", tag, step, 0.5, np.arange(size + 1.0), np.ones(size), 0.0, float(size), 1.5, 2.0)


def image(step: int, size: int = 2, tag: str = "tag") -> Image:
    return Image("mine", tag, step, 0.5, 1, 64, 48, bytes(size))


def audio(step: int, size: int = 2, tag: str = "tag") -> Audio:
    return Audio("mine", tag, step, 0.5, 1, 44100.0, bytes(size))


def words(step: int, size: int = 2, tag: str = "tag") -> Text:
    return Text("mine", tag, step, 0.5, 1, f"{step:{size}}")


KINDS = [histogram, image, audio, words]
each_kind = pytest.mark.parametrize("make", KINDS)


def announced(*sources: str) -> Store:
    kept = Store()
    for source in sources or ("mine",):
        kept.write(Source(source, "summaries"))
    return kept


# Store


@each_kind
def test_the_latest_of_a_tag_is_shown_and_every_one_kept(make: Callable[..., Value]) -> None:
    kept = announced()
    kept.write(Attempt(0.0, 0))
    made = [make(1), make(2), make(5, tag="other")]
    for record in made:
        kept.write(record)
    snapshot = kept.snapshot()
    latest = snapshot.sources[0].values  # noqa: PD011 - of a view
    assert latest == {"tag": made[1], "other": made[2]}
    assert (snapshot.step, snapshot.wall_time) == (5, 0.5)
    kept.write(Attempt(1.0, 2))
    kept.write(make(3))
    assert [(attempt, record.step) for attempt, record in kept.columns().tagged] == [
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
    steps = [record.step for _, record in kept.columns().tagged]
    assert steps == list(range(600))[-len(steps) :]
    assert 2 <= len(steps) <= 100_000 / (size + store.RECORD_BYTES)
    assert grown < 5 * 100_000


@each_kind
def test_one_is_kept_however_large(make: Callable[..., Value], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TAG_BYTES", 100)
    kept = announced()
    for step in range(3):
        kept.write(make(step, 5_000))
    assert [record.step for _, record in kept.columns().tagged] == [2]


def test_files_are_bound_and_one_that_grows_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FILES", 3)
    kept = announced()
    for attempt, path in enumerate(("a", "b", "c", "a", "d")):
        kept.write(Attempt(0.0, 0))
        kept.write(File("mine", path, attempt, float(attempt), attempt * 10))
    assert [(file.path, file.size) for file in kept.snapshot().sources[0].files] == [
        ("b", 10),
        ("c", 20),
        ("d", 40),
    ]
    kept.write(File("mine", "b", 9, 9.0, 99))
    assert [(attempt, file.path, file.size) for attempt, file in kept.columns().files] == [
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
    assert snapshot.sources[0].feeds is fed[1]


def test_progress_of_another_unit_is_not_the_sessions_step() -> None:
    kept = announced("evals", "stop")
    kept.write(Progress("evals", 40, 1.0, 0, 100, "evaluation"))
    assert (kept.snapshot().step, kept.snapshot().wall_time) == (None, 0.0)
    kept.write(Progress("stop", 7, 2.0, 0, 10))
    kept.write(Progress("evals", 41, 3.0, 0, None, "evaluation"))
    snapshot = kept.snapshot()
    assert (snapshot.step, snapshot.wall_time) == (7, 2.0)
    assert [(view.progress.step, view.progress.unit) for view in snapshot.sources] == [
        (41, "evaluation"),
        (7, "step"),
    ]


@pytest.mark.parametrize(
    "record", [*(make(1) for make in KINDS), File("mine", "/a", 1, 0.0), Feeds("mine", 1, 0.0, ())]
)
def test_a_source_that_was_not_announced_is_refused(record: Value) -> None:
    kept = announced("yours")
    with pytest.raises(KeyError, match="mine"):
        kept.write(record)
    assert (kept.version, kept.snapshot().step) == (1, None)


# Frames

HEAD = {"run": "category", "session": "int32", "tag": "category", "step": "int64", "wall_time": "float64"}
TEXT = None  # text, arrays and bytes: their dtype is pandas' affair
FRAMES = {
    "histograms": {
        **HEAD,
        "edges": TEXT,
        "counts": TEXT,
        "min": "float64",
        "max": "float64",
        "sum": "float64",
        "sum_squares": "float64",
        "num": "float64",
    },
    "images": {**HEAD, "index": "int64", "width": "int64", "height": "int64", "encoded": TEXT},
    "audio": {**HEAD, "index": "int64", "rate": "float64", "encoded": TEXT},
    "text": {**HEAD, "index": "int64", "value": TEXT},
    "files": {
        **{name: dtype for name, dtype in HEAD.items() if name != "tag"},
        "path": TEXT,
        "bytes": "int64",
    },
    "progress": {**HEAD, "value": "float64", "orphaned": "bool"},
}


def frame(name: str, *stores: Store) -> pd.DataFrame:
    made = getattr(frames, name)([one.columns() for one in stores])
    assert set(made.columns) == set(FRAMES[name])
    if name == "progress":  # as scalars
        assert list(made.columns) == ["run", "tag", "step", "wall_time", "value", "session", "orphaned"]
    else:
        assert list(made.columns) == list(FRAMES[name])
    for column, dtype in FRAMES[name].items():
        assert dtype is None or str(made[column].dtype) == dtype, column
    assert isinstance(made.index, pd.RangeIndex)
    return made


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("stores", [(), (announced(),), (announced(), announced())])
def test_an_empty_frame_has_its_columns_and_dtypes(name: str, stores: tuple[Store, ...]) -> None:
    assert len(frame(name, *stores)) == 0


def filled() -> Store:
    kept = announced()
    kept.write(Attempt(0.0, 0))
    for make in KINDS:
        kept.write(make(3, tag=make.__name__))
    kept.write(Tensor("mine", "tensor", 3, 0.5, "int64", (2,), np.array([1, 2])))
    kept.write(File("mine", "/logs/<a>", 3, 0.5))
    kept.write(File("mine", "/logs/b", 3, 0.5, 10))
    kept.write(Progress("mine", 3, 0.5, 0, 10, "evaluation"))
    return kept


def test_each_record_has_one_row_in_its_own_frame() -> None:
    stores = filled(), filled()
    heads = ["run", "session", "tag", "step", "wall_time"]
    for name, tag in (
        ("histograms", "histogram"),
        ("images", "image"),
        ("audio", "audio"),
        ("text", "words"),
    ):
        made = frame(name, *stores)
        assert made[heads].to_numpy().tolist() == [["", 0, tag, 3, 0.5], ["", 1, tag, 3, 0.5]]
    assert frames.tensors([one.columns() for one in stores])["tag"].tolist() == ["tensor"] * 2


def test_what_the_rows_say() -> None:
    kept = filled()
    row = frame("histograms", kept).iloc[0]
    assert (row["edges"].tolist(), row["counts"].tolist()) == ([0.0, 1.0, 2.0], [1.0, 1.0])
    assert row[["min", "max", "sum", "num"]].tolist() == [0.0, 2.0, 1.5, 2.0]
    row = frame("images", kept).iloc[0]
    assert row[["index", "width", "height", "encoded"]].tolist() == [1, 64, 48, b"\0\0"]
    row = frame("audio", kept).iloc[0]
    assert row[["index", "rate", "encoded"]].tolist() == [1, 44100.0, b"\0\0"]
    row = frame("text", kept).iloc[0]
    assert row[["index", "value"]].tolist() == [1, " 3"]
    files = frame("files", kept)
    assert files[["path", "bytes"]].to_numpy().tolist() == [["/logs/<a>", 0], ["/logs/b", 10]]
    row = frame("progress", kept).iloc[0]
    assert row[["tag", "step", "value", "wall_time"]].tolist() == ["evaluation", 3, 3.0, 0.5]


def test_progress_keeps_units_and_attempts_apart() -> None:
    kept = announced("evals", "stop")
    for attempt in range(2):
        kept.write(Attempt(0.0, attempt))
        for step in (1, 2):
            kept.write(Progress("evals", step, 0.0, 0, 2, "evaluation"))
            kept.write(Progress("stop", step, 0.0, 0, 2))
    made = frame("progress", kept)
    assert made["tag"].tolist() == ["evaluation"] * 4 + ["step"] * 4
    assert made["session"].tolist() == [0, 0, 1, 1] * 2
    assert made["orphaned"].tolist() == [True, True, False, False] * 2


def test_feeds_and_results() -> None:
    for made, names in (
        (frames.feeds(None), ["name", "dtype", "shape"]),
        (frames.results([]), ["name", "value"]),
    ):
        assert (list(made.columns), len(made)) == (names, 0)
    assert str(frames.results([])["value"].dtype) == "object"
    made = frames.feeds(Feeds("mine", None, 0.0, (("x:0", "float32", (2, 3)), ("y:0", "string", None))))
    assert made["name"].tolist() == ["x:0", "y:0"]
    assert made["dtype"].tolist() == ["float32", "string"]
    assert made["shape"].tolist() == [(2, 3), None]
    vector = np.arange(3)
    made = frames.results([("a", 0.5), ("b", vector), ("c", None), ("d", b"x")])
    assert made["value"].dtype == object
    assert made["value"].tolist()[0] == 0.5
    assert made["value"][1] is vector
    assert made["value"][2] is None
    assert isinstance(frames.results([("a", 1), ("b", 2)])["value"][0], int)


# Sessions


class Graph:
    """Something that can be held weakly."""


class Coordinator:
    joined = False

    def should_stop(self) -> bool:
        return False


@pytest.fixture
def openers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the package's openers, which would show sessions on a dashboard."""
    monkeypatch.setattr(registry, "_openers", [])


def running(*hooks: str) -> tuple[Recording, Coordinator]:
    session, coordinator = Recording(), Coordinator()
    for hook in hooks or ("MyHook",):
        session.begin_attempt(coordinator, session.join("steps", hook), lambda: 0)
    session.begin_run(RUN, lambda: 0)
    return session, coordinator


def end_of(session: Recording, how: str) -> None:
    if how == "finished":
        session.leave("MyHook")
    elif how == "interrupted":
        session.die(KeyboardInterrupt())
    else:
        session.die(ValueError("x"))


@pytest.mark.usefixtures("openers")
def test_the_session_of_a_graph_is_found_until_it_ends() -> None:
    graph = Graph()
    assert registry.current(graph) is None
    session = registry.join(graph)
    assert registry.current(graph) is session
    assert registry.current(Graph()) is None
    session.begin_attempt(coordinator := Coordinator(), session.join("steps", "MyHook"), lambda: 0)
    assert registry.current(graph) is session
    session.leave("MyHook")
    assert registry.current(graph) is None
    assert not coordinator.joined


@pytest.mark.parametrize("how", ["finished", "interrupted", "died"])
def test_finishers_are_called_once_whatever_the_end(how: str) -> None:
    session, _coordinator = running()
    calls = []
    session.at_end(lambda: calls.append((1, session.state, session.step)))
    session.at_end(lambda: calls.append((2, session.state, session.step)))
    assert calls == []
    end_of(session, how)
    end_of(session, "died")
    session.cell_ended(ValueError())
    assert calls == [(1, "running", 0), (2, "running", 0)]
    assert session.state == how
    again = Coordinator()  # a slow recovery
    session.begin_attempt(again, "MyHook", lambda: 0)
    session.leave("MyHook")
    assert session.state == "finished"
    assert len(calls) == 2


@pytest.mark.parametrize("how", ["finished", "died"])
def test_a_finisher_that_raises_is_warned_of_and_the_others_run(how: str) -> None:
    session, _coordinator = running()
    calls = []

    def broken() -> None:
        raise ZeroDivisionError("no end")

    for finish in (lambda: calls.append(1), broken, lambda: calls.append(2)):
        session.at_end(finish)
    with pytest.warns(RuntimeWarning, match="ZeroDivisionError: no end"):
        end_of(session, how)
    assert calls == [1, 2]
    assert session.state == how
    faults = [event.detail for _, event in session.store.columns().events if not isinstance(event, State)]
    assert len(faults) == 1
    assert "no end" in faults[0]


def test_what_a_finisher_writes_is_before_the_last_state() -> None:
    session, _coordinator = running()
    session.at_end(lambda: session.write(File("MyHook", "/logs/a", 1, 0.0, 5)))
    versions = []
    session.at_end(lambda: versions.append(session.store.version))
    session.leave("MyHook")
    assert session.store.version == versions[0] + 1
    assert session.store.snapshot().sources[0].files[0].size == 5


def test_a_wait_is_told_and_its_end() -> None:
    session, _coordinator = running()
    session.wait("global step 500")
    state = session.store.snapshot().state
    assert (session.state, state.phase, state.detail) == ("waiting", "waiting", "global step 500")
    assert not session.joinable
    session.wait("")
    state = session.store.snapshot().state
    assert (session.state, state.detail) == ("running", "")
    session.leave("MyHook")
    session.wait("nothing any more")
    assert session.state == "finished"


def test_a_wait_ends_with_the_session() -> None:
    session, _coordinator = running()
    session.wait("global step 500")
    session.die(KeyboardInterrupt())
    assert session.state == "interrupted"


@pytest.mark.parametrize("runs", [0, 1])
def test_a_failure_that_no_run_follows_is_the_end(runs: int) -> None:
    session, _coordinator = running()
    session.fail(OSError("the disk is full"))
    for _ in range(runs):
        session.begin_run(SimpleNamespace(stop_requested=False, original_args=RUN.original_args), lambda: 0)
    session.leave("MyHook")
    state = session.store.snapshot().state
    assert (state.phase, state.detail) == (("finished", "") if runs else ("died", "OSError"))


def test_who_is_in_a_session() -> None:
    session, coordinator = Recording(), Coordinator()
    one, other = session.join("steps", "A"), session.join("steps", "B")
    assert not session.present(one)
    for source in (one, other):
        session.begin_attempt(coordinator, source, lambda: 0)
    assert session.present(one)
    assert not session.present("C")
    session.leave(one)
    assert (session.present(one), session.present(other)) == (False, True)
    coordinator.joined = True
    assert not session.present(other)


@pytest.mark.parametrize("how", ["finished", "died", "gone"])
def test_nobody_is_in_a_session_that_is_over(how: str) -> None:
    session, coordinator = running()
    assert session.present("MyHook")
    if how == "gone":
        del coordinator
        gc.collect()
    else:
        end_of(session, how)
    assert not session.present("MyHook")
