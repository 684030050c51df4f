"""What a run gives and the files it leaves, as plain data that is equal when the run is the same."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework.graph_pb2 import GraphDef
from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

v1 = tf.compat.v1


def files_in(directory: Path) -> Iterator[tuple[str, Any]]:
    """Yield each file's name and what it holds."""
    for path in directory.rglob("*"):
        if path.is_file():
            yield _event_file_masked(path.relative_to(directory).as_posix()), _content(path)


def _content(path: Path) -> Any:
    """Return what a file holds, as plain data."""
    if "tfevents" in path.name:
        return [_event(event) for event in v1.train.summary_iterator(str(path))]
    if path.name.startswith("timeline-"):  # all of it is times and where they were spent
        return bool(json.loads(path.read_text())["traceEvents"])
    if path.suffix == ".pbtxt":
        return _functions_masked(path.read_text())
    if path.suffix == ".meta":
        return _meta_graph_text(MetaGraphDef.FromString(path.read_bytes()))
    if path.suffix == ".index":
        reader = tf.train.load_checkpoint(str(path.with_suffix("")))
        return {name: plain(reader.get_tensor(name)) for name in reader.get_variable_to_shape_map()}
    # Of the tensors' data the size: it is read through the index.
    return path.read_text() if path.name == "checkpoint" else path.stat().st_size


def _event(event: Any) -> tuple[str, ...]:
    """Return an event without its wall time."""
    graph, meta_graph = "", ""
    if event.HasField("graph_def"):
        graph = _graph_text(GraphDef.FromString(event.graph_def))
        event.graph_def = b""
    if event.HasField("meta_graph_def"):
        meta_graph = _meta_graph_text(MetaGraphDef.FromString(event.meta_graph_def))
        event.meta_graph_def = b""
    event.ClearField("wall_time")
    if event.HasField("tagged_run_metadata"):  # times, too
        event.tagged_run_metadata.run_metadata = b"#" * bool(event.tagged_run_metadata.run_metadata)
    return text_format.MessageToString(event), graph, meta_graph


@lru_cache(maxsize=32)
def _text(kind: Any, serialized: bytes) -> str:
    """Return a message as text. Remembered, since each checkpoint comes with the whole graph again."""
    return text_format.MessageToString(kind.FromString(serialized))


def _graph_text(graph: Any) -> str:
    """Return a graph as text."""
    return _functions_masked(_text(GraphDef, graph.SerializeToString(deterministic=True)))


def _meta_graph_text(meta_graph: Any) -> str:
    """Return a meta graph as text."""
    graph = _graph_text(meta_graph.graph_def)
    meta_graph.graph_def.Clear()
    rest = _text(MetaGraphDef, meta_graph.SerializeToString(deterministic=True))
    return "\n".join([_functions_masked(rest), graph])


def _functions_masked(graph: str) -> str:
    """Replace the numbers that functions are named by, which a process never begins anew, and sort them."""
    graph = re.sub(r"(_cond_(?:true|false))_\d+", r"\1_#", graph)
    function = re.compile(r"^  function \{\n.*?^  \}\n", re.MULTILINE | re.DOTALL)
    return "".join([function.sub("", graph), *sorted(function.findall(graph))])


def _event_file_masked(name: str) -> str:
    return re.sub(r"(events\.out\.tfevents)\..*", r"\1", name)  # the rest is the time and the machine


def plain(value: Any) -> Any:
    """Return what a run gave as text that is equal only if the values are: NaN too, and to the last bit."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if value is None:
        return None
    array = np.asarray(value)
    return f"{array.dtype} {array.shape} {array.tolist()!r}"


def names(fetches: Any) -> list[str]:
    """Return the names of all that was asked for, sorted."""
    if fetches is None:
        return []
    if isinstance(fetches, dict):
        return names(list(fetches.values()))
    if isinstance(fetches, list | tuple):
        return sorted(name for item in fetches for name in names(item))
    return [getattr(fetches, "name", str(fetches))]
