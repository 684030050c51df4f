"""The names of a graph's tensors, to complete what somebody types."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbhooks.hooks._tensorflow import tf

MOST = 20
"""Names that are offered."""


class NameIndex:
    """Finds names that contain a text, the shortest first. Does not keep the graph alive.

    Args:
        graph: whose operations are looked at. It is looked through again when it has grown.
    """

    def __init__(self, graph: tf.Graph) -> None:
        self._graph = weakref.ref(graph)
        self._names: list[tuple[str, str]] = []  # in lower case, and as they are
        self._version: Any = None

    def find(self, text: str) -> tuple[str, ...]:
        """Return at most `MOST` names of tensors that contain a text, in whatever case.

        Args:
            text: hostile; nothing but a part of a name.
        """
        graph = self._graph()
        if graph is None:
            return ()
        if graph.version != self._version:
            self._version = graph.version
            names = [operation.name for operation in graph.get_operations()]
            # The shortest are those of the model; gradients and savers repeat them in longer ones.
            self._names = sorted(((name.lower(), name) for name in names), key=lambda pair: len(pair[0]))
        sought, found = text.lower().removesuffix(":0"), []
        for lower, name in self._names:
            if sought in lower and graph.get_operation_by_name(name).outputs:
                found.append(name)
                if len(found) == MOST:
                    break
        return tuple(found)
