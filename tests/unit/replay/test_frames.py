"""Holds the frames of saved runs to the contract, whether there is much in them or nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from event_files import NAME, one_of_each, others, scalars, start, summary, write
from frame_contract import SAVED, hold
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from nbhooks.replay import Runs, load

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pytest


def check(runs: Runs) -> None:
    for name in SAVED:
        frame = hold(name, getattr(runs, name))
        assert getattr(runs, name) is frame  # made once


def test_an_empty_tree_has_empty_frames(tmp_path: Path) -> None:
    runs = load(tmp_path)
    check(runs)
    assert runs.problems["reason"].tolist() == ["no event files: none has 'tfevents' in its name"]
    assert all(len(getattr(runs, name)) == 0 for name in SAVED if name != "problems")
    assert len(runs.wide()) == 0
    assert runs.names == []
    assert "1 problems" in repr(runs)


def test_an_empty_file_is_reported_until_it_is_none(tmp_path: Path) -> None:
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
    counts = {name: len(getattr(runs, name)) for name in SAVED}
    assert counts == dict.fromkeys(SAVED, 1) | {"scalars": 2, "text": 2, "events": 2, "problems": 0}
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


# Wide


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
