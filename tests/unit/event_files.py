"""Event files as the tests of replay write them, and the values that are read from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util.tensor_util import make_tensor_proto

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nbhooks.replay import Runs

NAME = "events.out.tfevents.1"


def write(path: Path, events: Iterable[Event], mode: str = "ab") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode) as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString())
    return path


def scalars(steps: Iterable[int], tag: str = "loss", begin: float = 100.0) -> list[Event]:
    return [
        Event(
            wall_time=begin + step, step=step, summary=Summary(value=[{"tag": tag, "simple_value": step / 2}])
        )
        for step in steps
    ]


def write_runs(folder: Path, count: int) -> Path:
    """Write runs of ten steps each, named run 00, run 01 and so on."""
    for number in range(count):
        write(folder / f"run {number:02}" / NAME, scalars(range(10)))
    return folder


def summary(step: int = 1, **value: Any) -> Event:
    return Event(wall_time=100.0 + step, step=step, summary=Summary(value=[value]))


def metadata(name: str = "scalars", **more: Any) -> dict[str, Any]:
    return {**plugin(name), **more}


def content(value: float, dtype: int = 1, written: str = "<f4") -> TensorProto:
    """Write a scalar as the writers of TensorFlow 2 do; tests/tensorflow holds the bytes equal to theirs."""
    tensor = TensorProto(dtype=dtype, tensor_content=np.array(value, written).tobytes())
    tensor.tensor_shape.SetInParent()
    return tensor


def of_tensorflow_2(steps: Iterable[int], tag: str = "loss", **more: Any) -> list[Event]:
    return [summary(step, tag=tag, tensor=content(step / 2), metadata=metadata(**more)) for step in steps]


def start(wall_time: float, step: int = 0) -> Event:
    return Event(wall_time=wall_time, step=step, session_log=SessionLog(status=SessionLog.START))


def plugin(name: str) -> dict[str, Any]:
    return {"plugin_data": {"plugin_name": name}}


def hparams(**given: Any) -> Event:
    data = HParamsPluginData()
    for name, value in given.items():
        kind = {str: "string_value", bool: "bool_value", float: "number_value"}[type(value)]
        setattr(data.session_start_info.hparams[name], kind, value)
    metadata = {"plugin_data": {"plugin_name": "hparams", "content": data.SerializeToString()}}
    return summary(0, tag="_hparams_/session_start_info", metadata=metadata)


def one_of_each() -> list[Event]:
    wav = b"RIFF" + bytes(20) + (8000).to_bytes(4, "little") + b"data"
    histogram = {"min": 1, "max": 3, "num": 5, "sum": 9, "bucket_limit": [1.5, 1e9], "bucket": [2, 3]}
    image = {"width": 3, "height": 4, "encoded_image_string": b"png"}
    log = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path="/nowhere/model")
    return [
        *scalars([1, 2]),
        summary(tag="histogram", histo=histogram),
        summary(tag="tensor", tensor=make_tensor_proto(np.arange(6.0).reshape(2, 3))),
        summary(tag="image", image=image),
        summary(tag="sound", audio={"sample_rate": 8000.0, "encoded_audio_string": wav}),
        summary(tag="text", tensor=make_tensor_proto(np.array([b"one", b"two"])), metadata=plugin("text")),
        hparams(rate=0.5, name="x", run="mine", on=True),
        Event(wall_time=110.0, step=7, session_log=log),
        start(120.0, 2),
    ]


def others(runs: Runs) -> list[Any]:
    """The values of all runs that are no scalars, as records."""
    return [value for run in runs.names for file in runs.logdir.files(run) for _, value in file.others]
