"""What is fed: FeedFnHook."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbhooks import frames
from nbhooks.hooks._tensorflow import tf, train
from nbhooks.hooks.base import NotebookHook
from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import Feeds

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from nbhooks.model.sink import Sink

EVERY = 0.1
"""Seconds from one look at what is fed to the next at the least; the last feed is always reported."""

DEEP = 32
"""Dimensions that are looked for in nested lists."""

THEIRS = train.FeedFnHook
"""TensorFlow's, which `installed` replaces in its module."""


class FeedFnHook(NotebookHook, train.FeedFnHook):
    """``tf.compat.v1.train.FeedFnHook``, with a table of the tensors that were fed last.

    Args:
        feed_fn: called before each run without arguments; returns a dict of tensors to values.
        dashboard: where to show it; the cell's own dashboard by default.

    Example:
        >>> hook = FeedFnHook(lambda: {"x:0": [1.0, 2.0]})
    """

    kind = SourceKind.FEEDS

    def __init__(
        self, feed_fn: Callable[[], Mapping[Any, Any] | None], *, dashboard: Sink | None = None
    ) -> None:
        """Take TensorFlow's argument, and a dashboard."""
        super().__init__(feed_fn)
        self._dashboard = dashboard
        self._fed: Mapping[Any, Any] | None = None  # what was fed last
        self._looked_at: Feeds | None = None  # or what it is, where it may not be kept any more
        self._reported: Feeds | None = None
        self._due = 0.0
        self._plain = super().before_run.__func__ is THEIRS.before_run

    def after_create_session(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        """Do as TensorFlow's hook; what was fed last is reported at the end."""
        super().after_create_session(session, coord)
        self._due = 0.0
        if self._recording is not None:
            self._recording.at_end(self._report_feeds)

    def before_run(self, run_context: train.SessionRunContext) -> train.SessionRunArgs:
        """Do as TensorFlow's hook, and look at what it feeds."""
        if self._plain:  # as TensorFlow's does; calling it costs 1 us a step more
            request = train.SessionRunArgs(fetches=None, feed_dict=self.feed_fn())
        else:
            request = super().before_run(run_context)
        if self._recording is not None:
            self._fed = request.feed_dict  # until the next run, or the end of the session
            if time.monotonic() >= self._due:
                self._due = time.monotonic() + EVERY
                self._observe(self._report_feeds)
        return request

    def _report_feeds(self) -> None:
        self._look_at_feed()
        looked_at, self._looked_at = self._looked_at, None
        if looked_at is not None:
            self._reported = looked_at
            self._write(looked_at)

    def _release(self) -> None:
        self._look_at_feed()
        super()._release()

    def _look_at_feed(self) -> None:
        """Describe what was fed last, and drop it: its keys hold the graph."""
        fed, self._fed = self._fed, None
        if not isinstance(fed, Mapping) or self._recording is None:
            return  # what is none, TensorFlow refuses; that error is enough
        tensors = tuple((_name(key), _dtype(key, value), _shape(value)) for key, value in fed.items())
        self._looked_at = Feeds(self._source, self._recording.step, time.time(), tensors)

    def _afresh(self) -> dict[str, Any]:
        return {"_fed": None, "_looked_at": None, "_reported": None}

    def to_pandas(self) -> pd.DataFrame:
        """Give every tensor that was fed last a row.

        Returns:
            Columns name, dtype and shape, as in `nbhooks.frames.feeds`.
        """
        self._check_joined()
        return frames.feeds(self._reported)


def _name(key: Any) -> str:
    return str(getattr(key, "name", key))


def _dtype(key: Any, value: Any) -> str:
    """Name the type: the value's where it has one, else that of the tensor that is fed."""
    dtype = getattr(getattr(value, "values", value), "dtype", None)  # a sparse value has its in its values
    if dtype is None:
        dtype = getattr(key, "dtype", None)
    if dtype is None:
        return type(value).__name__
    try:
        return str(tf.as_dtype(dtype).name)
    except TypeError:  # a column's of pandas, such as categories
        return str(dtype)


def _shape(value: Any) -> tuple[int, ...] | None:
    """Give the shape without converting anything: of nested lists from the first of each."""
    shape = getattr(value, "dense_shape", getattr(value, "shape", None))
    if shape is not None:
        ragged = any(length is None for length in shape)
        return None if ragged else tuple(int(length) for length in shape)
    lengths: list[int] = []
    while isinstance(value, (list, tuple)) and len(lengths) < DEEP:
        lengths.append(len(value))
        if not value:
            break
        value = value[0]
    first = getattr(value, "shape", ())
    return (*lengths, *(int(length) for length in first))
