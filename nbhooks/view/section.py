"""One recording's part of a board: its status line and its panels, drawn from one snapshot."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

import ipywidgets

from nbhooks.model.records import Source
from nbhooks.view import attention, formatting
from nbhooks.view.panels import panel_for
from nbhooks.view.panels.panel import close
from nbhooks.view.widgets.status import Status

if TYPE_CHECKING:
    from nbhooks.figures import Plot
    from nbhooks.model.recording import Recording
    from nbhooks.view.panels.panel import Panel

GRACE = 2.0
"""Seconds after which a session that is gone without an error counts as died: it may be recovering."""


class Board(Protocol):
    """What a section calls of the board it is part of."""

    @property
    def live(self) -> bool:
        """Whether a page has reported that it is ready."""

    def page_ready(self) -> None:
        """Enable input and send everything: a page has reported that it is ready."""

    def request_draw(self) -> None:
        """Draw everything for a page."""

    def recording_ended(self) -> None:
        """Draw once more: the section's recording has ended."""


class Section:
    """Shows one recording; an observer of it.

    Attributes:
        recording: what it shows.
        panels: one for each source of a kind that has one, in the order in which they joined.
        widget: the widget to display.
    """

    def __init__(self, recording: Recording, board: Board) -> None:
        """Make the status line; `begin` adds the panels."""
        self.recording = recording
        self.panels: tuple[Panel, ...] = ()
        self._arranging = threading.Lock()
        self._board = board
        self._status = Status(board.page_ready, recording.control.submit)
        self._drawn: tuple[object, ...] | None = None
        self._lost_since: float | None = None
        self._folded: tuple[list[Plot], str] = ([], "")
        self._alerts = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([self._status, self._alerts])
        self.widget.add_class("nbhooks-session")

    def begin(self) -> None:
        """Make the panels of the sources that have joined already, and of those that join from now on."""
        self.recording.add_observer(self)  # first, so that no source that joins meanwhile is missed
        for view in self.recording.store.snapshot().sources:
            self.joined(Source(view.source, view.kind, view.detail))

    def joined(self, source: Source) -> None:
        """Make the panel of a source. Called on the training thread, which creates the widgets."""
        panel = panel_for(source, self._board.request_draw)
        if panel is None:
            return
        with self._arranging:
            known = any(other.source == panel.source for other in self.panels)
            if not known:
                self._arrange((*self.panels, panel))
        if known:  # seen by `begin` and reported by the recording, too
            panel.close()
        elif self._board.live:  # read last: a page that is ready from here on finds the panel itself
            panel.enable_input()

    def ended(self) -> None:
        """Notify the board."""
        self._board.recording_ended()

    def enable_input(self) -> None:
        """Enable the panels' input: a page is there to use it."""
        for panel in self.panels:
            panel.enable_input()

    def draw(self, first: int, *, several: bool, again: bool, cursor: int | None = None) -> int:
        """Draw what is new, or everything.

        Args:
            first: the number of the recording's first attempt on the board.
            several: whether the board shows other recordings too.
            again: whether to draw though nothing is new, because a page requested it.
            cursor: the step at which to show values, None for the latest.

        Returns:
            The number of the next section's first attempt.
        """
        self._look_after()
        panels = self.panels  # before the snapshot, which so has the source of each
        snapshot = self.recording.snapshot(cursor)
        behind = first + snapshot.attempts
        name = self.recording.name or (f"session {max(behind - 1, first)}" if several else "")
        can_stop = self.recording.can_stop and self._board.live  # no page, no click
        drawn = (snapshot.version, snapshot.step, several, cursor, name, can_stop, panels)
        if drawn == self._drawn and not again:
            return behind
        self._drawn = drawn
        self._status.draw(snapshot, name, can_stop=can_stop)
        alerts = attention.html(snapshot.alerts)
        if alerts != self._alerts.value:
            self._alerts.value = alerts
        views = {view.source: view for view in snapshot.sources}
        for panel in panels:
            try:
                panel.draw(views[panel.source], snapshot)
            except Exception as error:  # noqa: BLE001 - a fault of a panel is shown in the panel
                self.recording.report_fault(f"the panel of {panel.source}", error)
                panel.fail(error)
        return behind

    def _look_after(self) -> None:
        """End a recording whose session is gone without an error: the error was caught elsewhere."""
        if not self.recording.lost:
            self._lost_since = None
        elif self._lost_since is None:
            self._lost_since = time.monotonic()
        elif time.monotonic() - self._lost_since > GRACE:
            self.recording.die()

    def plots(self) -> list[Plot]:
        """Return what the charts drew last."""
        return [*self._folded[0], *(plot for panel in self.panels for plot in panel.plots())]

    def static(self) -> str:
        """Return the texts as HTML that needs no widget."""
        return f"<p>{formatting.escape(self._status.text)}</p>{self._alerts.value}{self._written()}"

    def _written(self) -> str:
        return self._folded[1] + "".join(panel.static() for panel in self.panels)

    def fold(self) -> None:
        """Close the panels and keep the status line; figures still have what the panels showed last."""
        with self._arranging:
            panels, self._folded = self.panels, (self.plots(), self._written())
            self._arrange(())
        for panel in panels:
            panel.close()

    def close(self) -> None:
        """Close every widget."""
        self.fold()
        close(self.widget)

    def _arrange(self, panels: tuple[Panel, ...]) -> None:
        """Show these panels, with the lock held: two sources may join at once.

        The tuple is replaced, never changed: the renderer may be walking it.
        """
        self.panels = panels
        self.widget.children = (self._status, self._alerts, *(panel.widget for panel in panels))
