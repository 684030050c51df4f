"""Waiting for others to train first: GlobalStepWaiterHook."""

from __future__ import annotations

import time
import weakref
from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import tf, train
from nbhooks.hooks.base import NotebookHook
from nbhooks.model.kinds import SourceKind
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Progress

if TYPE_CHECKING:
    from nbhooks.model.sink import Sink

POLL = 0.5
"""Seconds from one look at the global step to the next, as in TensorFlow's hook."""

SLICES = 10
"""How often within them a live page is served."""


class GlobalStepWaiterHook(NotebookHook, train.GlobalStepWaiterHook):
    """``tf.compat.v1.train.GlobalStepWaiterHook``, with a panel that says how far the others are.

    TensorFlow's loop cannot be looked into, so it is written again: the same log lines and the same polls.
    Unlike TensorFlow's it ends when a stop is requested of the coordinator; the run at hand is still made.

    Args:
        wait_until_step: let the first run begin at this global step.
        dashboard: where to show it; the cell's own dashboard by default.

    Example:
        >>> hook = GlobalStepWaiterHook(500)
    """

    kind = SourceKind.WAIT
    reports = Progress
    _worker_is_started: bool

    def __init__(self, wait_until_step: int, *, dashboard: Sink | None = None) -> None:
        """Take TensorFlow's argument, and a dashboard."""
        super().__init__(wait_until_step)
        self._dashboard = dashboard
        self._coordinator: weakref.ref[tf.train.Coordinator] | None = None

    def after_create_session(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        """Do as TensorFlow's hook; the coordinator is whom a stop is requested of."""
        self._coordinator = None if coord is None else weakref.ref(coord)
        super().after_create_session(session, coord)

    def _afresh(self) -> dict[str, Any]:
        return {"_coordinator": None}

    def before_run(self, run_context: train.SessionRunContext) -> None:
        """Wait before the first run, as TensorFlow's hook."""
        if self._worker_is_started:
            return
        if self._wait_until_step <= 0:
            self._worker_is_started = True
            return
        tf.compat.v1.logging.info(
            "Waiting for global step %d before starting training.", self._wait_until_step
        )
        self._wait(run_context)

    def _wait(self, run_context: train.SessionRunContext) -> None:
        last_logged_step, first, began = 0, None, time.time()
        while True:
            current_step = run_context.session.run(self._global_step_tensor)
            first = current_step if first is None else first
            self._observe(self._report_wait, int(first), int(current_step), began)
            if current_step >= self._wait_until_step:
                self._worker_is_started = True
                break
            if current_step - last_logged_step > 1000:  # noqa: PLR2004 - TensorFlow's number
                tf.compat.v1.logging.info(
                    "Waiting for global step %d before starting training. Current step is %d.",
                    self._wait_until_step,
                    current_step,
                )
                last_logged_step = current_step
            if self._stopped_while_asleep(run_context):
                break
        self._observe(self._report_start)

    def _stopped_while_asleep(self, run_context: train.SessionRunContext) -> bool:
        """Sleep until the next poll, serving a live page. Returns whether a stop was requested."""
        coordinator = self._coordinator() if self._coordinator is not None else None
        self._observe(self._serve)  # a page that is not live yet becomes so by this
        if run_context.stop_requested:
            return True
        if self._recording is None or not self._recording.control.live():
            time.sleep(POLL)  # once, as TensorFlow's hook
            return coordinator is not None and coordinator.should_stop()
        for _ in range(SLICES):
            self._observe(self._serve)
            if run_context.stop_requested:
                return True
            if coordinator is None:
                time.sleep(POLL / SLICES)
            elif coordinator.wait_for_stop(POLL / SLICES):
                return True
        return False

    def _serve(self) -> None:
        if self._recording is not None:
            self._recording.control.between_steps()

    def _report_wait(self, first: int, step: int, began: float) -> None:
        if self._recording is None:
            return
        self._recording.global_step.begin(step)
        if step < self._wait_until_step and self._recording.lifecycle.phase is not Phase.WAITING:
            self._recording.wait(f"global step {self._wait_until_step:,}")
        self._write(
            Progress(self._source, step, time.time(), first, int(self._wait_until_step), "step", began)
        )

    def _report_start(self) -> None:
        if self._recording is not None and self._recording.lifecycle.phase is Phase.WAITING:
            self._recording.go_on()
