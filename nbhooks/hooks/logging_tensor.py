"""The values of tensors: LoggingTensorHook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.hooks._tensorflow import IndexedSlicesValue, tf, train
from nbhooks.hooks.base import EAGER, SteppedHook
from nbhooks.model import arrays
from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import Line, Scalar
from nbhooks.model.values import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nbhooks.model.sink import Sink


PLAIN = frozenset({np.float32, np.float64})
"""Types that a real number comes in, but for odd ones."""


class LoggingTensorHook(SteppedHook, train.LoggingTensorHook):
    """``tf.compat.v1.train.LoggingTensorHook``, with a table of the tags and a chart of the scalar ones.

    The table fills whatever the logging verbosity is. Rows carry the global step; where the graph has
    none, the hook's own count of runs.

    Args:
        tensors: tags to tensors (or their names), or just tensors or names.
        every_n_iter: log every so many runs.
        every_n_secs: or every so many seconds.
        at_end: log at the end, too, or only then.
        formatter: makes the log line of a dict of tag to value; its line is shown too.
        dashboard: where to show it; the cell's own dashboard by default.

    Raises:
        ValueError: if no cadence is given, both are, or `every_n_iter` is not positive.

    Example:
        >>> hook = LoggingTensorHook({"loss": "loss:0"}, every_n_iter=10)
    """

    kind = SourceKind.TENSORS
    _formatter: Callable[[dict[str, Any]], str] | None

    def __init__(
        self,
        tensors: Mapping[str, tf.Tensor | str] | Iterable[tf.Tensor | str],
        every_n_iter: int | None = None,
        every_n_secs: float | None = None,
        at_end: bool = False,
        formatter: Callable[[dict[str, Any]], str] | None = None,
        *,
        dashboard: Sink | None = None,
    ) -> None:
        """Take TensorFlow's arguments, and a dashboard."""
        try:
            super().__init__(tensors, every_n_iter, every_n_secs, at_end, formatter)
        except TypeError as error:  # a tensor of eager execution cannot be a key
            if type(error) is TypeError and tf.executing_eagerly():
                raise TypeError(f"{error} {EAGER}") from error
            raise
        self._dashboard = dashboard
        self._line: str | None = None

    def _announce(self) -> dict[str, object]:
        """Return which tags there will be, and which of them may be other than one real number."""
        others = [
            name_of(tag)
            for tag, tensor in self._current_tensors.items()
            if not isinstance(tensor, tf.Tensor)
            or tensor.shape.rank != 0
            or not (tensor.dtype.is_floating or tensor.dtype.is_integer or tensor.dtype.is_bool)
        ]
        return {"tags": tuple(name_of(tag) for tag in self._current_tensors), "others": tuple(others)}

    def _log_tensors(self, tensor_values: dict[Any, Any]) -> None:
        formatter = self._formatter
        if formatter:
            # For the time of this call alone: a hook can be pickled where its formatter can.
            self._formatter = self._keeping_line(formatter)
        try:
            super()._log_tensors(tensor_values)
        finally:
            self._formatter = formatter
        self._observe(self._report_values, tensor_values)

    def _keeping_line(self, formatter: Callable[[dict[str, Any]], str]) -> Callable[[dict[str, Any]], str]:
        def formatted(values: dict[str, Any]) -> str:
            self._line = formatter(values)
            return self._line

        return formatted

    def _report_values(self, tensor_values: dict[Any, Any]) -> None:
        if self._recording is None:
            return
        now, runs = time.time(), self._iter_count + 1
        for tag, value in tensor_values.items():
            self._recording.pending.append(record_of(self._source, name_of(tag), runs, now, value))
        if self._line is not None:
            self._recording.pending.append(Line(self._source, runs, now, str(self._line)))


def name_of(tag: Any) -> str:
    """Give a tag's name: a string as it is, of a tensor its own."""
    if type(tag) is str:  # most are: asking three classes of TensorFlow takes longer than the rest
        return tag
    return str(tag.name) if isinstance(tag, (tf.Tensor, tf.Variable, tf.Operation)) else str(tag)


def record_of(source: str, tag: str, step: int, wall_time: float, value: Any) -> Scalar | Tensor:
    """Make a Scalar of one real number, a Tensor of everything else."""
    if type(value) in PLAIN:  # most are, and need no look at what TensorFlow calls their type
        return Scalar(source, tag, step, wall_time, float(value))
    if isinstance(value, tf.compat.v1.ragged.RaggedTensorValue):
        value = value.flat_values  # its values may be ragged themselves
    elif isinstance(value, (tf.compat.v1.SparseTensorValue, IndexedSlicesValue)):
        value = value.values
    array = np.asarray(value)
    dtype = tf.as_dtype(array.dtype) if array.dtype.kind not in "SU" else tf.string
    if array.ndim == 0 and (dtype.is_floating or dtype.is_integer or dtype.is_bool):
        return Scalar(source, tag, step, wall_time, float(array))
    sampled = array.size > arrays.LARGE
    # A copy: what was fetched is the caller's too, who may write to it while it is being looked at.
    kept = (arrays.sample(array) if sampled else array).copy()
    return Tensor(source, tag, step, wall_time, dtype.name, array.shape, kept, sampled)
