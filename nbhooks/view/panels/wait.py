"""Waiting for a global step that other workers reach: which one, the present one, and for how long."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nbhooks.model.kinds import SourceKind
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Progress
from nbhooks.view import formatting
from nbhooks.view.blocks import Text
from nbhooks.view.panels.panel import Panel
from nbhooks.view.panels.progress import bar

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView
    from nbhooks.view.blocks import Block


class WaitPanel(Panel):
    """A bar and one line while it waits; afterwards what it waited for, and for how long.

    Example:
        >>> from nbhooks.model.records import Source
        >>> WaitPanel(Source("GlobalStepWaiterHook", "wait")).source
        'GlobalStepWaiterHook'
    """

    kind = SourceKind.WAIT
    broad = True

    def body(self, view: SourceView, snapshot: Snapshot) -> list[Block]:
        """Make the bar and the line."""
        progress = view.latest(Progress)
        if progress is None or progress.last is None:
            return [Text("nothing to wait for so far")]
        step, last = formatting.count(progress.step), formatting.count(progress.last)
        if progress.step >= progress.last:
            return [Text(f"waited {_took(progress)} for global step {last}; it was {step} then")]
        if snapshot.state is None or snapshot.state.phase is not Phase.WAITING:
            words = f"stopped waiting for global step {last} after {_took(progress)}, at {step}"
        else:
            words = f"waiting for global step {last}, now {step} · {_took(progress)}"
        return [*bar(progress, progress.step), Text(words)]

    def news(self, view: SourceView) -> str:
        """Say for how long, and for what."""
        progress = view.latest(Progress)
        if progress is None or progress.last is None:
            return "nothing to wait for so far"
        return f"{_took(progress)} for global step {formatting.count(progress.last)}"


def _took(progress: Progress) -> str:
    began = math.nan if progress.began is None else progress.began
    return formatting.duration(progress.wall_time - began)
