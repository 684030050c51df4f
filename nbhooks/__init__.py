"""Notebook-aware TensorFlow session hooks: watch a running session from the cell that runs it.

Names are looked up when they are first used, so that what needs no TensorFlow works without it.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from nbhooks import sessions

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbhooks.dashboard import Dashboard
    from nbhooks.hooks.attached import attach
    from nbhooks.hooks.build import HOOKS, build
    from nbhooks.hooks.checkpoints import CheckpointSaverHook
    from nbhooks.hooks.evals import StopAfterNEvalsHook
    from nbhooks.hooks.feeds import FeedFnHook
    from nbhooks.hooks.finals import FinalOpsHook
    from nbhooks.hooks.monitored import MonitoredTrainingSession
    from nbhooks.hooks.nan import NanTensorHook
    from nbhooks.hooks.profiler import ProfilerHook
    from nbhooks.hooks.report import report
    from nbhooks.hooks.steps import StepCounterHook, StopAtStepHook
    from nbhooks.hooks.summaries import SummarySaverHook
    from nbhooks.hooks.tensors import LoggingTensorHook
    from nbhooks.hooks.waiter import GlobalStepWaiterHook
    from nbhooks.sessions import Session

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
    "ProfilerHook",
    "StepCounterHook",
    "StopAfterNEvalsHook",
    "StopAtStepHook",
    "SummarySaverHook",
    "attach",
    "build",
    "report",
]

_ROOMS = {
    "HOOKS": "nbhooks.hooks.build",
    "CheckpointSaverHook": "nbhooks.hooks.checkpoints",
    "Dashboard": "nbhooks.dashboard",
    "FeedFnHook": "nbhooks.hooks.feeds",
    "FinalOpsHook": "nbhooks.hooks.finals",
    "GlobalStepWaiterHook": "nbhooks.hooks.waiter",
    "LoggingTensorHook": "nbhooks.hooks.tensors",
    "MonitoredTrainingSession": "nbhooks.hooks.monitored",
    "NanTensorHook": "nbhooks.hooks.nan",
    "ProfilerHook": "nbhooks.hooks.profiler",
    "StepCounterHook": "nbhooks.hooks.steps",
    "StopAfterNEvalsHook": "nbhooks.hooks.evals",
    "StopAtStepHook": "nbhooks.hooks.steps",
    "SummarySaverHook": "nbhooks.hooks.summaries",
    "attach": "nbhooks.hooks.attached",
    "build": "nbhooks.hooks.build",
    "report": "nbhooks.hooks.report",
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


def _show(session: Session) -> None:
    """Show a session in the cell that runs it; in a script nothing of the dashboard is even imported."""
    from nbhooks.frontend import environment

    if environment.kernel_shell() is not None or "nbhooks.dashboard" in sys.modules:
        from nbhooks.dashboard import Dashboard

        Dashboard.show_in_cell(session)


sessions.on_open(_show)
