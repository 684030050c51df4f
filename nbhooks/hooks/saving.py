"""Writes a checkpoint when it is asked for, as the session's CheckpointSaverHook does, or by a saver alone."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import CheckpointSaver, tf
from nbhooks.hooks.checkpoint_saver import size_of
from nbhooks.model.commands import RefusedError
from nbhooks.model.records import Checkpoint, CheckpointState

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_DIRECTORY = (
    "there is no directory to save to: give NotebookDebugHook a checkpoint_dir, or give the session a "
    "CheckpointSaverHook"
)
NO_SAVER = (
    "the graph has no saver, and is final: make a tf.compat.v1.train.Saver() and add it to the collection "
    "tf.compat.v1.GraphKeys.SAVERS before the session is opened"
)


def save(session: tf.compat.v1.Session, step: int | None, hooks: Iterable[Any], directory: str | None) -> bool:
    """Save with the first CheckpointSaverHook, which calls its listeners too.

    Args:
        session: what is saved.
        step: the global step.
        hooks: of the session.
        directory: where to save without a hook.

    Returns:
        Whether there was a hook that a listener asked to stop the training.

    Raises:
        RefusedError: where nothing says where to save to.
    """
    for hook in hooks:
        if isinstance(hook, CheckpointSaver) and step is not None and directory is None:
            return bool(hook._save(session, step))  # noqa: SLF001 - declared in _tensorflow
    raise RefusedError(NO_DIRECTORY)


def save_to(session: tf.compat.v1.Session, step: int | None, directory: str, source: str) -> Checkpoint:
    """Save with the graph's saver.

    Args:
        session: what is saved.
        step: the global step, which becomes a part of the name; None where there is none.
        directory: where to.
        source: who reports the checkpoint.

    Raises:
        RefusedError: where the graph has no saver.
    """
    began, clock = time.time(), time.perf_counter()
    path = _saver(session.graph).save(
        session,
        os.path.join(directory, "model.ckpt"),  # noqa: PTH118 - it may be one of tf.io.gfile's
        global_step=step,
    )
    seconds = time.perf_counter() - clock
    return Checkpoint(source, path, step or 0, began, CheckpointState.KEPT, seconds, size_of(path))


def _saver(graph: tf.Graph) -> Any:
    savers = graph.get_collection(tf.compat.v1.GraphKeys.SAVERS)
    if savers:
        return savers[0]
    if graph.finalized:
        raise RefusedError(NO_SAVER)
    with graph.as_default():
        saver = tf.compat.v1.train.Saver()
        graph.add_to_collection(tf.compat.v1.GraphKeys.SAVERS, saver)
    return saver
