"""What a board shows and what its pages are sent: the one place where unit tests know how it is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
from page_state import PageState

from nbhooks.model.events import Event, State
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Attempt, Checkpoint, Line, Progress, Scalar, Source
from nbhooks.model.values import Tensor
from nbhooks.view import blocks
from nbhooks.view.dashboard import Dashboard

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


class Page(PageState):
    """A page that shows a board: it receives what the widget is sent, and sends what a page sends.

    Args:
        board: what it shows.
        name: of the page; pages of one board receive the same.
    """

    def __init__(self, board: Dashboard, name: str = "page") -> None:
        super().__init__()
        self.board, self.name = board, name
        widget = board._front_end.widget
        send = widget.send

        def received(content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
            send(content, buffers)
            self.apply(content, buffers or [])

        widget.send = received

    def send(self, **content: Any) -> None:
        """Send a message, as ipywidgets hands it over."""
        self.board._front_end.widget._handle_custom_msg(content, [])

    def ready(self) -> Page:
        """Request everything."""
        self.send(type="ready", page=self.name)
        return self

    def see(self, *tags: str, part: str = "") -> None:
        """Have the cards of these tags in sight, in a part or in the last, and nothing else."""
        part = part or self.parts[-1]
        cards = [[part, self.card(tag, part)] for tag in tags]
        self.send(type="sight", page=self.name, cards=cards, sections=[], log=False)

    def open(self, *sections: str) -> None:
        """Have these sections of the last part in sight, and nothing else."""
        pairs = [[self.parts[-1], section] for section in sections]
        self.send(type="sight", page=self.name, cards=[], sections=pairs, log=False)

    def see_all(self) -> Page:
        """Have everything in sight."""
        cards = [[part, card["key"]] for part, cards in self.cards.items() for card in cards]
        pairs = [[part, one["key"]] for part, sections in self.sections.items() for one in sections]
        self.send(type="sight", page=self.name, cards=cards, sections=pairs, log=True)
        return self


def open_page(board: Dashboard) -> Page:
    """Open a page that has everything of a board in sight."""
    return Page(board).ready().see_all()


def classes(board: Dashboard) -> set[str]:
    """The CSS classes of a board's widget."""
    return set(board._front_end.widget._dom_classes)


def texts(board: Dashboard) -> str:
    """What a board says, but for its status lines, as the HTML that stays; drawn as it is."""
    return "\n".join(section.static() for section in board._parts)


def panel_text(board: Dashboard, source: str) -> str:
    """What the panel of a source says, as the HTML that stays; a fault of it is raised."""

    def fail(error: Exception) -> None:
        raise error

    return blocks.to_html(board.panel(source).content(fail))


def statuses(board: Dashboard) -> list[str]:
    """The status line of each session."""
    return [section.line for section in board._parts]


def sections(board: Dashboard) -> tuple[Section, ...]:
    """The sections of a board."""
    return board._parts.sections


def recordings(board: Dashboard) -> list[Recording]:
    """The recordings that a board shows."""
    return [section.recording for section in board._parts]


def panels(board: Dashboard) -> list[Panel]:
    """The panels of every session on a board."""
    return board._parts.panels


def plots(board: Dashboard) -> list[Plot]:
    """The plots of a board, from top to bottom."""
    return board._plots()


def static(board: Dashboard) -> str:
    """The HTML that stays in a saved notebook."""
    return board._static()


def requests(board: Dashboard) -> int:
    """How often a drawing was requested since the last one, of a board with an InlineRenderer."""
    return board._renderer.requests


def receive(board: Dashboard, **content: Any) -> None:
    """Hand a board a message, as ipywidgets does when a page has sent it."""
    board._front_end.widget._handle_custom_msg(content, [])


def page_ready(board: Dashboard) -> None:
    """Do as a page does when the board is there."""
    receive(board, type="ready", page="page")
