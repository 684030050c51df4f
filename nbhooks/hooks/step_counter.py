"""How fast: StepCounterHook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nbhooks.hooks._tensorflow import train
from nbhooks.hooks.base import NotebookHook
from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import Scalar

if TYPE_CHECKING:
    from nbhooks.hooks._tensorflow import tf
    from nbhooks.model.sink import Sink


class StepCounterHook(NotebookHook, train.StepCounterHook):
    """``tf.compat.v1.train.StepCounterHook``, with a live chart of the steps per second.

    Args:
        every_n_steps: measure over this many global steps.
        every_n_secs: measure over this many seconds instead; needs ``every_n_steps=None``.
        output_dir: where to write the rate as a summary.
        summary_writer: or what to write it with.
        dashboard: where to show it; the cell's own dashboard by default.

    Raises:
        ValueError: if not exactly one of `every_n_steps` and `every_n_secs` is given.

    Example:
        >>> hook = StepCounterHook(every_n_steps=10)
        >>> with tf.compat.v1.train.MonitoredTrainingSession(hooks=[hook]) as session:  # doctest: +SKIP
        ...     while not session.should_stop():
        ...         session.run(train_op)
        >>> hook.to_pandas()  # doctest: +SKIP
    """

    kind = SourceKind.STEPS
    fetches_step = True

    def __init__(
        self,
        every_n_steps: int | None = 100,
        every_n_secs: float | None = None,
        output_dir: str | None = None,
        summary_writer: tf.compat.v1.summary.FileWriter | None = None,
        *,
        dashboard: Sink | None = None,
    ) -> None:
        """Take TensorFlow's arguments, and a dashboard."""
        super().__init__(every_n_steps, every_n_secs, output_dir, summary_writer)
        self._dashboard = dashboard

    def _log_and_record(self, elapsed_steps: int, elapsed_time: float, global_step: int) -> None:
        super()._log_and_record(elapsed_steps, elapsed_time, global_step)
        if elapsed_time:  # else TensorFlow's rate is infinite, and was not measured
            self._observe(self._report_rate, elapsed_steps / elapsed_time, global_step)

    def _report_rate(self, rate: float, global_step: int) -> None:
        self._write(Scalar(self._source, self._summary_tag, int(global_step), time.time(), float(rate)))
