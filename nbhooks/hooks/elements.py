"""Names and structures of fetches and feeds, as the tensors and operations of a graph that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import tf
from nbhooks.model.commands import RefusedError
from nbhooks.model.conditions import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def tensor_of(graph: tf.Graph, name: str) -> tf.Tensor:
    """Find a tensor.

    Args:
        graph: where it is.
        name: its name, with or without ``":0"``.

    Raises:
        RefusedError: where there is none; the message says why.
    """
    try:
        element = graph.as_graph_element(name if ":" in name else f"{name}:0")
    except (KeyError, ValueError) as error:
        raise RefusedError(_why_missing(graph, name)) from error
    if not isinstance(element, tf.Tensor):
        raise RefusedError(f"{name} is an operation, and an operation has no value: name one of its outputs")
    return element


def values_of(graph: tf.Graph, name: str) -> list[tf.Tensor]:
    """Find the tensors that have the value of a tensor, or of a variable: of that, all that read it.

    Raises:
        RefusedError: where there is none.
    """
    tensor = tensor_of(graph, name)
    if tensor.dtype.base_dtype == tf.resource:
        reading = [user.outputs[0] for user in tensor.consumers() if user.type == "ReadVariableOp"]
        return reading or [tensor]
    return [tensor]


def _why_missing(graph: tf.Graph, name: str) -> str:
    operation, _, output = name.partition(":")
    try:
        found = graph.get_operation_by_name(operation)
    except (KeyError, ValueError):
        return (
            f"the graph has no tensor {name!r}; a tensor goes by its operation, as in 'loss' or 'loss:0'. "
            "What a tf.function, a tf.cond or a loop of TensorFlow 2 computes within is not in the graph"
        )
    count = len(found.outputs)
    if not count:
        return f"{name} is an operation without an output ({found.type}), so it has no value"
    return f"{operation} has {count} output{'s' if count > 1 else ''}, from 0, and none {output!r}"


def flattened(graph: tf.Graph, fetches: Any) -> Iterator[Any]:
    """Yield each tensor and operation of what is fetched, in whatever structure it is.

    Raises:
        KeyError, TypeError, ValueError: where TensorFlow could not fetch it either.
    """
    for leaf in tf.nest.flatten(fetches):
        if isinstance(leaf, (tf.Variable, str)) or not isinstance(leaf, tf.__internal__.CompositeTensor):
            yield graph.as_graph_element(leaf, allow_tensor=True, allow_operation=True)
        else:
            for part in tf.nest.flatten(leaf, expand_composites=True):
                yield graph.as_graph_element(part)


def fed(graph: tf.Graph, feeds: Iterable[Any] | None) -> set[str]:
    """Return the names of the tensors that the keys of a feed stand for; of a sparse one its parts."""
    names: set[str] = set()
    for key in feeds or ():
        names.update(element.name for element in flattened(graph, key))
    return names


def short(tensor: Any) -> str:
    """Return the name of a tensor or an operation without ``":0"``."""
    return plain(str(tensor.name))


def shape_of(tensor: tf.Tensor) -> str:
    """Write the shape as far as it is known, as in ``"(?, 10)"``."""
    if tensor.shape.rank is None:
        return "?"
    lengths = ["?" if length is None else str(length) for length in tensor.shape.as_list()]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"
