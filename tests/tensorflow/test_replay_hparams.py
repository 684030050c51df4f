"""Hyper-parameters and experiments as TensorBoard's and tensorboardX' own writers write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tensorboardX
import tensorflow as tf
from tensorboard.plugins.hparams import api as hp

from nbhooks.replay import Runs, load

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.tensorflow


def experiments(runs: Runs) -> list[tuple[Any, ...]]:
    frame = runs.experiments
    assert list(frame.columns) == ["run", "session", "name", "kind", "domain", "dtype"]
    assert str(frame["session"].dtype) == "int32"
    return list(frame.itertuples(index=False, name=None))


def test_tensorflow_2(tmp_path: Path) -> None:
    given = [
        hp.HParam("rate", hp.RealInterval(0.0, 1.0)),
        hp.HParam("layers", hp.IntInterval(1, 5)),
        hp.HParam("kind", hp.Discrete(["x", "y"])),
        hp.HParam("deep", hp.Discrete([False, True])),
        hp.HParam("anything"),
    ]
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        hp.hparams_config(
            hparams=given, metrics=[hp.Metric("accuracy"), hp.Metric("loss", group="validation")]
        )
    runs = load(tmp_path)
    assert experiments(runs) == [
        (".", 0, "rate", "hparam", (0.0, 1.0), "float64"),
        (".", 0, "layers", "hparam", (1.0, 5.0), "float64"),
        (".", 0, "kind", "hparam", ["x", "y"], "string"),
        (".", 0, "deep", "hparam", [False, True], "bool"),
        (".", 0, "anything", "hparam", None, ""),
        (".", 0, "accuracy", "metric", None, "float64"),
        (".", 0, "validation/loss", "metric", None, "float64"),
    ]
    assert len(runs.problems) == len(runs.tensors) == len(runs.scalars) == len(runs.hparams) == 0


def test_tensorboardx(tmp_path: Path) -> None:
    with tensorboardX.SummaryWriter(str(tmp_path)) as writer:
        writer.add_hparams({"rate": 0.5, "kind": "x", "deep": True}, {"accuracy": 0.25}, name="tried")
    runs = load(tmp_path)
    assert experiments(runs) == [
        ("tried", 0, "rate", "hparam", None, "float64"),
        ("tried", 0, "kind", "hparam", None, "string"),
        ("tried", 0, "deep", "hparam", None, "bool"),
        ("tried", 0, "accuracy", "metric", None, "float64"),
    ]
    assert runs.hparams.to_dict("records") == [{"run": "tried", "rate": 0.5, "kind": "x", "deep": True}]
    assert runs.scalars["value"].tolist() == [0.25]


def test_they_are_there_where_hyper_parameters_are_asked_for(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        hp.hparams_config(hparams=[hp.HParam("rate")], metrics=[])
    assert len(load(tmp_path, kinds=["hparams"]).experiments) == 1
    assert len(load(tmp_path, kinds=["scalars"]).experiments) == 0


def test_a_hyper_parameter_that_is_called_as_a_column(tmp_path: Path) -> None:
    given = {"run": "mine", "hparam run": "theirs", "step": "first", "orphaned": True, "session": 3}
    with tf.summary.create_file_writer(str(tmp_path / "a")).as_default():
        hp.hparams(given)
    expected = {"run": "a", "hparam run": "mine", "hparam hparam run": "theirs", "step": "first"}
    expected |= {"orphaned": True, "session": 3.0}
    for asked in ({}, {"steps": range(5)}, {"resolve": "last"}):
        assert load(tmp_path, **asked).hparams.to_dict("records") == [expected]
