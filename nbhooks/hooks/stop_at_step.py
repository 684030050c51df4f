"""How far: StopAtStepHook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nbhooks.hooks._tensorflow import train
from nbhooks.hooks.base import NotebookHook
from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import Progress

if TYPE_CHECKING:
    from nbhooks.hooks._tensorflow import tf
    from nbhooks.model.sink import Sink


class StopAtStepHook(NotebookHook, train.StopAtStepHook):
    """``tf.compat.v1.train.StopAtStepHook``, with a progress bar.

    Args:
        num_steps: stop after this many global steps from where the session begins.
        last_step: or stop at this global step.
        dashboard: where to show it; the cell's own dashboard by default.

    Raises:
        ValueError: if not exactly one of `num_steps` and `last_step` is given.

    Example:
        >>> hook = StopAtStepHook(last_step=1000)
    """

    kind = SourceKind.PROGRESS
    reports = Progress
    fetches_step = True

    def __init__(
        self,
        num_steps: int | None = None,
        last_step: int | None = None,
        *,
        dashboard: Sink | None = None,
    ) -> None:
        """Take TensorFlow's arguments, and a dashboard."""
        super().__init__(num_steps, last_step)
        self._dashboard = dashboard
        self._first = 0

    def after_create_session(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        """Do as TensorFlow's hook; the last step is known from here on."""
        super().after_create_session(session, coord)
        self._observe(self._report_begin)

    def _report_begin(self) -> None:
        if self._recording is not None:
            self._first = self._recording.step or 0
            self._write(Progress(self._source, self._first, time.time(), self._first, int(self._last_step)))

    def end(self, session: tf.compat.v1.Session) -> None:
        """Do as TensorFlow's hook, and report whether it was this one that requested the stop."""
        self._observe(self._report_end, session)
        super().end(session)

    def _report_end(self, session: tf.compat.v1.Session) -> None:
        step = self._read_step(session)
        if self._recording is None or step is None:
            return
        first, last = self._first, int(self._last_step)
        self._write(Progress(self._source, step, time.time(), first, last))
        if self._recording.stopping and step >= self._last_step:
            self._record_stop()
