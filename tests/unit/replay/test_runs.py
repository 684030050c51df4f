"""Holds Runs to the contract: runs, filters, growing files, sessions, frames, and whatever can go wrong."""

from __future__ import annotations

import math
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from event_files import NAME, one_of_each, plugin, scalars, start, summary, write
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.util.tensor_util import make_tensor_proto

from nbhooks.replay import Runs, load
from nbhooks.tfevents import files
from nbhooks.tfevents.checksums import masked

if TYPE_CHECKING:
    from collections.abc import Callable

TAGGED = {"run": "category", "session": "int32", "tag": "category", "step": "int64", "wall_time": "float64"}
FRAMES: dict[str, dict[str, str | None]] = {
    "scalars": {
        "run": "category",
        "tag": "category",
        "step": "int64",
        "wall_time": "float64",
        "value": "float64",
        "session": "int32",
        "orphaned": "bool",
    },
    "histograms": {
        **TAGGED,
        "edges": None,  # arrays, bytes and text, whose dtype is pandas' affair
        "counts": None,
        "min": "float64",
        "max": "float64",
        "sum": "float64",
        "sum_squares": "float64",
        "num": "float64",
    },
    "tensors": {**TAGGED, "dtype": None, "shape": None, "value": None},
    "images": {**TAGGED, "index": "int64", "width": "int64", "height": "int64", "encoded": None},
    "audio": {**TAGGED, "index": "int64", "rate": "float64", "encoded": None},
    "text": {**TAGGED, "index": "int64", "value": None},
    "hparams": {"run": None},
    "checkpoints": {
        "run": "category",
        "session": "int32",
        "step": "int64",
        "wall_time": "float64",
        "path": None,
        "bytes": "int64",
        "seconds": "float64",
        "kept": "bool",
    },
    "events": {
        "run": "category",
        "session": "int32",
        "wall_time": "float64",
        "step": "Int64",
        "kind": "category",
        "detail": None,
    },
    "problems": {"file": None, "offset": "int64", "bytes": "int64", "reason": None},
}


def others(runs: Runs) -> list[Any]:
    """What is no scalar, as it is played."""
    return [value for run in runs.names for file in runs.logdir.files(run) for _, value in file.others]


def runs_of(frame: pd.DataFrame) -> list[str]:
    return sorted(set(frame["run"]))


# Runs and their names


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for run in ("a/train", "a/eval", "b/train"):
        write(tmp_path / "logs" / run / NAME, scalars(range(3)))
    (tmp_path / "logs" / "checkpoint").write_text("no event file")
    return tmp_path / "logs"


def test_a_file_is_a_run_of_its_own(tree: Path) -> None:
    assert load(tree / "a/train" / NAME).names == ["."]
    renamed = shutil.copy(tree / "a/train" / NAME, tree / "another name")
    assert load(renamed).scalars["step"].tolist() == [0, 1, 2]


def test_a_folder_is_a_run_of_its_own(tree: Path) -> None:
    runs = load(str(tree / "a/train"))
    assert runs.names == ["."]
    assert runs_of(runs.scalars) == ["."]


def test_runs_are_named_after_their_folders(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = ["a/eval", "a/train", "b/train"]
    assert load(tree).names == runs_of(load(tree).scalars) == expected
    monkeypatch.chdir(tree.parent)
    assert load("logs").names == expected
    assert load("./logs/").names == expected
    monkeypatch.setenv("HOME", str(tree.parent))
    assert load("~/logs").names == expected
    assert list(load(tree).scalars["run"].cat.categories) == expected


def test_a_pattern_names_runs_below_what_comes_before_it(tree: Path) -> None:
    assert load(f"{tree}/*/train").names == ["a/train", "b/train"]
    assert load(f"{tree}/a/*").names == ["eval", "train"]
    assert load(f"{tree}/**/*tfevents*").names == ["a/eval", "a/train", "b/train"]
    assert len(load(f"{tree}/**").scalars) == 9


def test_a_folder_whose_name_is_a_pattern_is_that_folder(tmp_path: Path) -> None:
    write(tmp_path / "lr=[0.1]" / NAME, scalars([1]))
    write(tmp_path / "lr=0" / NAME, scalars([2]))
    assert load(tmp_path / "lr=[0.1]").scalars["step"].tolist() == [1]


def test_links_are_followed_but_not_in_circles(tree: Path) -> None:
    elsewhere = tree.parent / "elsewhere"
    write(elsewhere / "c" / NAME, scalars([1]))
    (tree / "latest").symlink_to(elsewhere)
    before = load(tree).names
    assert before == ["a/eval", "a/train", "b/train", "latest/c"]
    for back, to in (("a/up", ".."), ("a/self", "."), ("b/over", "../a"), ("a/across", "../b")):
        (tree / back).symlink_to(to)
    assert load(tree).names == before


def test_hostile_names_stay_as_they_are(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>".replace("/", "∕"), "a b\n", "'; drop", "%s{}", "ü—\u202e"]  # noqa: RUF001
    for name in names:
        write(tmp_path / name / NAME, [*scalars([1], name), *scalars([2], "\0" + "x" * 5000)])
    runs = load(tmp_path)
    assert runs.names == sorted(names)
    assert set(runs.scalars["tag"]) == {*names, "\0" + "x" * 5000}
    assert set(runs.wide().columns) == {*names, "\0" + "x" * 5000}


# Filters


def test_runs_are_filtered(tree: Path) -> None:
    assert load(tree, runs="a/*").names == ["a/eval", "a/train"]
    assert load(tree, runs=["b/train", "*/eval"]).names == ["a/eval", "b/train"]
    assert load(tree, runs=[]).names == []
    assert load(tree).only("a/eval").names == ["a/eval"]


def test_tags_are_filtered(tmp_path: Path) -> None:
    several = [{"tag": tag, "simple_value": 1.0} for tag in ("a[0]", "a0", "b")]
    path = write(tmp_path / NAME, [Event(step=step, summary=Summary(value=several)) for step in range(200)])
    write(path, [summary(tag=tag, tensor=make_tensor_proto([1.0, 2.0])) for tag in ("a[0]", "b")])
    for pattern, expected in (
        ("a[0]", ["a0", "a[0]"]),
        ("b", ["b"]),
        (["a*", "c"], ["a0", "a[0]"]),
        ("A0", []),
    ):
        runs = load(path, tags=pattern)
        assert Counter(runs.scalars["tag"]) == dict.fromkeys(expected, 200)
        assert set(runs.tensors["tag"]) == set(expected) - {"a0"}


def test_kinds_are_filtered(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, one_of_each())
    kinds = set(FRAMES) - {"events", "problems"}
    whole = load(path)
    for kind in kinds:
        runs = load(path, kinds=kind)
        assert [other for other in sorted(kinds) if len(getattr(runs, other))] == [kind]
        assert len(getattr(runs, kind)) == len(getattr(whole, kind))
    assert {type(value).__name__ for value in others(load(path, kinds=["text", "audio"]))} == {
        "Text",
        "Audio",
    }


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (range(3, 6), [3, 4, 5]),
        (range(0, 10**12, 4), [0, 4, 8]),
        (range(8, 1, -3), [2, 5, 8]),
        (range(0), []),
        (slice(7, None), [7, 8, 9]),
        (slice(None, 3), [0, 1, 2]),
        (slice(1, 8, 3), [1, 4, 7]),
        ({1, 5, 77}, [1, 5]),
        ([9], [9]),
        (np.array([4, 2]), [2, 4]),
        ([], []),
    ],
    ids=str,
)
def test_steps_are_filtered(tmp_path: Path, steps: Any, expected: list[int]) -> None:
    text = [summary(step, tag="t", tensor=make_tensor_proto([1.0, 2.0])) for step in range(10)]
    runs = load(write(tmp_path / NAME, [*scalars(range(10)), *text]), steps=steps)
    assert runs.scalars["step"].tolist() == runs.tensors["step"].tolist() == expected
    assert list(runs.scalars.index) == list(range(len(expected)))


def test_only_the_last_of_what_was_done_twice(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, [start(0), *scalars([1, 2, 3]), start(50), *scalars([2, 3, 4])])
    assert load(path).scalars["orphaned"].tolist() == [False, True, True, False, False, False]
    last = load(path, resolve="last").scalars
    assert last["step"].tolist() == [1, 2, 3, 4]
    assert last["session"].tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kinds": "pictures"}, "'pictures': there are scalars,"),
        ({"kinds": ["text", "x"]}, "'x'"),
        ({"resolve": "first"}, "resolve='first'"),
    ],
)
def test_wrong_arguments_are_told(tree: Path, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load(tree, **wrong)


# Nothing there


@pytest.mark.parametrize("path", ["nowhere", "nowhere/*/train", "logs/*/nothing"])
def test_a_path_that_does_not_exist_is_told(tree: Path, path: str) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is nothing at .*give an event file"):
        load(tree.parent / path)


def check(runs: Runs) -> None:
    for name, dtypes in FRAMES.items():
        frame = getattr(runs, name)
        assert list(frame.columns)[: len(dtypes)] == list(dtypes), name
        assert name == "hparams" or len(frame.columns) == len(dtypes)
        assert isinstance(frame.index, pd.RangeIndex), name
        for column, dtype in dtypes.items():
            assert dtype is None or str(frame[column].dtype) == dtype, (name, column)
        assert getattr(runs, name) is frame  # made once


def test_an_empty_tree_has_empty_frames(tmp_path: Path) -> None:
    runs = load(tmp_path)
    check(runs)
    assert runs.problems["reason"].tolist() == ["no event files: none has 'tfevents' in its name"]
    assert all(len(getattr(runs, name)) == 0 for name in FRAMES if name != "problems")
    assert len(runs.wide()) == 0
    assert runs.names == []
    assert "1 problems" in repr(runs)


def test_an_empty_file_is_told_until_it_is_none(tmp_path: Path) -> None:
    path = write(tmp_path / "run" / NAME, [])
    runs = load(tmp_path)
    check(runs)
    assert runs.names == ["run"]
    assert runs.problems["reason"].tolist() == ["empty"]
    write(path, scalars([1]))
    assert len(runs.reload().scalars) == 1
    assert len(runs.problems) == 0


def test_every_frame_has_its_columns(tmp_path: Path) -> None:
    runs = load(write(tmp_path / NAME, one_of_each()))
    check(runs)
    counts = {name: len(getattr(runs, name)) for name in FRAMES}
    assert counts == dict.fromkeys(FRAMES, 1) | {"scalars": 2, "text": 2, "events": 2, "problems": 0}
    assert runs.histograms["edges"].item().tolist() == [1.0, 1.5, 3.0]
    assert runs.histograms["counts"].item().tolist() == [2, 3]
    assert runs.tensors["value"].item().tolist() == [[0, 1, 2], [3, 4, 5]]
    assert runs.tensors["shape"].item() == (2, 3)
    assert runs.images.loc[0, ["index", "width", "height", "encoded"]].tolist() == [0, 3, 4, b"png"]
    assert runs.audio["rate"].item() == 8000
    assert runs.text["value"].tolist() == ["one", "two"]
    assert runs.text["index"].tolist() == [0, 1]
    assert runs.hparams.to_dict("records") == [
        {"run": ".", "rate": 0.5, "name": "x", "hparam run": "mine", "on": True}
    ]
    assert runs.checkpoints.loc[0, ["step", "path", "bytes", "kept"]].tolist() == [
        7,
        "/nowhere/model-7",
        0,
        False,
    ]
    assert runs.events["kind"].tolist() == ["file", "session started"]
    assert runs.events["step"].isna().tolist() == [True, False]
    assert [type(value).__name__ for value in others(runs)] == [
        "Histogram",
        "Tensor",
        "Image",
        "Audio",
        "Text",
        "Text",
    ]


@pytest.mark.parametrize("told", ["", "\0", "a\0/b", "/", "x" * 5000, "model/*", "../" * 500])
def test_a_checkpoint_may_be_called_anything(tmp_path: Path, told: str) -> None:
    log = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=told)
    frame = load(write(tmp_path / NAME, [Event(step=3, session_log=log)])).checkpoints
    assert frame.loc[0, ["bytes", "kept"]].tolist() == [0, False]


def test_a_checkpoint_that_is_there_has_its_size(tmp_path: Path) -> None:
    for name, size in (("model-3.index", 5), ("model-3.data-0", 7), ("model-30.index", 100)):
        (tmp_path / name).write_bytes(bytes(size))
    log = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=str(tmp_path / "model"))
    frame = load(write(tmp_path / NAME, [Event(step=3, session_log=log)])).checkpoints
    assert frame.loc[0, ["path", "bytes", "kept"]].tolist() == [str(tmp_path / "model-3"), 12, True]


def test_what_a_tag_is_may_be_told_once(tmp_path: Path) -> None:
    first = summary(1, tag="t", tensor=make_tensor_proto(np.array([b"longer"])), metadata=plugin("text"))
    later = [summary(step, tag="t", tensor=make_tensor_proto(np.array([b"x"]))) for step in (2, 3)]
    path = write(tmp_path / NAME, [first, later[0]])
    runs = load(path)
    assert runs.text["value"].tolist() == ["longer", "x"]
    write(path, later[1:])
    assert runs.reload().text["step"].tolist() == [1, 2, 3]
    assert len(runs.tensors) == 0


def test_senseless_values_are_told(tmp_path: Path) -> None:
    histogram = {"min": 1, "max": 3, "num": 5, "bucket_limit": [1.5], "bucket": [2, 3]}
    giant = make_tensor_proto([1.0, 2.0])
    giant.tensor_shape.dim[0].size = 2**40
    senseless = [
        summary(tag="histogram", histo=histogram),
        summary(tag="short", tensor=giant),
        summary(tag="image", tensor=make_tensor_proto(np.array([b"x"] * 3)), metadata=plugin("images")),
        summary(tag="hparams", tensor=make_tensor_proto(1.0), metadata=plugin("hparams")),
    ]
    senseless[-1].summary.value[0].metadata.plugin_data.content = b"\xff"
    runs = load(write(tmp_path / NAME, [*senseless, *scalars([1])]))
    assert len(runs.scalars) == 1
    assert others(runs) == []
    assert len(runs.problems) == len(senseless)
    assert all(reason.startswith("no event: ") for reason in runs.problems["reason"])


def test_a_giant_tensor_of_one_value_takes_no_memory(tmp_path: Path) -> None:
    events = []
    few = TensorProto(dtype="DT_UINT32", uint32_val=[5])
    real, text = (make_tensor_proto(value) for value in (1.0, b"text"))
    for kind, size in ((real, 2**24), (few, 1000), (real, 2**40), (text, 2**40), (text, 2**20)):
        constant = TensorProto()
        constant.CopyFrom(kind)
        constant.tensor_shape.dim.add(size=size)
        events += [summary(tag=str(size), tensor=constant, metadata=plugin("text"))] * 50
    path = write(tmp_path / NAME, [*events, *scalars([1])])
    tracemalloc.start()
    runs = load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**24
    assert len(runs.scalars) == 1
    assert runs.tensors["shape"].tolist() == [(2**24,)] * 50 + [(1000,)] * 50
    assert runs.tensors["value"].iloc[0][-1] == 1.0
    assert runs.tensors["value"].iloc[50].tolist() == [5] * 1000
    assert len(runs.text) == 0
    assert runs.problems["reason"].tolist() == ["no event: ValueError"] * 150


# Faults of the disk


def test_a_dangling_link_is_told(tree: Path) -> None:
    (tree / "a" / NAME).symlink_to("nowhere")
    (tree / f"{NAME}.folder").mkdir()
    runs = load(tree)
    assert runs.problems["reason"].tolist() == ["cannot be read: No such file or directory"]
    assert runs.problems["file"].tolist() == [str(tree / "a" / NAME)]
    assert len(runs.scalars) == 9
    write(tree / "a/nowhere", scalars([1]))
    assert len(runs.reload().scalars) == 10
    assert len(runs.problems) == 0


def test_a_file_that_may_not_be_read_is_tried_again(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked, opened = tree / "a/eval" / NAME, Path.open

    def refuse(path: Path, *rest: Any, **named: Any) -> Any:
        if path == locked:
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        runs = load(tree)
    assert len(runs.scalars) == 6
    assert runs.problems["reason"].tolist() == ["cannot be read: Permission denied"]
    assert len(runs.reload().scalars) == 9
    assert len(runs.problems) == 0


def test_a_read_that_ends_early_goes_on(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system call reads two gigabytes at most."""
    import io

    class Short(io.FileIO):
        def readinto(self, buffer: Any) -> int | None:
            return super().readinto(memoryview(buffer)[:50])

    monkeypatch.setattr(
        Path,
        "open",
        lambda path, _, buffering=-1: Short(path) if buffering == 0 else io.BufferedReader(Short(path), 16),
    )
    assert len(load(tree).scalars) == 9


# Reloading


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Callable[[Runs], int]:
    """Reload, and tell how many bytes were read."""
    sizes: list[int] = []
    frame = files.tfrecord.frame

    def counting(buffer: Any, borders: Any, follows: Any) -> Any:
        sizes.append(sum(end - begin for begin, end in borders))
        return frame(buffer, borders, follows)

    def reload(runs: Runs) -> int:
        sizes.clear()
        runs.reload()
        return sum(sizes)

    monkeypatch.setattr(files.tfrecord, "frame", counting)
    return reload


def test_only_new_bytes_are_read(tree: Path, count: Callable[[Runs], int]) -> None:
    runs, path = load(tree), tree / "a/train" / NAME
    assert count(runs) == 0
    before = path.stat().st_size
    write(path, scalars(range(3, 10)))
    assert count(runs) == path.stat().st_size - before
    assert runs.only("a/train").scalars["step"].tolist() == list(range(10))
    new = write(tree / "c" / NAME, scalars([1]))
    assert count(runs) == new.stat().st_size
    assert runs.names == ["a/eval", "a/train", "b/train", "c"]
    second = write(tree / "c" / "events.out.tfevents.2", scalars([2]))
    assert count(runs) == second.stat().st_size
    assert len(runs.scalars) == 18
    assert len(runs.problems) == 0
    assert count(runs) == 0


def test_a_file_that_grows_byte_by_byte(tmp_path: Path) -> None:
    whole = write(tmp_path / "all", [*scalars(range(4)), *one_of_each()]).read_bytes()
    path = tmp_path / "run" / NAME
    write(path, [])
    runs = load(tmp_path / "run")
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size]) if size < 7 else path.open("ab").write(whole[size - 7 : size])
        runs.reload()
        assert len(runs.problems) == (size == 0)
    with path.open("ab") as file:
        file.write(whole[path.stat().st_size :])
    pd.testing.assert_frame_equal(runs.reload().scalars, load(path).scalars)
    assert len(runs.text) == 2


@pytest.mark.parametrize("how", ["replaced", "shrunk", "grown"])
def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path, how: str) -> None:
    path = write(tmp_path / NAME, scalars(range(10)))
    runs = load(tmp_path)
    if how == "shrunk":
        write(path, scalars([77]), "wb")
    else:
        other = write(tmp_path / "other", scalars([77] if how == "replaced" else range(77, 99)))
        other.replace(path)
    assert runs.reload().scalars["step"].tolist() == ([77] if how != "grown" else list(range(77, 99)))
    assert runs.problems["reason"].tolist() == ["replaced, or shorter than it was: read anew"]


def test_a_file_that_is_gone_stays_loaded(tree: Path) -> None:
    runs = load(tree)
    shutil.rmtree(tree / "b")
    assert len(runs.reload().scalars) == 9


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interrupt_leaves_everything_as_it_was(
    tree: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    runs = load(tree)
    before = runs.scalars.copy()
    for path in tree.rglob(NAME):
        write(path, scalars(range(3, 200)))
    calls, frame = 0, files.tfrecord.frame

    def interrupted(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise error
        return frame(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(files, "BATCH", 100)
        patch.setattr(files.tfrecord, "frame", interrupted)
        with pytest.raises(error):
            runs.reload()
    assert calls == 2
    assert runs.scalars.equals(before)
    assert runs.only("a/eval").scalars["step"].tolist() == [0, 1, 2]
    assert runs.reload().scalars["step"].tolist() == list(range(200)) * 3


@pytest.mark.parametrize(("patience", "shown"), [(0.0, True), (1000.0, False)])
def test_a_load_that_takes_long_shows_how_far_it_is(
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    patience: float,
    shown: bool,  # noqa: FBT001 - pytest's
) -> None:
    from nbhooks.replay import progress

    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setattr(files, "BATCH", 100)
    load(tree)
    assert ("reading events" in capsys.readouterr().err) == shown


@pytest.mark.parametrize("size", [1, 100, 1000])
def test_batches_change_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    write(tree / "c" / NAME, [*one_of_each(), *scalars(range(300))])
    whole = load(tree)
    monkeypatch.setattr(files, "BATCH", size)
    batched = load(tree)
    pd.testing.assert_frame_equal(batched.scalars, whole.scalars)
    pd.testing.assert_frame_equal(batched.text, whole.text)


# Sessions


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


def by_definition(frame: pd.DataFrame) -> list[bool]:
    rows = list(zip(frame["run"], frame["tag"], frame["session"], frame["step"], strict=True))
    firsts: dict[tuple[str, str, int], int] = {}
    for run, tag, session, step in rows:
        firsts[run, tag, session] = min(step, firsts.get((run, tag, session), step))
    return [
        any((run, tag) == key[:2] and key[2] > session and first <= step for key, first in firsts.items())
        for run, tag, session, step in rows
    ]


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
    assert frame["orphaned"].tolist() == by_definition(frame)
    assert frame["session"].max() > 0


def test_wide(tmp_path: Path) -> None:
    write(
        tmp_path / "a" / NAME, [start(0), *scalars([1, 2]), *scalars([2], "acc"), start(9), *scalars([2, 3])]
    )
    lost = {"tag": "nan", "simple_value": math.nan}
    write(tmp_path / "b" / NAME, [*scalars([1, 1]), Event(step=5, summary=Summary(value=[lost]))])
    wide = load(tmp_path).wide()
    assert wide.index.names == ["run", "step"]
    assert list(wide.index) == [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 5)]
    assert sorted(wide.columns) == ["acc", "loss", "nan"]
    np.testing.assert_array_equal(wide["loss"], [0.5, 1.0, 1.5, 0.5, math.nan])
    np.testing.assert_array_equal(wide["acc"], [math.nan, 1.0, math.nan, math.nan, math.nan])
    assert wide["nan"].isna().all()
    assert len(load(tmp_path, tags="acc").wide(orphaned=True)) == 1


def test_the_last_of_several_values_counts_in_wide(tmp_path: Path) -> None:
    values = [1.0, 2.0, math.nan]
    path = write(tmp_path / NAME, [summary(1, tag="loss", simple_value=value) for value in values])
    assert load(path).wide()["loss"].isna().tolist() == [True]
    write(path, [summary(1, tag="loss", simple_value=7.0)])
    assert load(path).wide()["loss"].tolist() == [7.0]


# A writer that dies

# For each line, the size of a buffer and a path, a process writes until it is killed. It is a fork: importing
# what it writes with takes longer than it lives.
WRITERS = """
import os, sys
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
for line in sys.stdin:
    if child := os.fork():
        os.waitpid(child, 0)
        print("killed", flush=True)
        continue
    buffering, path = line.rstrip().split(" ", 1)
    with open(path, "wb", buffering=int(buffering)) as file:
        writer = RecordWriter(file)
        print(os.getpid(), flush=True)
        for step in range(10**9):
            value = Summary.Value(tag="loss" * (step % 50), simple_value=step)
            writer.write(Event(wall_time=step, step=step, summary=Summary(value=[value])).SerializeToString())
"""


@pytest.mark.slow
def test_what_a_killed_writer_left_loads(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - when to kill
    written = [tmp_path / f"{number:02}" / NAME for number in range(50)]
    with subprocess.Popen(
        [sys.executable, "-c", WRITERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writers:
        assert writers.stdin is not None
        assert writers.stdout is not None
        for path in written:
            path.parent.mkdir()
            print(chance.choice(["0", "100", "8192"]), path, file=writers.stdin, flush=True)
            writer = int(writers.stdout.readline())
            time.sleep(chance.random() * 0.1)
            os.kill(writer, signal.SIGKILL)
            assert writers.stdout.readline() == "killed\n"
    runs = load(tmp_path)
    assert set(runs.problems["reason"]) <= {"empty"}
    for number, path in enumerate(written):
        steps = runs.scalars[runs.scalars["run"] == f"{number:02}"]
        assert steps["step"].tolist() == list(range(len(steps)))
        assert steps["value"].tolist() == list(range(len(steps)))
        [file] = runs.logdir.files(f"{number:02}")
        assert path.stat().st_size - file.read < 300
    assert len(runs.scalars) > 1000


# Graphs


def graph_event(*names: str) -> Event:
    graph = GraphDef()
    for name in names:
        graph.node.add(name=name, op="NoOp")
    return Event(wall_time=100.0, graph_def=graph.SerializeToString())


def test_a_graph_is_parsed_when_it_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "a" / NAME, scalars([1]))
    write(tmp_path / "b" / NAME, [graph_event("old"), *scalars([1]), graph_event("new", "er"), *scalars([2])])
    runs = load(tmp_path)
    assert [node.name for node in runs.graph().node] == ["new", "er"]
    assert [node.name for node in runs.graph("b").node] == ["new", "er"]
    for run in ("a", "none such"):
        with pytest.raises(KeyError, match=rf"of a run '{run}'; these have one: 'b'"):
            runs.graph(run)
    with pytest.raises(KeyError, match="no run has a graph"):
        runs.only("a").graph()


@pytest.mark.parametrize("how", ["damaged", "cut", "gone", "claims", "senseless"])
def test_a_graph_that_cannot_be_read_any_more_is_told(tmp_path: Path, how: str) -> None:
    path = write(tmp_path / NAME, [graph_event("one" * 100)])
    runs = load(tmp_path)
    whole = path.read_bytes()
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(whole[:-9])
    elif how == "claims":  # a length that is right by its checksum, and far beyond the file
        length = (2**60).to_bytes(8, "little")
        path.write_bytes(length + masked(length).to_bytes(4, "little") + whole[12:])
    elif how == "damaged":
        path.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
    else:
        write(path, [Event(graph_def=b"\xff" * 20)], "wb")
    with pytest.raises(ValueError, match=f"the graph in '{path}' (cannot be read|is damaged)"):
        runs.graph()


# What a review found


def test_wide_asks_for_the_scalars_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two times another thread may have read on."""
    runs, asked = load(tree), []
    scalars_of = Runs.scalars.fget
    assert scalars_of is not None

    def asking(self: Runs) -> pd.DataFrame:
        asked.append(self)
        return scalars_of(self)

    monkeypatch.setattr(Runs, "scalars", property(asking))
    assert len(runs.wide()) == 9
    assert len(asked) == 1


def test_what_was_not_asked_for_is_not_kept(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, one_of_each() * 100)
    assert others(load(path, kinds="scalars")) == []
    assert {type(value).__name__ for value in others(load(path, kinds=["images", "text"]))} == {
        "Image",
        "Text",
    }
    [file] = load(path, kinds="text").logdir.files(".")
    assert file.parts == []


def test_the_largest_step_there_is_may_be_the_last(tmp_path: Path) -> None:
    write(tmp_path / NAME, scalars([1]))
    write(tmp_path / "events.out.tfevents.2", [summary(2**63 - 1, tag="loss", simple_value=1.0)])
    runs = load(tmp_path)
    assert runs.scalars["session"].tolist() == [0, 1]
    assert runs.scalars["orphaned"].tolist() == [False, False]


def test_a_folder_that_may_not_be_looked_into_is_a_problem(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refusing(path: str) -> Any:
        if str(path).endswith("b"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refusing)
        runs = load(tree)
    assert runs.names == ["a/eval", "a/train"]
    [problem] = runs.problems.to_dict("records")
    assert (problem["file"], problem["reason"]) == (str(tree / "b"), "cannot be read: Permission denied")
    assert len(runs.reload().problems) == 0


def test_a_recording_whose_clock_went_wrong_is_played_all_the_same(tmp_path: Path) -> None:
    from nbhooks.replay import play

    class Sink:
        records: list[Any] = []  # noqa: RUF012 - one test, one list

        def write(self, record: Any) -> None:
            self.records.append(record)

    events = scalars(range(6))
    events[1].wall_time, events[3].wall_time, events[4].wall_time = math.nan, math.inf, 1e300
    waited: list[float] = []
    play(load(write(tmp_path / NAME, events)), Sink(), speed=1, sleep=waited.append)
    steps = [record.step for record in Sink.records if type(record).__name__ == "Scalar"]
    assert steps == list(range(6))
    assert waited
    assert max(waited) <= 3600


def test_a_file_replaced_by_a_damaged_one_tells_both(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, scalars(range(10)))
    runs = load(tmp_path)
    other = write(tmp_path / "other", scalars([7]))
    other.write_bytes(b"\1" * 50 + other.read_bytes())
    other.replace(path)
    assert runs.reload().scalars["step"].tolist() == [7]
    told = runs.problems[["offset", "bytes", "reason"]].to_numpy().tolist()
    assert told == [
        [0, 0, "replaced, or shorter than it was: read anew"],
        [0, 50, "length checksum"],
    ]
