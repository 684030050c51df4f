"""Scalars from the user's own hooks: report() adds one to the board."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any, SupportsFloat

import numpy as np

from nbhooks.hooks._tensorflow import tf
from nbhooks.model import registry
from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import Scalar

if TYPE_CHECKING:
    import numpy.typing as npt


def report(tag: str, value: SupportsFloat, step: int | None = None) -> None:
    """Add a scalar to the recording of the default graph, from a hook of your own or from the loop.

    It is shown in a table with a chart, like logged tensors, and is among the board's `scalars`. Where no
    session is watched it is warned once, and nothing else happens.

    Args:
        tag: its name.
        value: one real number: Python's, NumPy's, or an array of one element.
        step: the global step it belongs to; by default that of the run at hand.

    Raises:
        TypeError: if `value` is not one real number.

    Example:
        >>> class Norm(tf.compat.v1.train.SessionRunHook):
        ...     def before_run(self, run_context):
        ...         return tf.compat.v1.train.SessionRunArgs("norm:0")
        ...
        ...     def after_run(self, run_context, run_values):
        ...         report("norm", run_values.results)
    """
    number = _number(tag, value)
    recording = registry.current(tf.compat.v1.get_default_graph())
    if recording is None:
        warnings.warn(
            f"report({str(tag)!r}, …) found no session that has hooks of nbhooks: open one with "
            "nbhooks.MonitoredTrainingSession or with a hook of nbhooks, and report while its graph is the "
            "default graph, in the thread that runs it",
            RuntimeWarning,
            stacklevel=2,
        )
        return
    if not recording.reporter:
        recording.reporter = recording.join(SourceKind.TENSORS, "report")
    if step is None:
        recording.pending.append(Scalar(recording.reporter, str(tag), 0, time.time(), number))
    else:
        recording.write(Scalar(recording.reporter, str(tag), int(step), time.time(), number))


def _number(tag: str, value: SupportsFloat) -> float:
    given = type(value).__name__
    try:
        array = np.asarray(value)
        given = f"{given} of shape {array.shape} and dtype {array.dtype}"
        if array.size == 1 and _real(array):
            return float(array.reshape(()))
    except (NotImplementedError, TypeError, ValueError):
        pass  # it cannot even become an array, such as a tensor that no run has fetched
    raise TypeError(f"report({str(tag)!r}, …) takes one real number, not {given}")


def _real(array: npt.NDArray[Any]) -> bool:
    """Whether the element is a real number. NumPy would make one of a word, too."""
    if array.dtype.kind == "O":
        return hasattr(array.item(), "__float__")
    if array.dtype.kind == "V":  # bfloat16 and its like
        dtype = tf.as_dtype(array.dtype)
        return bool(dtype.is_floating or dtype.is_integer)
    return array.dtype.kind in "biuf"
