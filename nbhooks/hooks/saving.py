"""Writes a checkpoint on request, as the session's CheckpointSaverHook does, or by a saver alone."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from nbhooks.hooks._tensorflow import CheckpointSaver, tf
from nbhooks.hooks.checkpoint_saver import size_of
from nbhooks.model.commands import RefusedError
from nbhooks.model.kinds import CheckpointState
from nbhooks.model.records import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable


class Saved(NamedTuple):
    """What came of saving.

    Attributes:
        asks_to_stop: whether a listener asks to stop the training.
        record: of the checkpoint, None where the hook reports it.
    """

    asks_to_stop: bool
    record: Checkpoint | None = None


NO_DIRECTORY = (
    "there is no directory to save to: give NotebookDebugHook a checkpoint_dir, or give the session a "
    "CheckpointSaverHook"
)
NO_SAVER = (
    "the graph has no saver, and is final: make a tf.compat.v1.train.Saver() and add it to the collection "
    "tf.compat.v1.GraphKeys.SAVERS before the session is opened"
)


def save(
    session: tf.compat.v1.Session, step: int | None, hooks: Iterable[Any], directory: str | None
) -> Saved:
    """Save as the session's CheckpointSaverHook does, which calls its listeners too, or to a directory.

    Args:
        session: what is saved.
        step: the global step, which becomes a part of the name; None where there is none.
        hooks: of the session.
        directory: where to; None for that of the hook.

    Raises:
        RefusedError: where nothing says where to save to, or what with.
    """
    saver = next((hook for hook in hooks if isinstance(hook, CheckpointSaver)), None)
    if directory is None:
        if saver is None or step is None:
            raise RefusedError(NO_DIRECTORY)
        return Saved(bool(saver._save(session, step)))  # noqa: SLF001 - declared in _tensorflow
    began, clock = time.time(), time.perf_counter()
    written = _saver(session.graph) if saver is None else saver._get_saver()  # noqa: SLF001 - as above
    path = written.save(
        session,
        os.path.join(directory, "model.ckpt"),  # noqa: PTH118 - it may be one of tf.io.gfile's
        global_step=step,
    )
    seconds = time.perf_counter() - clock
    record = Checkpoint("", path, step or 0, began, CheckpointState.KEPT, seconds, size_of(path))
    return Saved(asks_to_stop=False, record=record)


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
