"""What stands in for TensorFlow where a recording is tested without it."""

from __future__ import annotations

from types import SimpleNamespace

RUN = SimpleNamespace(stop_requested=False, original_args=SimpleNamespace(fetches="train_op"))
"""The run context of a run that fetches what trains."""


class Graph:
    """Something that can be held weakly."""


class Coordinator:
    """The coordinator of a session that goes on until it has `joined`."""

    joined = False

    def should_stop(self) -> bool:
        return False
