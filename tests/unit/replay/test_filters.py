"""Holds what is loaded to what was asked for: runs, tags, kinds, steps, the last of what was done twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from event_files import NAME, one_of_each, others, scalars, start, summary, write
from frame_contract import SAVED
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.util.tensor_util import make_tensor_proto

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path


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
    kinds = set(SAVED) - {"events", "problems"}
    whole = load(path)
    for kind in kinds:
        runs = load(path, kinds=kind)
        assert [other for other in sorted(kinds) if len(getattr(runs, other))] == [kind]
        assert len(getattr(runs, kind)) == len(getattr(whole, kind))
    assert {type(value).__name__ for value in others(load(path, kinds=["text", "audio"]))} == {
        "Text",
        "Audio",
    }


def test_what_was_not_asked_for_is_not_kept(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, one_of_each() * 100)
    assert others(load(path, kinds="scalars")) == []
    assert {type(value).__name__ for value in others(load(path, kinds=["images", "text"]))} == {
        "Image",
        "Text",
    }
    [file] = load(path, kinds="text").logdir.files(".")
    assert file.parts == []


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
    ("wrong", "message"),
    [
        ({"kinds": "pictures"}, "'pictures': there are scalars,"),
        ({"kinds": ["text", "x"]}, "'x'"),
        ({"resolve": "first"}, "resolve='first'"),
    ],
)
def test_wrong_arguments_are_reported(tree: Path, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(tree, **wrong)
