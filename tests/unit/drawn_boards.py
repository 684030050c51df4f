"""What a board shows, read from its widgets: the one place where unit tests know how a board is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np

from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Attempt, Checkpoint, Event, Line, Progress, Scalar, Source, State, Tensor
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.widgets.status import Status

if TYPE_CHECKING:
    from nbhooks.figures import Plot
    from nbhooks.model.recording import Recording
    from nbhooks.view.panels.panel import Panel
    from nbhooks.view.section import Section

Make = Callable[[], Dashboard]
"""What the fixture `boards` is."""

WIDGETS = ipywidgets.widgets.widget._instances
"""Every widget that was made and not closed, by its id."""

SOURCES = {
    "StepCounterHook": "steps",
    "LoggingTensorHook": "tensors",
    "NanTensorHook": "nan",
    "CheckpointSaverHook": "checkpoints",
    "StopAtStepHook": "progress",
}
"""The sources of `life`, with their kinds."""


def life(write: Callable[[object], None], last: int = 3) -> None:
    """Write the records of a short run, by hand."""
    for source, kind in SOURCES.items():
        write(Source(source, kind, {"tags": ("loss", "w"), "others": ("w",)} if kind == "tensors" else {}))
    write(Attempt(100.0, 0))
    write(State(Phase.RUNNING, 0, 100.0))
    for step in range(1, last + 1):
        write(Scalar("StepCounterHook", "global_step/sec", step, 100.0 + step, 50.0))
        write(Scalar("LoggingTensorHook", "loss", step, 100.0 + step, 1 / step))
        write(Tensor("LoggingTensorHook", "w", step, 100.0 + step, "int64", (2,), np.array([step, step])))
        write(Line("LoggingTensorHook", step, 100.0 + step, f"line {step}"))
        write(Scalar("NanTensorHook", "loss:0", step, 100.0 + step, 1 / step))
        write(Progress("StopAtStepHook", step, 100.0 + step, 0, 10))
    write(Checkpoint("CheckpointSaverHook", "/logs/model.ckpt-1", 1, 101.0, "kept", 0.5, 1000))
    write(Event("inf", last, 104.0, "once"))


def every(widget: ipywidgets.Widget, kind: type = ipywidgets.Widget) -> list[Any]:
    """The widgets of a kind in `widget`, itself included, from top to bottom."""
    found = [widget] if isinstance(widget, kind) else []
    return found + [one for child in getattr(widget, "children", ()) for one in every(child, kind)]


def widgets(board: Dashboard, kind: type = ipywidgets.Widget) -> list[Any]:
    """The widgets of a kind on a board, from top to bottom."""
    return every(board._widget, kind)


def classes(board: Dashboard) -> set[str]:
    """The CSS classes of a board's widget."""
    return set(board._widget._dom_classes)


def sent(board: Dashboard) -> list[str]:
    """What a page is sent to make the board's widgets of, as text."""
    return [str(value) for widget in widgets(board) for value in widget.get_state().values()]


def html(board: Dashboard) -> str:
    """What a board says in HTML."""
    return "\n".join(widget.value for widget in widgets(board, ipywidgets.HTML))


def statuses(board: Dashboard) -> list[str]:
    """The status line of each session."""
    return [one.text for one in widgets(board, Status)]


def sections(board: Dashboard) -> tuple[Section, ...]:
    """The sections of a board."""
    return board._sections


def recordings(board: Dashboard) -> list[Recording]:
    """The recordings that a board shows."""
    return [section.recording for section in board._sections]


def panels(board: Dashboard) -> list[Panel]:
    """The panels of every session on a board."""
    return [panel for section in board._sections for panel in section.panels]


def plots(board: Dashboard) -> list[Plot]:
    """The plots of a board, from top to bottom."""
    return board._plots()


def static(board: Dashboard) -> str:
    """The HTML that stays in a saved notebook."""
    return board._static()


def requests(board: Dashboard) -> int:
    """How often a drawing was requested since the last one, of a board with an InlineRenderer."""
    return board._renderer.requests


def receive(widget: ipywidgets.Widget, **content: Any) -> None:
    """Hand a widget a message, as ipywidgets does when a page has sent it."""
    widget._handle_custom_msg(content, [])


def page_ready(board: Dashboard) -> None:
    """Do as a page does when the board is there."""
    receive(widgets(board, Status)[0], type="ready")
