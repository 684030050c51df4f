"""When the loss stops being a number: NanTensorHook."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.hooks._tensorflow import train
from nbhooks.hooks.hook import SteppedHook
from nbhooks.records import Event, Scalar

if TYPE_CHECKING:
    from nbhooks.hooks._tensorflow import tf
    from nbhooks.records import Sink


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
        self._iteration = 0
        self._alarm = ""
        self._before = "it never had a finite value"

    def begin(self) -> None:
        """Do as TensorFlow's hook, then join the session of the default graph."""
        self._tag = str(getattr(self._loss_tensor, "name", self._loss_tensor))
        self._iteration, self._alarm, self._before = 0, "", "it never had a finite value"
        super().begin()

    def after_run(self, run_context: train.SessionRunContext, run_values: Any) -> None:
        """Do as TensorFlow's hook, and tell the value. A value that TensorFlow cannot test is not told."""
        run_values, stale = self._apart(run_values)
        stopping = run_context.stop_requested
        try:
            super().after_run(run_context, run_values)
        except train.NanLossDuringTrainingError:
            self._observe(self._tell_loss, run_context, run_values.results, stale)
            raise
        self._observe(self._tell_loss, run_context, run_values.results, stale)
        if self._alarm:
            self._observe(self._note_stop, run_context, stopping)

    def _tell_loss(self, run_context: train.SessionRunContext, loss: Any, stale: Any) -> None:
        value = float(loss.real if np.iscomplexobj(loss) else np.asarray(loss).item())
        self._iteration += 1
        step = self._iteration
        if self._step_tensor is not None:
            step = self._step_after(run_context, stale, self._step_tensor)
        now = time.time()
        self._tell(Scalar(self._source, self._tag, step, now, value))
        alarm = "nan" if np.isnan(loss) else "" if math.isfinite(value) else "inf"
        if not alarm:
            self._before = f"it was {value:.6g} at step {step}"
        elif alarm != self._alarm:
            detail = f"{self._tag} is {value}; {self._before}"
            self._tell(Event(alarm, step, now, detail, self._source))
        self._alarm = alarm
