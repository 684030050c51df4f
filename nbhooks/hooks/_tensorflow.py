"""Imports TensorFlow for the hooks; declares and checks every private name of it that they use."""

from __future__ import annotations

import inspect
import pkgutil
import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

try:
    import tensorflow as tf
except ImportError as error:
    message = (
        "this part of nbhooks needs TensorFlow (2.16 to 2.21), which could not be imported. Install it with "
        'pip install "nbhooks[tensorflow]", or "nbhooks[cpu]" for the smaller build without GPU support.'
    )
    raise ImportError(message) from error

train = tf.compat.v1.train

__all__ = [
    "IMPORTED",
    "USED",
    "CheckpointSaver",
    "CoordinatedSession",
    "HookedSession",
    "IndexedSlicesValue",
    "MissingNameError",
    "MonitoredSession",
    "SessionInterface",
    "StopAfterNEvals",
    "file_of",
    "find_missing",
    "get_current_worker_context",
    "get_global_step_read",
    "hooks_around",
    "names_used",
    "require",
    "tf",
    "train",
]

IMPORTED: Mapping[str, Sequence[str]] = {
    "tensorflow.python.client.session:SessionInterface": ("attach",),
    "tensorflow.python.distribute.distribute_coordinator_context:get_current_worker_context": (
        "MonitoredTrainingSession",
    ),
    "tensorflow.python.framework.indexed_slices:IndexedSlicesValue": ("FinalOpsHook", "LoggingTensorHook"),
    "tensorflow.python.training.evaluation:_StopAfterNEvalsHook": ("StopAfterNEvalsHook",),
    "tensorflow.python.training.monitored_session:_CoordinatedSession": ("attach",),
    "tensorflow.python.training.monitored_session:_HookedSession": ("attach", "NotebookDebugHook"),
    "tensorflow.python.training.monitored_session:_MonitoredSession": ("attach", "NotebookDebugHook"),
    "tensorflow.python.training.training_util:_get_global_step_read": (
        "NotebookHook",
        "MonitoredTrainingSession",
    ),
}
"""Private names of TensorFlow's modules, and what needs each; every hook is a NotebookHook."""


class MissingNameError(ImportError):
    """The installed TensorFlow lacks a private name; the message says which, and what needs it."""


def _imported(name: str, substitute: Any = None) -> Any:
    """Find a name of `IMPORTED`; the substitute where it is missing, which `require` then reports."""
    [declared] = [declared for declared in IMPORTED if declared.endswith(f":{name}")]
    try:
        return pkgutil.resolve_name(declared)
    except (AttributeError, ImportError):
        return substitute


SessionInterface = _imported("SessionInterface")
get_current_worker_context = _imported("get_current_worker_context")
IndexedSlicesValue = _imported("IndexedSlicesValue")
# A base class must be one, so that the module can be imported; an instance cannot be made of it.
StopAfterNEvals = _imported("_StopAfterNEvalsHook", train.SessionRunHook)
CoordinatedSession = _imported("_CoordinatedSession")
HookedSession = _imported("_HookedSession")
MonitoredSession = _imported("_MonitoredSession")
CheckpointSaver = train.CheckpointSaverHook
get_global_step_read = _imported("_get_global_step_read")

USED: Mapping[str, tuple[Any, Sequence[str]]] = {
    "CheckpointSaverHook": (train.CheckpointSaverHook, ("_get_saver", "_save", "_save_path")),
    "FinalOpsHook": (train.FinalOpsHook, ("_final_ops", "_final_ops_values")),
    "GlobalStepWaiterHook": (
        train.GlobalStepWaiterHook,
        ("_global_step_tensor", "_wait_until_step", "_worker_is_started"),
    ),
    "LoggingTensorHook": (
        train.LoggingTensorHook,
        ("_current_tensors", "_formatter", "_iter_count", "_log_tensors"),
    ),
    "NanTensorHook": (train.NanTensorHook, ("_loss_tensor",)),
    "ProfilerHook": (train.ProfilerHook, ("_save",)),
    "StepCounterHook": (train.StepCounterHook, ("_log_and_record", "_summary_tag")),
    "StopAfterNEvalsHook": (_imported("_StopAfterNEvalsHook"), ("_log_progress", "_num_evals")),
    "StopAtStepHook": (train.StopAtStepHook, ("_last_step",)),
    "SummarySaverHook": (train.SummarySaverHook, ("_next_step", "_request_summary", "_summary_writer")),
    "attach": (MonitoredSession, ("_sess", "_tf_sess")),
    "NotebookDebugHook": (HookedSession, ("_hooks",)),
}
"""Private attributes and methods of TensorFlow's classes, by the hook that reads, sets or overrides them."""


def names_used(owner: Any) -> set[str]:
    """Return the names that the code of a class uses: of attributes, whether set or read, and of methods.

    An attribute is there once there is an instance, and a method is of use to a subclass where the class
    itself calls it. Both can be seen in the compiled code of the class before anything is run.
    """
    members = [inspect.unwrap(member) for base in owner.__mro__ for member in vars(base).values()]
    codes = [member.__code__ for member in members if isinstance(member, FunctionType)]
    return {name for code in codes for name in code.co_names}


def find_missing() -> dict[str, list[str]]:
    """Look up every name of `IMPORTED` and `USED`.

    Returns:
        What is missing, with what needs it.
    """
    missing: dict[str, list[str]] = {}
    for declared, users in IMPORTED.items():
        try:
            pkgutil.resolve_name(declared)
        except (AttributeError, ImportError):
            missing[declared.replace(":", ".")] = list(users)
    for user, (owner, names) in USED.items():
        if owner is not None:
            found = names_used(owner)
            for name in names:
                if name not in found:
                    missing.setdefault(f"{owner.__module__}.{owner.__name__}.{name}", []).append(user)
    return missing


def require(*users: str) -> None:
    """Check that TensorFlow has every private name that something of this package needs.

    Args:
        users: names as in `IMPORTED` and `USED`; others need nothing.

    Raises:
        MissingNameError: where one is missing.
    """
    lacking = {name: needed_by for name, needed_by in MISSING.items() if not {*users}.isdisjoint(needed_by)}
    if lacking:
        concerned = sorted({user for needed_by in lacking.values() for user in needed_by})
        raise MissingNameError(
            f"{users[0]} cannot be used: TensorFlow {tf.__version__} lacks {', '.join(lacking)}, which "
            f"{', '.join(concerned)} of nbhooks needs. nbhooks supports TensorFlow 2.16 to 2.21: install one "
            f"of these, or use TensorFlow's own {users[0]}"
        )


MISSING = find_missing()
"""What the installed TensorFlow lacks, with what needs it; empty with every version that is supported."""


def hooks_around() -> list[Any]:
    """Return the hooks of the session that is calling one of them, in order; none where no session is.

    A hook is given no reference to its session's other hooks, so that the calls that led here are looked at.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - CPython's, and documented
    while frame is not None:
        if frame.f_code.co_name in ("run", "_close_internal", "__exit__"):
            session = frame.f_locals.get("self")
            if isinstance(session, (HookedSession, MonitoredSession, SessionInterface)):
                hooks = getattr(session, "_hooks", None)
                if isinstance(hooks, list):
                    return hooks
        frame = frame.f_back  # type: ignore[assignment]
    return []


def file_of(writer: Any) -> str | None:
    """Find the file that a writer of summaries writes; None where the writer does not say.

    This is the one private name that nothing needs: without it the file's size is not shown.
    """
    events = getattr(getattr(writer, "event_writer", None), "_ev_writer", None)
    if events is None or not hasattr(events, "FileName"):
        return None
    name = events.FileName()
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
