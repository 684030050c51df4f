"""What is on disk: CheckpointSaverHook."""

from __future__ import annotations

import dataclasses
import os
import time
from typing import TYPE_CHECKING

from nbhooks.hooks._tensorflow import tf, train
from nbhooks.hooks.base import NotebookHook
from nbhooks.model.kinds import CheckpointState, SourceKind
from nbhooks.model.records import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbhooks.model.sink import Sink


class CheckpointSaverHook(NotebookHook, train.CheckpointSaverHook):
    """``tf.compat.v1.train.CheckpointSaverHook``, with a list of what it wrote and what is gone again.

    Args:
        checkpoint_dir: where to write.
        save_secs: every so many seconds.
        save_steps: or every so many global steps.
        saver: what to write with.
        checkpoint_basename: the first part of the files' names.
        scaffold: or where to find the saver.
        listeners: called before and after each checkpoint.
        save_graph_def: whether to write the graph too.
        dashboard: where to show it; the cell's own dashboard by default.

    Raises:
        ValueError: if not exactly one of `save_secs` and `save_steps`, or both `saver` and `scaffold`, are
            given.

    Example:
        >>> hook = CheckpointSaverHook("checkpoints", save_steps=100)
    """

    kind = SourceKind.CHECKPOINTS
    reports = Checkpoint
    fetches_step = True

    def __init__(
        self,
        checkpoint_dir: str,
        save_secs: float | None = None,
        save_steps: int | None = None,
        saver: train.Saver | None = None,
        checkpoint_basename: str = "model.ckpt",
        scaffold: train.Scaffold | None = None,
        listeners: Sequence[train.CheckpointSaverListener] | None = None,
        save_graph_def: bool = True,
        *,
        dashboard: Sink | None = None,
    ) -> None:
        """Take TensorFlow's arguments, and a dashboard."""
        super().__init__(
            checkpoint_dir,
            save_secs,
            save_steps,
            saver,
            checkpoint_basename,
            scaffold,
            listeners,
            save_graph_def,
        )
        self._dashboard = dashboard
        self._kept: dict[str, Checkpoint] = {}
        self._may_stop = False

    def after_create_session(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        """Do as TensorFlow's hook, which saves; that a listener requests a stop does not count yet."""
        super().after_create_session(session, coord)
        self._may_stop = True

    def end(self, session: tf.compat.v1.Session) -> None:
        """Do as TensorFlow's hook, which saves; that a listener requests a stop no longer counts."""
        self._may_stop = False
        super().end(session)

    def _save(self, session: tf.compat.v1.Session, step: int) -> bool:
        begun = Checkpoint(
            self._source, f"{self._save_path}-{step}", int(step), time.time(), CheckpointState.WRITING
        )
        clock = time.perf_counter()
        self._observe(self._write, begun)
        try:
            asks_to_stop = bool(super()._save(session, step))
        except BaseException as error:
            self._observe(self._report_failed, begun, time.perf_counter() - clock, error)
            raise
        self._observe(self._report_saved, begun, time.perf_counter() - clock)
        if asks_to_stop and self._may_stop:
            self._observe(self._record_stop)
        return asks_to_stop

    def _report_failed(self, begun: Checkpoint, seconds: float, error: BaseException) -> None:
        """Report what failed: writing, or a listener after it; then the checkpoint is there all the same."""
        if begun.path not in self._kept and begun.path in self._get_saver().last_checkpoints:
            self._report_saved(begun, seconds)
            return
        self._write(dataclasses.replace(begun, state=CheckpointState.FAILED))
        # TensorFlow takes it for the end of the data, and a file that may not grow any more raises it.
        if self._recording is not None and isinstance(error, tf.errors.OutOfRangeError):
            self._recording.fail(error)

    def _report_saved(self, begun: Checkpoint, seconds: float) -> None:
        saved = dataclasses.replace(
            begun, state=CheckpointState.KEPT, seconds=seconds, size=size_of(begun.path)
        )
        self._kept.pop(saved.path, None)
        self._kept[saved.path] = saved
        self._write(saved)
        # The saver deletes the oldest beyond its max_to_keep; those it still lists need no look at the disk.
        listed = set(self._get_saver().last_checkpoints)
        for path in [path for path in self._kept if path not in listed and not _files_of(path)]:
            self._write(dataclasses.replace(self._kept.pop(path), state=CheckpointState.DELETED))


def size_of(path: str) -> int:
    """Return how many bytes the files of a checkpoint take."""
    return sum(int(tf.io.gfile.stat(file).length) for file in _files_of(path))


def _files_of(path: str) -> list[str]:
    """List a checkpoint's files; none where it was deleted. By name, since a path may hold wildcards."""
    directory, name = os.path.split(path)
    if not tf.io.gfile.isdir(directory):
        return []
    files = tf.io.gfile.listdir(directory)
    return [os.path.join(directory, file) for file in files if file == name or file.startswith(name + ".")]  # noqa: PTH118
