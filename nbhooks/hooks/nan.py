"""When the loss stops being a number: NanTensorHook."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.hooks._tensorflow import train
from nbhooks.hooks.hook import SteppedHook
from nbhooks.records import Event

if TYPE_CHECKING:
    from nbhooks.hooks._tensorflow import tf
    from nbhooks.records import Sink
    from nbhooks.sessions import Session


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

    def begin(self) -> None:
        """Do as TensorFlow's hook, then join the session of the default graph."""
        self._tag = str(getattr(self._loss_tensor, "name", self._loss_tensor))
        self._runs, self._alarm = 0, ""
        super().begin()

    def after_run(self, run_context: train.SessionRunContext, run_values: Any) -> None:
        """Do as TensorFlow's hook, and tell the value. A value that TensorFlow cannot test is not told."""
        try:
            super().after_run(run_context, run_values)
        except train.NanLossDuringTrainingError:
            self._tell_loss(run_context, run_values.results)
            raise
        self._tell_loss(run_context, run_values.results)

    def _tell_loss(self, run_context: train.SessionRunContext, loss: Any) -> None:
        session = self._session
        if session is None:
            return
        try:
            self._runs += 1
            value = float(loss.real if isinstance(loss, np.complexfloating) else loss.item())
            session.held.append((self._source, self._tag, self._runs, time.time(), value))
            if math.isfinite(value):
                self._alarm = ""
            else:
                self._tell_alarm(run_context, session, value)
        except Exception as error:  # noqa: BLE001 - as in _observe, without its frame
            session.fault(self._source, error)

    def _tell_alarm(self, run_context: train.SessionRunContext, session: Session, value: float) -> None:
        alarm = "nan" if math.isnan(value) else "inf"
        if alarm != self._alarm:
            self._alarm = alarm
            before = session.store.latest_finite(self._source, self._tag)
            was = f"it was {before[1]:.6g} at step {before[0]}" if before else "it never had a finite value"
            self._tell_held(run_context.session)
            self._tell(
                Event(alarm, session.step, time.time(), f"{self._tag} is {value}; {was}", self._source)
            )
        if run_context.stop_requested and alarm == "nan":
            self._note_stop()
