"""What an event of few bytes may cost: constant tensors stay constant, and senseless sizes are a problem."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from event_files import NAME, plugin, scalars, summary, write
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.util.tensor_util import make_tensor_proto

from nbhooks.replay import Runs, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tensorboard.compat.proto.event_pb2 import Event

GIANT = (5_592_405, 3)


def constant(shape: tuple[int, ...]) -> TensorProto:
    made = TensorProto(dtype="DT_FLOAT", float_val=[1.0])
    for size in shape:
        made.tensor_shape.dim.add(size=size)
    return made


def giants(count: int) -> list[Event]:
    return [
        summary(step, tag="weights", tensor=constant(GIANT), metadata=plugin("histograms"))
        for step in range(count)
    ]


def peak(act: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_giant_histogram_of_one_value_takes_no_memory(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, [*giants(10), *scalars([1])])
    pd.DataFrame()  # its first one takes memory of its own
    frames: list[Any] = []
    assert peak(lambda: frames.extend([(runs := load(path)), runs.histograms, runs.tensors])) < 2**23
    runs, histograms, tensors = frames
    # It is no histogram, since its bins are not written; what it is is kept.
    assert len(histograms) == 0
    assert tensors["shape"].tolist() == [GIANT] * 10
    assert tensors["value"].iloc[0][-1].tolist() == [1.0] * 3
    assert len(runs.problems) == 0


LIMITED = """
import resource, sys
from nbhooks.replay import load
import pandas
resource.setrlimit(resource.RLIMIT_AS, (int(open("/proc/self/statm").read().split()[0]) * 4096 + 2**28,) * 2)
runs = load(sys.argv[1])
print(len(runs.scalars), len(runs.tensors), len(runs.problems))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits its own memory, as Linux can")
def test_sixty_of_them_under_a_limit_lose_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, [*giants(60), *scalars([1])])
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["1", "60", "0"], done.stderr


def test_a_small_histogram_of_one_value_is_one(tmp_path: Path) -> None:
    tensor = constant((30, 3))
    runs = load(write(tmp_path / NAME, [summary(tag="h", tensor=tensor, metadata=plugin("histograms"))]))
    [row] = runs.histograms.to_dict("records")
    assert row["counts"].tolist() == [1.0] * 30
    assert (row["num"], row["min"], row["max"]) == (30, 1, 1)


def test_a_histogram_of_many_bins_that_are_written_is_one(tmp_path: Path) -> None:
    rows = np.arange(30_000, dtype=np.float32).reshape(-1, 3)
    tensor = make_tensor_proto(rows)
    runs = load(write(tmp_path / NAME, [summary(tag="h", tensor=tensor, metadata=plugin("histograms"))]))
    assert len(runs.histograms["counts"].item()) == 10_000


def test_many_giant_tensors_of_one_value_are_cheap(tmp_path: Path) -> None:
    events = [summary(1, tag=f"t{number}", tensor=constant((2**24,))) for number in range(200)]
    path = write(tmp_path / NAME, events)
    frames: list[Any] = []
    assert peak(lambda: frames.append(load(path).tensors)) < 2**23
    assert frames[0]["shape"].tolist() == [(2**24,)] * 200
    assert all(value.strides == (0,) for value in frames[0]["value"])


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


@pytest.mark.parametrize("dtype", ["DT_HALF", "DT_COMPLEX64", "DT_BOOL", "DT_BFLOAT16", "DT_UINT64"])
def test_constants_of_every_dtype(tmp_path: Path, dtype: str) -> None:
    given: dict[str, Any] = {
        "DT_HALF": {"half_val": [0x3C00]},
        "DT_COMPLEX64": {"scomplex_val": [1.0, 0.0]},
        "DT_BOOL": {"bool_val": [True]},
        "DT_BFLOAT16": {"half_val": [0x3F80]},
        "DT_UINT64": {"uint64_val": [1]},
    }[dtype]
    tensor = TensorProto(dtype=dtype, **given)
    tensor.tensor_shape.dim.add(size=2**24)
    path = write(tmp_path / NAME, [summary(1, tag="t", tensor=tensor)] * 20)
    frames: list[Any] = []
    assert peak(lambda: frames.append(load(path).tensors)) < 2**23
    assert [value[-1] for value in frames[0]["value"]] == [1] * 20


# Images and what is counted


def images(runs: Runs) -> list[tuple[int, int, int]]:
    return list(runs.images[["step", "width", "height"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("width", [b"9" * 30, b"9" * 5000, b"-1", b"2147483648", b"wide", b""])
def test_an_image_of_a_senseless_size_is_a_problem(tmp_path: Path, width: bytes) -> None:
    sizes = [b"3", width, b"5"]
    events = [
        summary(
            step, tag="i", tensor=make_tensor_proto(np.array([one, b"4", b"png"])), metadata=plugin("images")
        )
        for step, one in enumerate(sizes)
    ]
    runs = load(write(tmp_path / NAME, [*events, *scalars([1])]))
    assert images(runs) == [(0, 3, 4), (2, 5, 4)]
    assert len(runs.scalars) == 1
    assert len(runs.problems) == 1


@pytest.mark.parametrize("kind", ["text", "images", "audio"])
def test_a_million_empty_strings_in_one_event(tmp_path: Path, kind: str) -> None:
    tensor = TensorProto(dtype="DT_STRING", string_val=[b"1", b"2", *[b""] * 1_000_000])
    tensor.tensor_shape.dim.add(size=len(tensor.string_val))
    path = write(tmp_path / NAME, [summary(tag="t", tensor=tensor, metadata=plugin(kind)), *scalars([1])])
    loaded: list[Runs] = []
    assert peak(lambda: loaded.append(load(path))) < 30 * path.stat().st_size
    [runs] = loaded
    assert len(runs.text) == len(runs.images) == len(runs.audio) == len(runs.tensors) == 0
    assert len(runs.scalars) == 1
    [problem] = runs.problems.to_dict("records")
    what = {"text": "texts", "images": "images", "audio": "sounds"}[kind]
    assert problem["reason"].startswith("no event: ")
    assert f"{what} in one value" in problem["reason"]
    assert problem["bytes"] > 2_000_000


def test_a_large_table_of_text_is_kept(tmp_path: Path) -> None:
    cells = np.array([b"cell"] * 10_000).reshape(100, 100)
    event = summary(tag="t", tensor=make_tensor_proto(cells), metadata=plugin("text"))
    runs = load(write(tmp_path / NAME, [event]))
    assert runs.text["index"].tolist() == list(range(10_000))
