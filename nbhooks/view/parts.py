"""The sections of a board: which recordings it shows, and what belongs to all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nbhooks.model.lifecycle import Phase
from nbhooks.view.section import Board, Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nbhooks.figures import Plot
    from nbhooks.model.recording import Recording
    from nbhooks.view.panels.panel import Panel
    from nbhooks.view.saved import SavedRun

UNFOLDED = 6
"""Sessions that a board shows whole; of earlier ones that have ended it shows the head."""


class Server(Protocol):
    """What serves clicks while a cell is busy; the place of a board is one."""

    def serve(self) -> None:
        """Serve the messages that have arrived."""


class Parts:
    """The sections of one board, in order; the last is that of the latest session.

    Args:
        board: whose sections they are.
        place: serves clicks between two steps of the sessions shown.

    Attributes:
        sections: replaced when one is added or removed, never changed.
    """

    def __init__(self, board: Board, place: Server) -> None:
        """Begin without sections."""
        self.sections: tuple[Section, ...] = ()
        self._behind: tuple[SavedRun, ...] = ()
        self._board, self._place = board, place
        self._made = 0

    def __iter__(self) -> Iterator[Section]:
        return iter(self.sections)

    def __len__(self) -> int:
        return len(self.sections)

    def find(self, key: str) -> Section | None:
        """Find a section by its key."""
        return next((section for section in self.sections if section.key == key), None)

    def shows(self, recording: Recording) -> bool:
        """Whether a section shows this recording."""
        return any(section.recording is recording for section in self.sections)

    def add(self, recording: Recording) -> None:
        """Show a recording below those already shown, from now on and while it runs."""
        for section in self.sections:
            section.recording.supersede()
        section = self._begin(recording)
        self.sections = (*self.sections, section)
        recording.control.poll = self._place.serve
        recording.control.live = lambda: self._board.live
        recording.store.add_listener(section.written)
        for earlier in self.sections[:-UNFOLDED]:
            if earlier.recording.lifecycle.ended:
                earlier.fold()

    def arrange(self, recordings: Sequence[Recording]) -> None:
        """Show exactly these recordings, in this order."""
        shown = {id(section.recording): section for section in self.sections}
        self.sections = tuple(
            shown.pop(id(one)) if id(one) in shown else self._begin(one) for one in recordings
        )
        for section in shown.values():
            self.release(section)

    def compare(self, runs: tuple[SavedRun, ...]) -> None:
        """Draw saved runs behind the cards of all sections, of those too that come later."""
        self._behind = runs
        for section in self.sections:
            section.compare(runs)

    def release(self, section: Section) -> None:
        """Disconnect a section from its recording."""
        if section.recording.control.poll == self._place.serve:  # and not that of a later board
            section.recording.control.disconnect()
        section.recording.store.remove_listener(section.written)
        section.recording.remove_observer(section)

    def _begin(self, recording: Recording) -> Section:
        section = Section(f"p{self._made}", recording, self._board)
        self._made += 1
        section.compare(self._behind)
        section.begin()
        return section

    def draw(self, cursor: int | None, report: Callable[[Section, Exception], object]) -> None:
        """Make anew what has changed.

        Args:
            cursor: the step at which to show values, None for the latest.
            report: called with a section that could not be drawn, and what it raised.
        """
        number, sections = 0, self.sections
        for section in sections:
            try:
                number = section.draw(number, several=len(sections) > 1, cursor=cursor)
            except Exception as error:  # noqa: BLE001 - the thread that draws may be the one that trains
                report(section, error)

    @property
    def panels(self) -> list[Panel]:
        """The panels of all sections."""
        return [panel for section in self.sections for panel in section.panels]

    def plots(self) -> list[Plot]:
        """Return the plots of all panels."""
        return [plot for section in self.sections for plot in section.plots()]

    def charts(self, most: int) -> tuple[list[Plot], int]:
        """Return a plot of each card, of the latest section first, and how many were left out.

        Args:
            most: how many at most.
        """
        found: list[Plot] = []
        for section in reversed(self.sections):
            found += section.charts(most - len(found))
        return found, sum(section.card_count for section in self.sections) - len(found)

    @property
    def over(self) -> bool:
        """Whether every recording has ended."""
        return all(section.recording.lifecycle.ended for section in self.sections)

    @property
    def running(self) -> bool:
        """Whether a recording runs."""
        return any(section.recording.lifecycle.phase is Phase.RUNNING for section in self.sections)
