"""When the loss stops being a number: NanTensorHook."""

from __future__ import annotations

from functools import partial
from math import isfinite, isnan, nan
from time import time as now
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.hooks._tensorflow import train
from nbhooks.hooks.base import SteppedHook
from nbhooks.hooks.logging_tensor import PLAIN
from nbhooks.model.events import Event
from nbhooks.model.global_step import GlobalStep
from nbhooks.model.kinds import EventKind, SourceKind
from nbhooks.model.records import Scalar

if TYPE_CHECKING:
    from nbhooks.hooks._tensorflow import tf
    from nbhooks.model.recording import Recording
    from nbhooks.model.scalar_buffer import ScalarBuffer
    from nbhooks.model.sink import Sink

WAITING = 1024
"""Values that may wait to be kept where nobody looks."""

THEIRS = train.NanTensorHook
"""TensorFlow's, which `installed` replaces in its module."""


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

    kind = SourceKind.NAN
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
        self._buffer: ScalarBuffer | None = None
        self._step_of_run = GlobalStep()  # the recording's, as soon as there is one

    def begin(self) -> None:
        """Do as TensorFlow's hook, then join the session of the default graph."""
        self._tag = str(getattr(self._loss_tensor, "name", self._loss_tensor))
        self._runs, self._alarm = 0, ""
        super().begin()

    def _begin_attempt(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        super()._begin_attempt(session, coord)
        self._buffer = None
        if self._recording is not None and super().after_run.__func__ is THEIRS.after_run:
            self._step_of_run = self._recording.global_step
            self._buffer = self._recording.buffer(self._source, self._tag)

    def after_run(self, run_context: train.SessionRunContext, run_values: Any) -> None:
        """Do as TensorFlow's hook, and report the value; not where TensorFlow cannot test it."""
        # With few frames and few names: five microseconds are two per cent of a small model's step. In a
        # finite number TensorFlow's hook would find nothing, so it is not called: np.isnan takes 1.2 us, and
        # float 0.03 where item() takes 0.7.
        loss, buffer = run_values.results, self._buffer
        if buffer is None or type(loss) not in PLAIN or not isfinite(value := float(loss)):
            self._test_and_report(run_context, run_values)
            return
        steps, step = buffer.steps, self._step_of_run
        try:
            # Where the hook that reports the step comes later, it is the step of the run before until then.
            if buffer.lacks_step:
                steps.append(step.value or 0)
            buffer.values.append(value)
            buffer.wall_times.append(now())
            if step.run_context is run_context:
                steps.append(step.value or 0)
                buffer.lacks_step = False
            else:
                buffer.lacks_step = True
            self._alarm = ""
            if len(steps) > WAITING:
                self._observe(self._keep)
        except Exception as error:  # noqa: BLE001 - as in _observe, without its frame
            if self._recording is not None:
                self._recording.report_fault(self._source, error)

    def _afresh(self) -> dict[str, Any]:
        return {"_buffer": None, "_step_of_run": GlobalStep()}

    def _keep(self) -> None:
        if self._recording is not None:
            self._recording.store.catch_up()

    def _test_and_report(self, run_context: train.SessionRunContext, run_values: Any) -> None:
        """Let TensorFlow's hook test any other value, and report it by itself."""
        try:
            super().after_run(run_context, run_values)
        except train.NanLossDuringTrainingError:
            self._observe(self._report_loss, run_context, run_values.results)
            raise
        self._observe(self._report_loss, run_context, run_values.results)

    def _report_loss(self, run_context: train.SessionRunContext, loss: Any) -> None:
        """Report a value that is no finite real number, or whose step is not known in the run."""
        recording = self._recording
        if recording is None:
            return
        self._runs += 1
        array = np.asarray(loss)  # TensorFlow takes a list or an array of one, too
        value = float(array.real.item())
        if np.isnan(array).any():
            value = nan  # the imaginary part may be the one that is
        if self._buffer is not None:
            self._buffer.finish(recording.step)
            recording.global_step.after(run_context, None, partial(self._read_step, run_context.session))
        recording.pending.append(Scalar(self._source, self._tag, self._runs, now(), value))
        if isfinite(value):
            self._alarm = ""
        else:
            self._report_alarm(run_context, recording, value)

    def _report_alarm(self, run_context: train.SessionRunContext, recording: Recording, value: float) -> None:
        alarm = EventKind.NAN if isnan(value) else EventKind.INF
        if alarm != self._alarm:
            self._alarm = alarm
            before = recording.store.latest_finite(self._source, self._tag)
            was = f"it was {before[1]:.6g} at step {before[0]}" if before else "it never had a finite value"
            self._write_pending(run_context.session)
            self._write(Event(alarm, recording.step, now(), f"{self._tag} is {value}; {was}", self._source))
        if run_context.stop_requested and alarm is EventKind.NAN:
            self._record_stop()
