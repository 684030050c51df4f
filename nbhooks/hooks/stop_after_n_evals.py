"""How far an evaluation has come: StopAfterNEvalsHook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import StopAfterNEvals
from nbhooks.hooks.base import NotebookHook
from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import Progress

if TYPE_CHECKING:
    from nbhooks.hooks._tensorflow import tf, train
    from nbhooks.model.sink import Sink

EVERY = 0.05
"""Seconds from one report to the next at the least; the last evaluation is always reported."""


class StopAfterNEvalsHook(NotebookHook, StopAfterNEvals):
    """TensorFlow's ``StopAfterNEvalsHook``, with a progress bar.

    TensorFlow keeps the class private (``tensorflow/python/training/evaluation.py``) and counts evaluations
    for instances of it only, so this is a subclass of that one.

    Args:
        num_evals: stop after so many evaluations; None until the data ends, which is shown as a count.
        log_progress: whether to log it.
        dashboard: where to show it; the cell's own dashboard by default.

    Example:
        >>> hook = StopAfterNEvalsHook(10)
    """

    kind = SourceKind.PROGRESS
    reports = Progress

    def __init__(
        self, num_evals: int | None, log_progress: bool = True, *, dashboard: Sink | None = None
    ) -> None:
        """Take TensorFlow's arguments, and a dashboard."""
        super().__init__(num_evals, log_progress)
        self._dashboard = dashboard
        self._latest: int | None = None
        self._reported: int | None = None
        self._due = 0.0
        self._plain = super().after_run.__func__ is StopAfterNEvals.after_run

    def after_create_session(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        """Do as TensorFlow's hook; nothing is evaluated yet."""
        super().after_create_session(session, coord)
        self._latest, self._reported, self._due = 0, None, 0.0
        self._observe(self._report_evals)
        if self._recording is not None:
            self._recording.at_end(self._report_evals)

    def after_run(self, run_context: train.SessionRunContext, run_values: Any) -> None:
        """Do as TensorFlow's hook, and report how many evaluations there were."""
        latest = self._latest = run_values.results["evals_completed"]
        last = self._num_evals is not None and latest >= self._num_evals
        if last or self._log_progress or not self._plain:  # else TensorFlow's, called for 1 us, does nothing
            super().after_run(run_context, run_values)
        if last or time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY
            self._observe(self._report_evals)
            if last:
                self._observe(self._record_stop)

    def _report_evals(self) -> None:
        if self._latest is not None and self._latest != self._reported:
            self._reported = self._latest
            last = None if self._num_evals is None else int(self._num_evals)
            self._write(Progress(self._source, int(self._latest), time.time(), 0, last, "evaluation"))
