"""When the loss stops being a number: NanTensorHook."""

from __future__ import annotations

from functools import partial
from math import isfinite, isnan, nan
from time import time as now
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.hooks._tensorflow import train
from nbhooks.hooks.base import SteppedHook
from nbhooks.model.global_step import GlobalStep
from nbhooks.model.records import Event, Scalar

if TYPE_CHECKING:
    from nbhooks.hooks._tensorflow import tf
    from nbhooks.model.recording import Recording
    from nbhooks.model.records import Sink
    from nbhooks.model.store import ScalarBuffer

WAITING = 256
"""Values that may wait to be kept where nobody looks."""

_PLAIN = frozenset({np.float32, np.float64})
"""Types that a loss comes in, but for odd ones."""

_test = train.NanTensorHook.after_run


class NanTensorHook(SteppedHook, train.NanTensorHook):
    """``tf.compat.v1.train.NanTensorHook``, with an alert that says at which step and from which value.

    An infinite loss is a warning on the panel and changes nothing else, as in TensorFlow.

    Args:
        loss_tensor: a scalar.
        fail_on_nan_loss: whether to raise on NaN; else a stop is requested.
        dashboard: where to show it; the cell's own dashboard by default.

    Example:
        >>> hook = NanTensorHook(tf.constant(0.5), fail_on_nan_loss=False)
    """

    kind = "nan"
    every_run = True

    def __init__(
        self,
        loss_tensor: tf.Tensor,
        fail_on_nan_loss: bool = True,
        *,
        dashboard: Sink | None = None,
    ) -> None:
        """Take TensorFlow's arguments, and a dashboard."""
        super().__init__(loss_tensor, fail_on_nan_loss)
        self._dashboard = dashboard
        self._tag = ""
        self._runs = 0
        self._alarm = ""
        self._columns_of_run: ScalarBuffer | None = None
        self._step_of_run = GlobalStep()  # the session's, as soon as there is one
        self._lacks_step = False

    def begin(self) -> None:
        """Do as TensorFlow's hook, then join the session of the default graph."""
        self._tag = str(getattr(self._loss_tensor, "name", self._loss_tensor))
        self._runs, self._alarm, self._lacks_step = 0, "", False
        super().begin()

    def _begin_attempt(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        super()._begin_attempt(session, coord)
        self._give_step()
        self._columns_of_run = None
        if self._recording is not None:
            self._step_of_run = self._recording.global_step
            self._columns_of_run = self._recording.buffer(self._source, self._tag, self._give_step)

    def after_run(self, run_context: train.SessionRunContext, run_values: Any) -> None:
        """Do as TensorFlow's hook, and tell the value. A value that TensorFlow cannot test is not told."""
        # With few frames and few names: five microseconds are two per cent of a small model's step. In a
        # finite number TensorFlow's hook would find nothing, so it is not asked.
        loss, columns = run_values.results, self._columns_of_run
        value = loss.item() if type(loss) in _PLAIN else nan
        if columns is None or not isfinite(value):
            self._test_and_tell(run_context, run_values)
            return
        step = self._step_of_run
        try:
            if self._lacks_step:
                columns.steps.append(step.value or 0)  # of the run before; of this one it is told later
            columns.values.append(value)
            columns.wall_times.append(now())
            self._lacks_step = step.run_context is not run_context
            if not self._lacks_step:
                columns.steps.append(step.value or 0)
            self._alarm = ""
            if len(columns.values) > WAITING:
                self._observe(self._keep)
        except Exception as error:  # noqa: BLE001 - as in _observe, without its frame
            if self._recording is not None:
                self._recording.report_fault(self._source, error)

    def _afresh(self) -> dict[str, Any]:
        return {"_columns_of_run": None, "_step_of_run": GlobalStep(), "_lacks_step": False}

    def _keep(self) -> None:
        if self._recording is not None:
            self._recording.store.catch_up()

    def _test_and_tell(self, run_context: train.SessionRunContext, run_values: Any) -> None:
        """Let TensorFlow's hook look at any other value, and tell it alone."""
        try:
            _test(self, run_context, run_values)
        except train.NanLossDuringTrainingError:
            self._observe(self._tell_loss, run_context, run_values.results)
            raise
        self._observe(self._tell_loss, run_context, run_values.results)

    def _tell_loss(self, run_context: train.SessionRunContext, loss: Any) -> None:
        """Tell a value that is no finite real number, or whose step is not told in the run."""
        session = self._recording
        if session is None:
            return
        self._runs += 1
        array = np.asarray(loss)  # TensorFlow takes a list or an array of one, too
        value = float(array.real.item())
        if np.isnan(array).any():
            value = nan  # the imaginary part may be the one that is
        if self._columns_of_run is not None:
            self._give_step()
            session.global_step.after(run_context, None, partial(self._read_step, run_context.session))
        session.pending.append(Scalar(self._source, self._tag, self._runs, now(), value))
        if isfinite(value):
            self._alarm = ""
        else:
            self._tell_alarm(run_context, session, value)

    def _give_step(self) -> None:
        """Give the latest point its step, where it still lacks it."""
        if self._lacks_step and self._columns_of_run is not None and self._recording is not None:
            self._columns_of_run.steps.append(self._recording.step or 0)
        self._lacks_step = False

    def _tell_alarm(self, run_context: train.SessionRunContext, session: Recording, value: float) -> None:
        alarm = "nan" if isnan(value) else "inf"
        if alarm != self._alarm:
            self._alarm = alarm
            before = session.store.latest_finite(self._source, self._tag)
            was = f"it was {before[1]:.6g} at step {before[0]}" if before else "it never had a finite value"
            self._write_pending(run_context.session)
            self._tell(Event(alarm, session.step, now(), f"{self._tag} is {value}; {was}", self._source))
        if run_context.stop_requested and alarm == "nan":
            self._record_stop()
