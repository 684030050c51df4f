"""Summaries: SummarySaverHook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import file_of, tf, train
from nbhooks.hooks.base import NotebookHook, step_in_dict
from nbhooks.model import summaries
from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import File

if TYPE_CHECKING:
    from nbhooks.model.sink import Sink

LOOK = 2.0
"""Seconds from one look at the size of the file to the next at the least."""

THEIRS = train.SummarySaverHook
"""TensorFlow's, which `installed` replaces in its module."""


class SummarySaverHook(NotebookHook, train.SummarySaverHook):
    """``tf.compat.v1.train.SummarySaverHook``, with a table of what it wrote last.

    Args:
        save_steps: every so many global steps.
        save_secs: or every so many seconds.
        output_dir: where to write.
        summary_writer: or what to write with.
        scaffold: where to find the summaries.
        summary_op: or the summaries, one tensor or a list.
        dashboard: where to show it; the cell's own dashboard by default.

    Raises:
        ValueError: if not exactly one of `scaffold` and `summary_op`, or not exactly one of `save_steps` and
            `save_secs`, is given.

    Example:
        >>> hook = SummarySaverHook(100, output_dir="logs", scaffold=tf.compat.v1.train.Scaffold())
    """

    kind = SourceKind.SUMMARIES
    fetches_step = True
    stale_step = staticmethod(step_in_dict)
    _next_step: Any  # None before the first run

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: str | None = None,
        summary_writer: tf.compat.v1.summary.FileWriter | None = None,
        scaffold: train.Scaffold | None = None,
        summary_op: Any = None,
        *,
        dashboard: Sink | None = None,
    ) -> None:
        """Take TensorFlow's arguments, and a dashboard."""
        super().__init__(save_steps, save_secs, output_dir, summary_writer, scaffold, summary_op)
        self._dashboard = dashboard
        self._look_due = 0.0
        self._plain = super().after_run.__func__ is THEIRS.after_run

    def after_run(self, run_context: train.SessionRunContext, run_values: Any) -> None:
        """Do as TensorFlow's hook, and report what it wrote."""
        if self._plain and self._summary_writer and self._next_step is not None and not self._request_summary:
            # All that TensorFlow's does in a run without a summary; calling it costs 1.5 us a step more.
            self._next_step = run_values.results["global_step"] + 2
            return
        super().after_run(run_context, run_values)
        if self._request_summary and self._summary_writer and "summary" in run_values.results:
            # TensorFlow's hook has read the step anew, and keeps the one after it.
            self._observe(self._report_summaries, run_values.results["summary"], int(self._next_step) - 1)

    def _report_summaries(self, serialized: list[bytes], step: int) -> None:
        now = time.time()
        for one in serialized:
            for record in summaries.records(
                tf.compat.v1.Summary.FromString(one), self._source, step, now, tf.make_ndarray
            ):
                self._write(record)
        if time.monotonic() >= self._look_due:
            begin = time.monotonic()
            self._report_file(step)
            # Where the disk is far away a look takes long: it may take a hundredth of the time.
            took = time.monotonic() - begin
            self._look_due = begin + max(LOOK, 100 * took)

    def _leave(self, session: tf.compat.v1.Session) -> None:
        """Report the file's final size, then leave the session."""
        if self._next_step is not None:
            self._observe(self._report_file, int(self._next_step) - 1)
        super()._leave(session)

    def _report_file(self, step: int) -> None:
        path = file_of(self._summary_writer)
        if path is not None:
            size = tf.io.gfile.stat(path).length if tf.io.gfile.exists(path) else 0
            self._write(File(self._source, path, step, time.time(), int(size)))
