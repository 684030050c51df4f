"""Holds a run's graph to be read when it is asked for, and to say why where it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from event_files import NAME, scalars, write
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.graph_pb2 import GraphDef

from nbhooks.replay import load
from nbhooks.tfevents.checksums import masked

if TYPE_CHECKING:
    from pathlib import Path


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
def test_a_graph_that_cannot_be_read_any_more_is_reported(tmp_path: Path, how: str) -> None:
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
