"""Where the time goes: ProfilerHook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import tf, train
from nbhooks.hooks.base import NotebookHook, step_in_dict
from nbhooks.model.kinds import SourceKind
from nbhooks.model.records import File

if TYPE_CHECKING:
    from nbhooks.model.sink import Sink


class ProfilerHook(NotebookHook, train.ProfilerHook):
    """``tf.compat.v1.train.ProfilerHook``, with a list of the timelines that it wrote.

    A timeline is opened with a browser's ``chrome://tracing`` or https://ui.perfetto.dev.

    Args:
        save_steps: every so many global steps.
        save_secs: or every so many seconds.
        output_dir: where to write.
        show_dataflow: whether to draw arrows from producers to consumers.
        show_memory: whether to write the sizes and lives of tensors.
        dashboard: where to show it; the cell's own dashboard by default.

    Raises:
        ValueError: if not exactly one of `save_steps` and `save_secs` is given.

    Example:
        >>> hook = ProfilerHook(save_steps=1000, output_dir="timelines")  # doctest: +SKIP
    """

    kind = SourceKind.FILES
    reports = File
    fetches_step = True
    stale_step = staticmethod(step_in_dict)

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: str = "",
        show_dataflow: bool = True,
        show_memory: bool = False,
        *,
        dashboard: Sink | None = None,
    ) -> None:
        """Take TensorFlow's arguments, and a dashboard."""
        super().__init__(save_steps, save_secs, output_dir, show_dataflow, show_memory)
        self._dashboard = dashboard

    def _save(self, step: int, save_path: str, step_stats: Any) -> None:
        super()._save(step, save_path, step_stats)
        self._observe(self._report_file, int(step), str(save_path))

    def _report_file(self, step: int, path: str) -> None:
        self._write(File(self._source, path, step, time.time(), int(tf.io.gfile.stat(path).length)))
