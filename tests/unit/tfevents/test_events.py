"""Holds the values of events to what their tag was said to be, and senseless ones to a problem each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from event_files import NAME, others, plugin, scalars, summary, write
from tensorboard.util.tensor_util import make_tensor_proto

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path


def test_what_a_tag_is_may_be_written_once(tmp_path: Path) -> None:
    first = summary(1, tag="t", tensor=make_tensor_proto(np.array([b"longer"])), metadata=plugin("text"))
    later = [summary(step, tag="t", tensor=make_tensor_proto(np.array([b"x"]))) for step in (2, 3)]
    path = write(tmp_path / NAME, [first, later[0]])
    runs = load(path)
    assert runs.text["value"].tolist() == ["longer", "x"]
    write(path, later[1:])
    assert runs.reload().text["step"].tolist() == [1, 2, 3]
    assert len(runs.tensors) == 0


def test_senseless_values_are_reported(tmp_path: Path) -> None:
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
