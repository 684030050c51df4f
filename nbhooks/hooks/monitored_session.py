"""Sessions as they are opened: MonitoredTrainingSession with notebook-aware hooks in place of its own."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import get_current_worker_context, require, tf, train
from nbhooks.hooks.base import NotebookHook, global_step_of
from nbhooks.hooks.checkpoint_saver import CheckpointSaverHook
from nbhooks.hooks.debugger import with_debugger
from nbhooks.hooks.step_counter import StepCounterHook
from nbhooks.hooks.summary_saver import SummarySaverHook
from nbhooks.model import registry

if TYPE_CHECKING:
    from collections.abc import Iterable

_TENSORFLOWS = train.MonitoredTrainingSession
"""As it is before `installed` puts ours in its place."""

USE_DEFAULT = inspect.signature(_TENSORFLOWS).parameters["save_checkpoint_secs"].default
"""What TensorFlow takes for an argument that was not given."""


@registry.preparing()
def MonitoredTrainingSession(  # noqa: N802 - TensorFlow's name
    master: str = "",
    is_chief: bool = True,
    checkpoint_dir: str | None = None,
    scaffold: train.Scaffold | None = None,
    hooks: Iterable[train.SessionRunHook] | None = None,
    chief_only_hooks: Iterable[train.SessionRunHook] | None = None,
    save_checkpoint_secs: float | None = USE_DEFAULT,
    save_summaries_steps: int | None = USE_DEFAULT,
    save_summaries_secs: float | None = USE_DEFAULT,
    config: tf.compat.v1.ConfigProto | None = None,
    stop_grace_period_secs: float = 120,
    log_step_count_steps: int | None = 100,
    max_wait_secs: float = 7200,
    save_checkpoint_steps: int | None = USE_DEFAULT,
    summary_dir: str | None = None,
    save_graph_def: bool = True,
    *,
    debug: bool = False,
) -> train.MonitoredSession:
    """``tf.compat.v1.train.MonitoredTrainingSession``, shown on a board: existing code needs this name only.

    TensorFlow's adds a StepCounterHook, a SummarySaverHook and a CheckpointSaverHook by itself. Here those
    are this package's, made of the same arguments, in the same place and order: after `chief_only_hooks` and
    before `hooks`. Where there would be none, and none among the hooks given, the session is shown with its
    state and its step.

    Mirrors ``tensorflow/python/training/monitored_session.py``. Within a distribution strategy's worker the
    call is passed on to TensorFlow's as it is.

    Args:
        master: the TensorFlow master to use.
        is_chief: whether to initialise and recover the session, else to wait for the chief.
        checkpoint_dir: where to restore from and to save to.
        scaffold: of supporting operations.
        hooks: of any kind.
        chief_only_hooks: which a worker leaves out.
        save_checkpoint_secs: seconds from one checkpoint to the next; 600 by default.
        save_summaries_steps: global steps from one summary to the next; 100 by default.
        save_summaries_secs: or seconds.
        config: of the session.
        stop_grace_period_secs: how long threads may take to stop after ``close()``.
        log_step_count_steps: global steps from one rate to the next.
        max_wait_secs: how long a worker waits for the chief.
        save_checkpoint_steps: or global steps from one checkpoint to the next.
        summary_dir: where to write summaries; `checkpoint_dir` by default.
        save_graph_def: whether to save the graph beside the checkpoints.
        debug: whether to add a `NotebookDebugHook` where there is none among the hooks.

    Returns:
        TensorFlow's own MonitoredSession.

    Raises:
        ValueError: for what TensorFlow's hooks refuse, such as both steps and seconds.

    Example:
        >>> with MonitoredTrainingSession(checkpoint_dir="checkpoints") as session:  # doctest: +SKIP
        ...     while not session.should_stop():
        ...         session.run(train_op)
    """
    require("MonitoredTrainingSession")
    if debug:
        hooks = with_debugger(list(hooks or ()), chief_only_hooks if is_chief else ())
    given = {
        "master": master,
        "is_chief": is_chief,
        "checkpoint_dir": checkpoint_dir,
        "config": config,
        "stop_grace_period_secs": stop_grace_period_secs,
        "max_wait_secs": max_wait_secs,
    }
    saving = {
        "save_checkpoint_secs": save_checkpoint_secs,
        "save_checkpoint_steps": save_checkpoint_steps,
        "save_summaries_secs": save_summaries_secs,
        "save_summaries_steps": save_summaries_steps,
        "log_step_count_steps": log_step_count_steps,
    }
    if get_current_worker_context():
        return _TENSORFLOWS(
            **given,
            **saving,
            scaffold=scaffold,
            hooks=hooks,
            chief_only_hooks=chief_only_hooks,
            summary_dir=summary_dir,
            save_graph_def=save_graph_def,
        )
    scaffold = scaffold or train.Scaffold()
    chiefly = list(chief_only_hooks or ()) if is_chief else []
    if is_chief:
        summaries_every = _cadence(save_summaries_steps, save_summaries_secs, steps=100)
        checkpoints_every = _cadence(save_checkpoint_steps, save_checkpoint_secs, secs=600)
        summary_dir = summary_dir or checkpoint_dir
        if summary_dir and log_step_count_steps and log_step_count_steps > 0:
            chiefly.append(StepCounterHook(output_dir=summary_dir, every_n_steps=log_step_count_steps))
        if summary_dir and _enabled(summaries_every):
            chiefly.append(SummarySaverHook(**summaries_every, output_dir=summary_dir, scaffold=scaffold))
        if checkpoint_dir and _enabled(checkpoints_every):
            chiefly.append(
                CheckpointSaverHook(
                    checkpoint_dir, **checkpoints_every, scaffold=scaffold, save_graph_def=save_graph_def
                )
            )
    everywhere = list(hooks or ())
    if not any(isinstance(hook, NotebookHook) for hook in (*chiefly, *everywhere)):
        everywhere.append(StateHook())
    return _TENSORFLOWS(
        **given,
        **dict.fromkeys(saving),
        scaffold=scaffold,
        hooks=everywhere,
        chief_only_hooks=chiefly,
    )


class StateHook(NotebookHook):
    """Does nothing but join a session in which there is no other hook of this package."""

    kind = "session"

    def begin(self) -> None:
        """Join the recording of the default graph; report its step where it has one."""
        self.fetches_step = global_step_of(tf.compat.v1.get_default_graph()) is not None
        super().begin()

    def before_run(self, run_context: train.SessionRunContext) -> train.SessionRunArgs | None:  # noqa: ARG002
        """Fetch the global step."""
        return train.SessionRunArgs(self._step_tensor) if self.fetches_step else None


def _cadence(
    save_steps: Any, save_secs: Any, *, steps: int | None = None, secs: float | None = None
) -> dict[str, Any]:
    """Fill in what was not given: of both the default, of one none."""
    if save_steps == USE_DEFAULT and save_secs == USE_DEFAULT:
        return {"save_steps": steps, "save_secs": secs}
    return {
        "save_steps": None if save_steps == USE_DEFAULT else save_steps,
        "save_secs": None if save_secs == USE_DEFAULT else save_secs,
    }


def _enabled(every: dict[str, Any]) -> bool:
    return any(value and value > 0 for value in every.values())
