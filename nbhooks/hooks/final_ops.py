"""What is left at the end: FinalOpsHook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbhooks import frames
from nbhooks.hooks._tensorflow import tf, train
from nbhooks.hooks.base import NotebookHook
from nbhooks.hooks.logging_tensor import name_of, record_of
from nbhooks.model.kinds import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from nbhooks.model.sink import Sink


class FinalOpsHook(NotebookHook, train.FinalOpsHook):
    """``tf.compat.v1.train.FinalOpsHook``, with a table of the results.

    Args:
        final_ops: a tensor, a list or a dict of them.
        final_ops_feed_dict: what to feed.
        dashboard: where to show it; the cell's own dashboard by default.

    Example:
        >>> hook = FinalOpsHook({"accuracy": tf.constant(0.5)})
    """

    kind = SourceKind.RESULTS

    def __init__(
        self,
        final_ops: Any,
        final_ops_feed_dict: Mapping[Any, Any] | None = None,
        *,
        dashboard: Sink | None = None,
    ) -> None:
        """Take TensorFlow's arguments, and a dashboard."""
        super().__init__(final_ops, final_ops_feed_dict)
        self._dashboard = dashboard

    def _announce(self) -> dict[str, object]:
        """Return the names of the results."""
        return {"tags": tuple(name for name, _ in _named(self._final_ops, self._final_ops))}

    def _leave(self, session: tf.compat.v1.Session) -> None:
        """Report the results, then leave the session."""
        self._observe(self._report_results, session)
        super()._leave(session)

    def _report_results(self, session: tf.compat.v1.Session) -> None:
        step = self._read_step(session) or 0
        for name, value in self._results():
            if value is not None:  # an operation, which has no value
                self._write(record_of(self._source, name, step, time.time(), value))

    def _results(self) -> list[tuple[str, Any]]:
        return list(_named(self._final_ops, self._final_ops_values))

    def to_pandas(self) -> pd.DataFrame:
        """Give every result a row; none before the session has ended.

        Returns:
            Columns name and value, as in `nbhooks.frames.results`.
        """
        self._check_joined()
        return frames.results(self._results() if self._final_ops_values is not None else [])


def _named(fetches: Any, values: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Name each value: by its key, by its place, or where it is alone by its tensor."""
    if isinstance(fetches, dict):
        for key, fetch in fetches.items():
            yield from _named(fetch, _item(values, key), f"{name}[{key!r}]" if name else str(key))
    elif isinstance(fetches, (list, tuple)) and not isinstance(fetches, tf.compat.v1.SparseTensorValue):
        for number, fetch in enumerate(fetches):
            yield from _named(fetch, _item(values, number), f"{name}[{number}]")
    elif fetches is not None:
        yield name or name_of(fetches), values


def _item(values: Any, key: Any) -> Any:
    return values[key] if values is not None else None
