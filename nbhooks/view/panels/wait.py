"""Waiting for a global step that other workers reach: which one, the present one, and for how long."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Progress, SourceKind
from nbhooks.view import formatting
from nbhooks.view.panels.panel import Panel
from nbhooks.view.panels.progress import bar

if TYPE_CHECKING:
    from nbhooks.model.snapshot import Snapshot, SourceView


class WaitPanel(Panel):
    """A bar and one line while it waits; afterwards what it waited for, and for how long.

    Example:
        >>> from nbhooks.model.records import Source
        >>> WaitPanel(Source("GlobalStepWaiterHook", "wait"), request_draw=lambda: None).source
        'GlobalStepWaiterHook'
    """

    kind = SourceKind.WAIT

    def body(self, view: SourceView, snapshot: Snapshot) -> str:
        """Write the bar and the line."""
        progress = view.latest(Progress)
        if progress is None or progress.last is None:
            return formatting.line("nothing to wait for so far")
        began = math.nan if progress.began is None else progress.began
        step, last = formatting.count(progress.step), formatting.count(progress.last)
        took = formatting.duration(progress.wall_time - began)
        if progress.step >= progress.last:
            return formatting.line(f"waited {took} for global step {last}; it was {step} then")
        if snapshot.state is None or snapshot.state.phase is not Phase.WAITING:
            words = f"stopped waiting for global step {last} after {took}, at {step}"
        else:
            words = f"waiting for global step {last}, now {step} · {took}"
        return bar(progress, progress.step) + formatting.line(words)
