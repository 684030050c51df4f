"""The board: shows recordings live, off the step path, and keeps their records."""

from __future__ import annotations

import contextlib
import threading
import warnings
from typing import TYPE_CHECKING, Any, Protocol

from IPython.display import display

from nbhooks import figures, frames
from nbhooks.jupyter import environment
from nbhooks.jupyter.cell import Place
from nbhooks.model.commands import Stop
from nbhooks.model.recording import Recording
from nbhooks.view import boards, plain, static_html
from nbhooks.view.front_end import FrontEnd
from nbhooks.view.log_section import LogSection
from nbhooks.view.parts import Parts
from nbhooks.view.renderer import Drawing, Renderer

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from types import TracebackType

    import pandas as pd
    from matplotlib.figure import Figure
    from typing_extensions import Self

    from nbhooks.figures import Plot
    from nbhooks.model.commands import Command
    from nbhooks.model.record import Record
    from nbhooks.model.series import Floats, Integers
    from nbhooks.view.outbox import Part
    from nbhooks.view.panels.panel import Panel
    from nbhooks.view.saved import Loaded
    from nbhooks.view.section import Section


class Head(Protocol):
    """Chooses which recordings a board shows, and lets its pages choose."""

    def draw(self) -> None:
        """Choose the board's recordings, before these are drawn."""

    def parts(self) -> Sequence[Part]:
        """Return what is shown before the recordings."""

    def choices(self) -> dict[str, Any]:
        """Return what there is to choose, as plain values."""

    def submit(self, command: Command) -> None:
        """Submit a command of a page."""

    def take_sought(self) -> bool:
        """Whether a step was sought and is shown now; only once for each."""

    def plots(self) -> list[Plot]:
        """Return what its charts show."""

    def seen(self) -> object:
        """Return a value that changes with whatever it shows."""

    def frame(self, name: str) -> pd.DataFrame:
        """Return the frame of a kind, such as ``"scalars"``, of all recordings, shown or not."""

    def close(self) -> None:
        """End what runs in the background: the board closes. Frames can still be requested."""


class Dashboard(frames.Frames):
    """Shows sessions while they run, and keeps their records.

    In a notebook one is made automatically, in the cell that runs the session. Make one to display it
    elsewhere, or to use its records: it is a Sink, so hooks take it as ``dashboard=``, and hooks without
    one that begin within its ``with`` block use it too. It may be displayed in several cells, and stays live
    in all of them; `nbhooks.board()` returns the latest. Outside a notebook nothing is displayed, the records
    are the same, and ``print(board)`` writes state, step, latest scalars and alerts.

    Args:
        renderer: takes the function that draws, and returns the object that decides when to call it.
        head: chooses which recordings are shown; None where there is no choice.
        log: whether TensorFlow's log lines below WARNING go to the board instead of into the cell's output.
            They do from its display to the end of the cell, as soon as its page is there; where it is not
            within two seconds they are printed after all. Warnings and errors go to both.

    Attributes:
        place: the cell that the board is displayed in.

    Example:
        >>> with Dashboard() as board:  # doctest: +SKIP
        ...     train()
        >>> board.scalars  # doctest: +SKIP
    """

    def __init__(
        self,
        renderer: Callable[[Callable[[], object]], Drawing] = Renderer,
        head: Head | None = None,
        *,
        log: bool = True,
    ) -> None:
        self._head = head
        self._cursor: int | None = None
        self._own: Recording | None = None
        self._renderer = renderer(self._draw)
        self._drawer: int | None = None
        self._closed = False
        self._log = LogSection(lambda: self.live, self.request, enabled=log)
        self._resuming = False
        self.place = Place(self._cell_ended, self._cell_begins)
        self._parts = Parts(self, self.place)
        self._picture = static_html.Picture(self._static)
        self._displayed = ""
        self._front_end = FrontEnd(self)
        boards.register(self)

    # Records and figures

    def figure(self) -> Figure:
        """Draw every chart with matplotlib, one below the other."""
        return figures.figure(self._plots())

    def panel(self, source: str) -> Panel:
        """Return the panel of a source, such as ``"StepCounterHook"``; of several, the latest session's.

        Raises:
            KeyError: if there is none; the message lists the sources that have a panel.
        """
        panels = self._parts.panels
        for panel in reversed(panels):
            if panel.source == source:
                self._renderer.flush()
                return panel
        names = ", ".join(repr(panel.source) for panel in panels) or "none yet"
        raise KeyError(f"no panel of {source!r}; there are: {names}")

    @property
    def state(self) -> str:
        """The state of the latest session, ``"waiting"`` before there is one."""
        sections = self._parts.sections
        return sections[-1].recording.state if sections else "waiting"

    def stop(self) -> None:
        """Request the end of the session that runs, as its Stop button does.

        The request is carried out by the training thread before the next step, in the way of
        ``run_context.request_stop()``: that step is made, and ``should_stop()`` is true from then on. May be
        called from any thread.

        Raises:
            RuntimeError: if no session of this board can be stopped.
        """
        for section in reversed(self._parts.sections):
            if section.recording.can_stop:
                section.recording.control.submit(Stop())
                return
        states = ", ".join(section.recording.state for section in self._parts) or "it has none"
        raise RuntimeError(
            f"no session of this board can be stopped; their states: {states}. Only a session that nbhooks' "
            "hooks are in, and that has not ended or been stopped, takes this request"
        )

    def to_pandas(self) -> pd.DataFrame:
        """Return every scalar as a row, as `scalars` does."""
        return self.scalars

    def _frame(self, kind: type[Record]) -> pd.DataFrame:
        if self._head is not None:
            return self._head.frame(kind.FRAME)
        return frames.live(kind, [section.recording.store.columns() for section in self._parts])

    def _plots(self) -> list[Plot]:
        self._renderer.flush()
        above = self._head.plots() if self._head is not None else []
        return [*above, *self._parts.plots()]

    # What it shows

    def compare(self, runs: Loaded | str | os.PathLike[str] | None) -> None:
        """Draw the scalars of saved runs as faint lines behind the cards of the same tags.

        Args:
            runs: what `nbhooks.replay.load` returned, or a path as it takes one; at most seven runs. They
                are drawn in place of those given before, None for none. They are read once.

        Raises:
            TypeError: if it is none of these.
            FileNotFoundError: if there is nothing at the path.
            ValueError: if no run has a scalar, or there are more than seven.

        Example:
            >>> board.compare("logs/best")  # doctest: +SKIP
        """
        from nbhooks.view import saved  # which reads event files: boards of live runs need none

        self._parts.compare(() if runs is None else saved.read(runs))
        self._front_end.send_all()
        self.request_draw()

    def write(self, record: Record, /) -> None:
        """Keep and show a record that belongs to no session, such as one of a saved run."""
        if self._own is None:
            self._own = Recording()
            self.show(self._own)
        self._own.write(record)

    def write_scalars(self, source: str, tag: str, step: Integers, wall_time: Floats, value: Floats) -> None:
        """Write many scalars of one tag at once; their source must have been written before."""
        if self._own is not None:
            self._own.write_scalars(source, tag, step, wall_time, value)

    def show(self, recording: Recording) -> None:
        """Show `recording` below those already shown, and display the board if it is not displayed yet."""
        if not self._parts.shows(recording):
            self._parts.add(recording)
            self.appear()
            self.request(urgent=True)

    def arrange(self, recordings: Sequence[Recording]) -> None:
        """Show exactly these recordings, in this order, from the next `refresh` on."""
        self._parts.arrange(recordings)

    def seek(self, cursor: int | None) -> None:
        """Show values as they were at step `cursor`, None for the latest, from the next drawing on."""
        self._cursor = cursor

    # What pages and sections ask

    @property
    def live(self) -> bool:
        """Whether a page has reported that it is ready."""
        return self._front_end.live

    def section(self, key: str) -> Section | None:
        """Find the part of a recording by its key in messages."""
        return self._parts.find(key)

    def page_ready(self) -> None:
        """Hand on the lines that were held until a page is there."""
        self._guard(self._log.settle)

    def submit(self, command: Command) -> None:
        """Submit a page's command to what chooses the recordings."""
        if self._head is not None:
            self._head.submit(command)

    def request_draw(self) -> None:
        """Draw for a page: by the renderer while a cell runs and is served, else at once."""
        if self.place.pumping:
            self.request(urgent=True)
        else:
            self.refresh()

    def request(self, *, urgent: bool = False) -> None:
        """Request a drawing. Called by the thread that writes a record, which must not see a fault here."""
        try:
            if self._resuming:
                self._resume()
            self._renderer.request(urgent=urgent)
        except Exception as error:  # noqa: BLE001 - a thread may not start, for one
            self._report(error)

    def refresh(self) -> None:
        """Draw now, on this thread."""
        if self._drawer != threading.get_ident():
            self._renderer.flush()

    def recording_ended(self) -> None:
        """Draw once more, as a recording has ended; after the last one, end the renderer's thread."""
        if self._parts.over:
            self._guard(self._log.give_up)
        self.refresh()
        if self._drawer != threading.get_ident() and self._parts.over:
            self._renderer.close()

    def _cell_begins(self) -> None:
        self._resuming = True

    def _resume(self) -> None:
        """Take TensorFlow's lines in a later cell, too, as soon as a session runs on there."""
        if self._parts.running and threading.current_thread() is threading.main_thread():
            self._resuming = False
            self._log.begin()

    def _cell_ended(self, error: BaseException | None) -> None:
        self._resuming = False
        self._guard(self._log.end)
        for section in self._parts:
            self._guard(section.recording.cell_ended, error)
        self._guard(self._renderer.flush)
        self._guard(self._renderer.close)
        self._guard(self.renew_picture)
        if self._parts.over:
            self.place.leave()

    def _guard(self, act: Callable[..., object], *arguments: object) -> None:
        """Call `act`; report what it raises, once, and do not raise it."""
        try:
            act(*arguments)
        except Exception as error:  # noqa: BLE001 - a fault in a view is reported, and never raised
            self._report(error)

    def _report(self, error: Exception) -> None:
        sections = self._parts.sections
        if sections:
            sections[-1].recording.report_fault("the dashboard", error)
        else:
            with contextlib.suppress(Exception):  # of a warning that is raised as an error, too
                warnings.warn(f"the dashboard failed with {error!r}", RuntimeWarning, stacklevel=3)

    def _draw(self) -> None:
        """Draw every section, and send pages what is new. The renderer calls this on one thread at a time."""
        if self._closed:
            return
        self._drawer = threading.get_ident()
        try:
            if self._head is not None:
                self._guard(self._head.draw)
            self._parts.draw(self._cursor, _report_section)
            self._guard(self._log.settle)
            self._guard(self._send)
        finally:
            self._drawer = None
        if self._parts.running:
            self.request()  # buffered values are written without a notification

    def _send(self) -> None:
        head = self._head
        if head is None:
            self._front_end.send(self._parts.sections, log=self._log.log)
        else:
            self._front_end.send([*head.parts(), *self._parts], head.choices())
            if head.take_sought():  # and not before: the step that the page shows must be the latest
                self._front_end.send_sought()

    # Where it is displayed

    def __enter__(self) -> Self:
        """Display the board here, and show the sessions that begin within the block on it."""
        self._guard(self.appear)
        boards.enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the block; the board stays displayed."""
        boards.leave(self)
        for section in self._parts:
            # As at the end of a cell: after an error before the first run the session cannot be lost.
            section.recording.die_with(error)
        if not len(self._parts) and error is None:
            warnings.warn(
                "this Dashboard has nothing to show: within its block no session with hooks of nbhooks "
                "began, except those with a dashboard of their own. Give the hooks to a session that is "
                "opened in the block, as in nbhooks.MonitoredTrainingSession(hooks=[...])",
                RuntimeWarning,
                stacklevel=2,
            )
        self._guard(self._renderer.flush)

    def close(self) -> None:
        """Take the board off the page and close every widget. Frames and figures remain available."""
        self._guard(self._log.end)
        self._guard(self.place.leave)
        self._guard(self.place.when_run_again, None)
        if self._head is not None:
            self._guard(self._head.close)
        for act in (self._renderer.flush, self.renew_picture, self._renderer.close):
            self._guard(act)
        self._closed = True
        boards.unregister(self)
        for section in self._parts:
            self._guard(self._parts.release, section)
        self._guard(self._front_end.close)

    def close_when_run_again(self) -> None:
        """Close as soon as this board's cell is executed again, whatever that execution shows."""
        self.place.when_run_again(self.close)

    def appear(self) -> None:
        """Attach to the cell that is running, and display the board there if it is displayed nowhere yet."""
        if self.place.enter():
            if not self._picture.displayed:
                self._display()
            self._log.begin()

    def displayed_in(self, execution: str) -> bool:
        """Return whether the board has been displayed in this execution of a cell, and in none since."""
        return self._displayed == execution

    def _ipython_display_(self) -> None:
        if not self._display():
            raise NotImplementedError("IPython writes it as text: here is no page, or the board is closed")

    def _display(self) -> bool:
        """Display the board in the cell that is running; the other places where it is displayed stay.

        Returns:
            Whether it is displayed there.
        """
        shell = environment.kernel_shell()
        if self._closed or shell is None or not self.place.enter():
            return False
        cell, execution = environment.cell(shell), environment.execution(shell)
        if execution == self._displayed and environment.in_displayhook():
            return True  # already displayed in this cell, as whose last value it would be displayed again
        first, self._displayed = not self._displayed, execution
        boards.close_replaced(cell, execution)
        self._front_end.displayed = True
        display(self._front_end.widget)
        self._picture.display(cell, execution)
        if first:
            self._log.begin()
        self.request(urgent=True)
        return True

    def __repr__(self) -> str:
        return plain.text([section.recording.snapshot(self._cursor) for section in self._parts])

    def renew_picture(self) -> None:
        """Draw the static picture behind the widget, for a notebook that is opened without its kernel.

        Does nothing if nothing has changed since the last one.
        """
        head = self._head.seen() if self._head is not None else None
        versions = tuple(section.recording.store.version for section in self._parts)
        self._picture.renew((head, versions, self._log.log.version))

    def _static(self) -> str:
        self._renderer.flush()  # first: this draws the sections, whose texts are read below
        above = self._head.plots() if self._head is not None else []
        charts, left_out = self._parts.charts(static_html.CHARTS - len(above))
        texts = [*(section.static() for section in self._parts), self._log.log.html()]
        return static_html.page(texts, [*above, *charts], left_out)


def _report_section(section: Section, error: Exception) -> None:
    section.recording.report_fault("the dashboard", error)
