"""One panel a file: each turns a source's snapshot into widget traits and messages, and knows no hook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.panels.checkpoints import CheckpointsPanel
from nbhooks.panels.nan import NanPanel
from nbhooks.panels.progress import ProgressPanel
from nbhooks.panels.steps import StepsPanel
from nbhooks.panels.tensors import TensorsPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.panels.panel import Panel
    from nbhooks.records import Source

_KINDS: dict[str, type[Panel]] = {
    panel.kind: panel for panel in (CheckpointsPanel, NanPanel, ProgressPanel, StepsPanel, TensorsPanel)
}


def panel_for(source: Source, wake: Callable[[], object]) -> Panel | None:
    """Make the panel that shows `source`, None where there is none for its kind.

    Args:
        source: as announced.
        wake: asks for a drawing; called when the page wants one.
    """
    panel = _KINDS.get(source.kind)
    return None if panel is None else panel(source, wake)
