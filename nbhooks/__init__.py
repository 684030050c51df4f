"""Notebook-aware TensorFlow session hooks: watch a running session from the cell that runs it.

Names are looked up when they are first used, so that what needs no TensorFlow works without it.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from nbhooks.model import registry

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from IPython.core.interactiveshell import InteractiveShell

    from nbhooks.hooks.alert import alert
    from nbhooks.hooks.attach import attach
    from nbhooks.hooks.build import HOOKS, build
    from nbhooks.hooks.checkpoint_saver import CheckpointSaverHook
    from nbhooks.hooks.debugger import NotebookDebugHook
    from nbhooks.hooks.feed_fn import FeedFnHook
    from nbhooks.hooks.final_ops import FinalOpsHook
    from nbhooks.hooks.global_step_waiter import GlobalStepWaiterHook
    from nbhooks.hooks.installed import installed
    from nbhooks.hooks.logging_tensor import LoggingTensorHook
    from nbhooks.hooks.monitored_session import MonitoredTrainingSession
    from nbhooks.hooks.nan_tensor import NanTensorHook
    from nbhooks.hooks.profiler import ProfilerHook
    from nbhooks.hooks.report import report
    from nbhooks.hooks.run_in_thread import run_in_thread
    from nbhooks.hooks.step_counter import StepCounterHook
    from nbhooks.hooks.stop_after_n_evals import StopAfterNEvalsHook
    from nbhooks.hooks.stop_at_step import StopAtStepHook
    from nbhooks.hooks.summary_saver import SummarySaverHook
    from nbhooks.model.conditions import break_at, break_if, break_on_error, break_on_nonfinite, break_when
    from nbhooks.model.recording import Recording
    from nbhooks.view.dashboard import Dashboard
    from nbhooks.view.latest import board

__version__ = "0.1.0"

__all__ = [
    "HOOKS",
    "CheckpointSaverHook",
    "Dashboard",
    "FeedFnHook",
    "FinalOpsHook",
    "GlobalStepWaiterHook",
    "LoggingTensorHook",
    "MonitoredTrainingSession",
    "NanTensorHook",
    "NotebookDebugHook",
    "ProfilerHook",
    "StepCounterHook",
    "StopAfterNEvalsHook",
    "StopAtStepHook",
    "SummarySaverHook",
    "alert",
    "attach",
    "board",
    "break_at",
    "break_if",
    "break_on_error",
    "break_on_nonfinite",
    "break_when",
    "build",
    "installed",
    "report",
    "run_in_thread",
]

_ROOMS = {
    "HOOKS": "nbhooks.hooks.build",
    "CheckpointSaverHook": "nbhooks.hooks.checkpoint_saver",
    "Dashboard": "nbhooks.view.dashboard",
    "FeedFnHook": "nbhooks.hooks.feed_fn",
    "FinalOpsHook": "nbhooks.hooks.final_ops",
    "GlobalStepWaiterHook": "nbhooks.hooks.global_step_waiter",
    "LoggingTensorHook": "nbhooks.hooks.logging_tensor",
    "MonitoredTrainingSession": "nbhooks.hooks.monitored_session",
    "NanTensorHook": "nbhooks.hooks.nan_tensor",
    "NotebookDebugHook": "nbhooks.hooks.debugger",
    "ProfilerHook": "nbhooks.hooks.profiler",
    "StepCounterHook": "nbhooks.hooks.step_counter",
    "StopAfterNEvalsHook": "nbhooks.hooks.stop_after_n_evals",
    "StopAtStepHook": "nbhooks.hooks.stop_at_step",
    "SummarySaverHook": "nbhooks.hooks.summary_saver",
    "alert": "nbhooks.hooks.alert",
    "attach": "nbhooks.hooks.attach",
    "board": "nbhooks.view.latest",
    "break_at": "nbhooks.model.conditions",
    "break_if": "nbhooks.model.conditions",
    "break_on_error": "nbhooks.model.conditions",
    "break_on_nonfinite": "nbhooks.model.conditions",
    "break_when": "nbhooks.model.conditions",
    "build": "nbhooks.hooks.build",
    "installed": "nbhooks.hooks.installed",
    "report": "nbhooks.hooks.report",
    "run_in_thread": "nbhooks.hooks.run_in_thread",
}


_MODULES = ("replay",)


def __getattr__(name: str) -> Any:
    """Import the room of a public name, or a public room.

    Raises:
        AttributeError: for a name that is not public.
        ImportError: for a hook where TensorFlow is missing; it says what to install.
    """
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    room = _ROOMS.get(name)
    if room is None:
        message = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}"
        raise AttributeError(message)
    value = globals()[name] = getattr(importlib.import_module(room), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add ``%nbhooks``, as ``%load_ext nbhooks`` asks for."""
    from nbhooks.magics import Magics

    shell.register_magics(Magics)


def _show(recording: Recording) -> None:
    """Show a recording in the cell that runs it; in a script nothing of the dashboard is imported."""
    from nbhooks.jupyter import environment

    if environment.kernel_shell() is not None or "nbhooks.view.dashboard" in sys.modules:
        from nbhooks.view import boards
        from nbhooks.view.dashboard import Dashboard

        boards.show_in_cell(recording, Dashboard)


def _hold() -> AbstractContextManager[object]:
    """Hold what TensorFlow logs in a cell before the board is displayed there: those lines go to it too."""
    from contextlib import nullcontext

    from nbhooks.jupyter import environment

    if environment.kernel_shell() is not None and environment.in_cell():
        from nbhooks.view import boards

        if not boards.entered():  # else one is displayed already, and holds them or is not to
            from nbhooks.jupyter import tensorflow_log

            return tensorflow_log.holding()
    return nullcontext()


registry.on_open(_show)
registry.on_prepare(_hold)
