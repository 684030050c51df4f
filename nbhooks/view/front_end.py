"""The pages that show a board: what they are sent, and what they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from nbhooks.model.commands import Command
from nbhooks.view.messages import Ask, Choose, Ready, Sight, StopPart
from nbhooks.view.outbox import Outbox
from nbhooks.view.static_html import AS_TEXT, LIVE
from nbhooks.view.widgets.board import BoardWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbhooks.view.messages import Message
    from nbhooks.view.outbox import Log, Part
    from nbhooks.view.section import Section


class Board(Protocol):
    """What pages ask of a board."""

    def section(self, key: str) -> Section | None:
        """Find a section by its key."""

    def submit(self, command: Command) -> None:
        """Submit a command of the chooser of saved runs."""

    def page_ready(self) -> None:
        """A page has reported that it is there."""

    def request_draw(self) -> None:
        """Draw for a page, soon."""


class FrontEnd:
    """One widget and the pages that show it.

    Args:
        board: answers what pages ask.

    Attributes:
        widget: to display.
        live: whether a page has reported that it is ready.
        displayed: whether the widget was displayed anywhere.
    """

    def __init__(self, board: Board) -> None:
        """Make the widget."""
        self._board = board
        self._outbox = Outbox()
        self.live = self.displayed = False
        self.widget = BoardWidget(self._receive)
        for name in (LIVE, *AS_TEXT):
            self.widget.add_class(name)

    def _receive(self, message: Message) -> None:
        """Do what a page asks, on the thread on which its message arrived."""
        match message:
            case Ready():
                self.live = True
                self._outbox.ask()
                self._board.page_ready()
            case Sight():
                self._outbox.see(message)
            case StopPart(part):
                section = self._board.section(part)
                if section is not None:
                    section.stop()
            case Ask(part, command):
                section = self._board.section(part)
                if section is not None:
                    section.ask(command)
            case Choose(part, key, name, value):
                section = self._board.section(part)
                if section is None or not section.choose(key, name, value):
                    return
                self._outbox.hurry()
            case Command():
                self._board.submit(message)
        self._board.request_draw()

    def send(
        self, parts: Sequence[Part], chooser: dict[str, Any] | None = None, log: Log | None = None
    ) -> None:
        """Send pages what is new, in one message; nothing where the board is shown nowhere.

        Args:
            parts: the recordings, in order.
            chooser: what there is to choose of saved runs, None where there is no choice.
            log: the lines that were logged, None where there is no log.
        """
        if self.displayed or self.live:
            composed = self._outbox.compose(parts, chooser, log)
            if composed is not None:
                self.widget.send(*composed)

    def send_all(self) -> None:
        """Send everything with the next message: what pages have of some lines is of others now."""
        self._outbox.begin_anew()

    def send_sought(self) -> None:
        """Report that the requested step is shown. A page requests one at a time: drags must not pile up."""
        self.widget.send({"type": "sought"})

    def close(self) -> None:
        """Take the board off the page, and close the widget."""
        self.live = self.displayed = False
        self.widget.dispose()
