"""One panel a file: each turns a source's snapshot into widget traits and messages, and knows no hook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.panels.checkpoints import CheckpointsPanel
from nbhooks.panels.feeds import FeedsPanel
from nbhooks.panels.files import FilesPanel
from nbhooks.panels.nan import NanPanel
from nbhooks.panels.progress import ProgressPanel
from nbhooks.panels.results import ResultsPanel
from nbhooks.panels.steps import StepsPanel
from nbhooks.panels.summaries import SummariesPanel
from nbhooks.panels.tensors import TensorsPanel
from nbhooks.panels.wait import WaitPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.panels.panel import Panel
    from nbhooks.records import Source

_KINDS: dict[str, type[Panel]] = {
    panel.kind: panel
    for panel in (
        CheckpointsPanel,
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


def panel_for(source: Source, wake: Callable[[], object]) -> Panel | None:
    """Make the panel that shows `source`, None where there is none for its kind.

    Args:
        source: as announced.
        wake: asks for a drawing; called when the page wants one.
    """
    panel = _KINDS.get(source.kind)
    return None if panel is None else panel(source, wake)
