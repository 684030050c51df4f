"""One panel a file: each turns a source's snapshot into blocks, and knows no hook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.view.panels.checkpoints import CheckpointsPanel
from nbhooks.view.panels.debug import DebugPanel
from nbhooks.view.panels.feeds import FeedsPanel
from nbhooks.view.panels.files import FilesPanel
from nbhooks.view.panels.nan import NanPanel
from nbhooks.view.panels.progress import ProgressPanel
from nbhooks.view.panels.results import ResultsPanel
from nbhooks.view.panels.steps import StepsPanel
from nbhooks.view.panels.summaries import SummariesPanel
from nbhooks.view.panels.tensors import TensorsPanel
from nbhooks.view.panels.wait import WaitPanel

if TYPE_CHECKING:
    from nbhooks.model.records import Source
    from nbhooks.view.panels.panel import Panel

_KINDS: dict[str, type[Panel]] = {
    panel.kind: panel
    for panel in (
        CheckpointsPanel,
        DebugPanel,
        FeedsPanel,
        FilesPanel,
        NanPanel,
        ProgressPanel,
        ResultsPanel,
        StepsPanel,
        SummariesPanel,
        TensorsPanel,
        WaitPanel,
    )
}


def panel_for(source: Source) -> Panel | None:
    """Return a new panel that shows `source`, or None if its kind has no panel."""
    panel = _KINDS.get(source.kind)
    return None if panel is None else panel(source)
