"""Notebook-aware TensorFlow session hooks: watch a running session from the cell that runs it.

Names are looked up when they are first used, so that what needs no TensorFlow works without it.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from nbhooks import sessions

if TYPE_CHECKING:
    from nbhooks.dashboard import Dashboard
    from nbhooks.hooks.checkpoints import CheckpointSaverHook
    from nbhooks.hooks.nan import NanTensorHook
    from nbhooks.hooks.steps import StepCounterHook, StopAtStepHook
    from nbhooks.hooks.tensors import LoggingTensorHook
    from nbhooks.sessions import Session

__version__ = "0.1.0"

__all__ = [
    "CheckpointSaverHook",
    "Dashboard",
    "LoggingTensorHook",
    "NanTensorHook",
    "StepCounterHook",
    "StopAtStepHook",
]

_ROOMS = {
    "CheckpointSaverHook": "nbhooks.hooks.checkpoints",
    "Dashboard": "nbhooks.dashboard",
    "LoggingTensorHook": "nbhooks.hooks.tensors",
    "NanTensorHook": "nbhooks.hooks.nan",
    "StepCounterHook": "nbhooks.hooks.steps",
    "StopAtStepHook": "nbhooks.hooks.steps",
}


def __getattr__(name: str) -> Any:
    """Import the room of a public name.

    Raises:
        AttributeError: for a name that is not public.
        ImportError: for a hook where TensorFlow is missing; it says what to install.
    """
    room = _ROOMS.get(name)
    if room is None:
        message = f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}"
        raise AttributeError(message)
    value = globals()[name] = getattr(importlib.import_module(room), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _show(session: Session) -> None:
    """Show a session in the cell that runs it; in a script nothing of the dashboard is even imported."""
    from nbhooks.frontend import environment

    if environment.kernel_shell() is not None or "nbhooks.dashboard" in sys.modules:
        from nbhooks.dashboard import Dashboard

        Dashboard.show_in_cell(session)


sessions.on_open(_show)
