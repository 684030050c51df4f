"""Hyper-parameters and experiments of hostile files: nothing beside them is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from event_files import NAME, hparams, plugin, scalars, start, summary, write
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.util.tensor_util import make_tensor_proto

from nbhooks.replay import load

if TYPE_CHECKING:
    from pathlib import Path

    from tensorboard.compat.proto.event_pb2 import Event

EXPERIMENT = "_hparams_/experiment"


def experiment(data: HParamsPluginData, step: int = 0) -> Event:
    metadata = plugin("hparams")
    metadata["plugin_data"]["content"] = data.SerializeToString()
    return summary(step, tag=EXPERIMENT, metadata=metadata)


@pytest.mark.parametrize("tag", ["loss", "_hparams_/session_start_info", EXPERIMENT])
@pytest.mark.parametrize("count", [1, 10, 64, 65, 200])
def test_scalars_whose_first_names_the_plugin_are_kept(tmp_path: Path, tag: str, count: int) -> None:
    first = summary(0, tag=tag, simple_value=0.5, metadata=plugin("hparams"))
    runs = load(write(tmp_path / NAME, [first, *scalars(range(1, count), tag)]))
    assert runs.scalars["step"].tolist() == list(range(count))
    assert runs.scalars["value"].tolist() == [0.5, *(step / 2 for step in range(1, count))]
    assert len(runs.problems) == len(runs.tensors) == 0


def test_scalars_after_hyper_parameters_of_the_same_tag_are_kept(tmp_path: Path) -> None:
    tag = "_hparams_/session_start_info"
    runs = load(write(tmp_path / NAME, [hparams(rate=0.5), *scalars(range(1, 10), tag)]))
    assert runs.hparams.to_dict("records") == [{"run": ".", "rate": 0.5}]
    assert runs.scalars["step"].tolist() == list(range(1, 10))


def test_tensors_under_the_plugins_name_are_kept_unless_they_are_empty(tmp_path: Path) -> None:
    empty = TensorProto(dtype="DT_FLOAT")
    empty.tensor_shape.dim.add(size=0)
    values = [make_tensor_proto(2.5), make_tensor_proto([1.0, 2.0]), make_tensor_proto([b"x", b"y"]), empty]
    events = [summary(1, tag=f"t{n}", tensor=one, metadata=plugin("hparams")) for n, one in enumerate(values)]
    runs = load(write(tmp_path / NAME, events))
    assert runs.scalars["value"].tolist() == [2.5]
    assert runs.tensors["tag"].tolist() == ["t1", "t2"]
    assert len(runs.problems) == 0


def test_lists_and_groups_of_values_are_kept(tmp_path: Path) -> None:
    data = HParamsPluginData()
    given = data.session_start_info.hparams
    given["sizes"].list_value.extend([3, "x", True, None, [1, []]])
    given["options"].struct_value.update({"a": 1, "b": [2]})
    given["none"].null_value = 0
    given["unset"].Clear()
    runs = load(write(tmp_path / NAME, [experiment(data)]))
    [row] = runs.hparams.to_dict("records")
    assert row == {
        "run": ".",
        "sizes": [3.0, "x", True, None, [1.0, []]],
        "options": {"a": 1.0, "b": [2.0]},
        "none": None,
        "unset": None,
    }


def test_an_experiment_belongs_to_its_session(tmp_path: Path) -> None:
    data = HParamsPluginData()
    data.experiment.hparam_infos.add(name="<b>rate</b>", type=77)
    path = write(
        tmp_path / NAME, [start(90.0), experiment(data), *scalars([1]), start(102.0, 2), experiment(data, 2)]
    )
    frame = load(path).experiments
    assert frame["session"].tolist() == [0, 1]
    assert frame["name"].tolist() == ["<b>rate</b>"] * 2
    assert frame["dtype"].tolist() == [""] * 2  # a type that nobody knows


def test_a_tree_without_experiments_has_an_empty_frame(tmp_path: Path) -> None:
    frame = load(write(tmp_path / NAME, scalars([1]))).experiments
    assert list(frame.columns) == ["run", "session", "name", "kind", "domain", "dtype"]
    dtypes = [str(frame[name].dtype) for name in ("run", "session", "kind")]
    assert dtypes == ["category", "int32", "category"]
    assert len(frame) == 0


def test_only_new_experiments_are_read(tmp_path: Path) -> None:
    data = HParamsPluginData()
    data.experiment.metric_infos.add().name.tag = "loss"
    path = write(tmp_path / NAME, [experiment(data)])
    runs = load(path)
    assert len(runs.experiments) == 1
    write(path, scalars([1]))
    assert len(runs.reload().experiments) == 1
    write(path, [experiment(data)])
    assert runs.reload().experiments["name"].tolist() == ["loss"] * 2
