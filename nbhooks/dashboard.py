"""The live view of sessions: composes panels, displays itself once, draws off the step path, closes everything."""

from __future__ import annotations

import base64
import io
import threading
import time
import weakref
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets
from IPython.display import display

from nbhooks import figures, frames, sessions
from nbhooks.frontend import environment
from nbhooks.frontend.pump import NoPumpError, Pump, open_pump
from nbhooks.panels import panel_for
from nbhooks.panels.panel import Panel, close
from nbhooks.panels.status import Status
from nbhooks.records import ENDED, Record, Source
from nbhooks.renderer import Drawing, Renderer
from nbhooks.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    import pandas as pd
    from matplotlib.figure import Figure

    from nbhooks.figures import Plot

GRACE = 2.0
"""Seconds that a session may be gone without a word before it counts as dead: it may be recovering."""

# In the live page the widgets stand and the picture hides; where the widgets cannot be made again (a saved
# notebook, reopened) the picture shows and the error in their place hides. Renderers that drop the style show both.
_SWITCH = """<style>
.jp-OutputArea:has(.nbhooks-live) .nbhooks-static { display: none }
.jp-OutputArea:not(:has(.nbhooks-live))
  .jp-OutputArea-child:has(.jupyter-widgets):has(+ .jp-OutputArea-child .nbhooks-static) { display: none }
.nbhooks-static img { max-width: 100%; background: #fff }
.nbhooks-static td, .nbhooks-static th { text-align: left; padding: 1px 8px }
</style>"""


class Dashboard:
    """Shows sessions while they run, and keeps what they left behind.

    In a notebook there is one without asking for it, in the cell that runs the session; make one to have it
    elsewhere, or to ask it for what it holds. It is a Sink, so hooks take it as ``dashboard=``; within a
    ``with`` block, hooks that are given none use it too.

    Args:
        renderer: makes what decides when to draw, of the function that draws.

    Example:
        >>> with Dashboard() as board:  # doctest: +SKIP
        ...     train()
        >>> board.scalars  # doctest: +SKIP
    """

    def __init__(self, renderer: Callable[[Callable[[], object]], Drawing] = Renderer) -> None:
        """Make an empty board; nothing is displayed yet."""
        self._sections: tuple[_Section, ...] = ()
        self._own: Session | None = None
        self._renderer = renderer(self._draw)
        self._drawer: int | None = None
        self._woken = False
        self._live = False
        self._closed = False
        self._automatic = False
        self._pump: Pump | None = None
        self._pictures: list[Any] = []
        self._pictured: tuple[int, ...] | None = None
        self._shell: Any = None
        self._cell = self._execution = ""
        self._widget = ipywidgets.VBox()
        self._widget.add_class("nbhooks-live")
        _boards.add(self)

    # What it holds

    @property
    def scalars(self) -> pd.DataFrame:
        """Every scalar: run, tag, step, wall_time, value, session, orphaned (see `nbhooks.frames.scalars`)."""
        return frames.scalars(self._columns())

    @property
    def tensors(self) -> pd.DataFrame:
        """Kept values that are not one real number (see `nbhooks.frames.tensors`)."""
        return frames.tensors(self._columns())

    @property
    def checkpoints(self) -> pd.DataFrame:
        """Every checkpoint written, deleted ones too (see `nbhooks.frames.checkpoints`)."""
        return frames.checkpoints(self._columns())

    @property
    def events(self) -> pd.DataFrame:
        """What happened: states, stop requests, alerts, faults (see `nbhooks.frames.events`)."""
        return frames.events(self._columns())

    def to_pandas(self) -> pd.DataFrame:
        """Give every scalar a row, as `scalars` does."""
        return self.scalars

    def figure(self) -> Figure:
        """Draw every chart with matplotlib, one below the other."""
        return figures.figure(self._plots())

    def panel(self, source: str) -> Panel:
        """Find the panel of a source, such as ``"StepCounterHook"``; of several, in the latest session.

        Raises:
            KeyError: if there is none; the message lists those there are.
        """
        known = [panel for section in self._sections for panel in section.panels]
        for panel in reversed(known):
            if panel.source == source:
                return panel
        names = ", ".join(repr(panel.source) for panel in known) or "none yet"
        raise KeyError(f"no panel of {source!r}; there are: {names}")

    @property
    def state(self) -> str:
        """The state of the latest session, ``"waiting"`` before there is one."""
        return self._sections[-1].session.state if self._sections else "waiting"

    @property
    def live(self) -> bool:
        """Whether a page has said hello."""
        return self._live

    def _columns(self) -> list[Any]:
        return [section.session.store.columns() for section in self._sections]

    def _plots(self) -> list[Plot]:
        self._renderer.flush()
        return [plot for section in self._sections for panel in section.panels for plot in panel.plots()]

    # What it is told

    def write(self, record: Record, /) -> None:
        """Take a record that belongs to no session, as a replay's."""
        if self._own is None:
            self._own = Session()
            self.show(self._own)
        self._own.write(record)

    def show(self, session: Session) -> None:
        """Show `session` from now on, below those that are shown already."""
        if any(section.session is session for section in self._sections):
            return
        for section in self._sections:
            if section.session.lost:  # its error was caught, else there would be no next session
                section.session.died()
        self._closed = False
        section = _Section(session, self)
        self._sections = (*self._sections, section)
        self._widget.children = tuple(section.widget for section in self._sections)
        session.watch(section)
        session.store.listen(self._renderer.request)
        self._enter_cell()
        if self._shell is not None and not self._pictures:
            self._display()
        self._renderer.request()

    def __enter__(self) -> Dashboard:
        """Display the board here, and show the sessions that begin within the block."""
        self._enter_cell()
        if self._shell is not None and not self._pictures:
            self._display()
        _entered.append(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the block; the board stays where it is."""
        _entered.remove(self)
        for section in self._sections:
            if section.session.lost:
                section.session.died(error)
        self._renderer.flush()

    def close(self) -> None:
        """Take the board off the page and close every widget. What it holds can still be asked for."""
        self._leave_cell()
        self._renderer.close()
        for section in self._sections:
            section.session.store.deafen(self._renderer.request)
        self._closed = True
        close(self._widget)
        for section in self._sections:
            for panel in section.panels:
                panel.close()

    @classmethod
    def show_in_cell(cls, session: Session) -> None:
        """Show a session that came with no dashboard: on the board whose block this is, or on the cell's own."""
        shell = environment.kernel_shell()
        if _entered:
            _entered[-1].show(session)
        elif shell is not None:
            cell, execution = environment.cell(shell), environment.execution(shell)
            board = next((board for board in list(_boards) if board.belongs_to(cell, execution)), None)
            if board is None:
                board = cls()
                board._automatic = True
            board.show(session)

    # Display

    def _ipython_display_(self) -> None:
        self._enter_cell()
        self._display()

    def _display(self) -> None:
        if self._closed:
            return
        display(self._widget)
        handle = display({"text/html": ""}, raw=True, display_id=True)
        if handle is not None:
            self._pictures.append(handle)

    def _static(self) -> str:
        """Draw the board for a page without widgets."""
        plots = [plot for plot in self._plots() if any(view.count for view in plot.series.values())]
        image = ""
        if plots:
            buffer = io.BytesIO()
            figures.figure(plots).savefig(buffer, format="png", dpi=100)
            encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
            image = f'<img alt="the charts of the run" src="data:image/png;base64,{encoded}">'
        texts = "".join(section.static() for section in self._sections)
        return f'{_SWITCH}<div class="nbhooks-static">{texts}{image}</div>'

    def _draw(self) -> None:
        """Bring every panel up to date. Called by the renderer, by one thread at a time."""
        self._drawer = threading.get_ident()
        try:
            woken, self._woken = self._woken, False
            if not self._closed:
                number = 0
                for section in self._sections:
                    number = section.draw(number, several=len(self._sections) > 1, again=woken)
        finally:
            self._drawer = None

    def wake(self) -> None:
        """A page wants to be drawn: soon where the renderer is at work, else at once."""
        self._woken = True
        if self._pump is not None:
            self._renderer.request()
        elif self._drawer != threading.get_ident():
            self._renderer.flush()

    def greet(self) -> None:
        """A page has said hello."""
        self._live = True
        for section in self._sections:
            for panel in section.panels:
                panel.answer()
        self.wake()

    def ended(self) -> None:
        """One of the sessions has ended: draw it once more, and leave no thread behind the last one."""
        if self._drawer != threading.get_ident():
            self._renderer.flush()
            if all(section.session.state in ENDED for section in self._sections):
                self._renderer.close()

    # Cells

    def _enter_cell(self) -> None:
        """Learn which cell this is, let clicks in while it runs, and hear of its end."""
        shell = environment.kernel_shell()
        if shell is None:
            return
        if self._shell is None:
            self._shell = shell
            shell.events.register("pre_run_cell", self._cell_begins)
            shell.events.register("post_run_cell", self._cell_ends)
        if not self._cell:
            self._cell, self._execution = environment.cell(shell), environment.execution(shell)
            for board in list(_boards):
                if board is not self and board.replaced_by(self._cell, self._execution):
                    board.close()
        self._open_pump()

    def belongs_to(self, cell: str, execution: str) -> bool:
        """Whether this board was made for whatever the given execution of a cell runs."""
        return self._automatic and (self._cell, self._execution) == (cell, execution) and not self._closed

    def replaced_by(self, cell: str, execution: str) -> bool:
        """Whether another execution of this board's own cell makes it a thing of the past."""
        return bool(cell) and self._cell == cell and self._execution != execution and not self._closed

    def _open_pump(self) -> None:
        if self._pump is None:
            try:
                self._pump = open_pump(self._shell)
            except NoPumpError:
                return  # clicks and reloads are answered when the cell ends, as they always were
        for section in self._sections:
            if section.session.state not in ENDED:
                section.session.control.serve = self._pump.poll

    def _cell_begins(self, *_: object) -> None:
        if any(section.session.state not in ENDED for section in self._sections):
            self._open_pump()

    def _cell_ends(self, result: Any) -> None:
        error = getattr(result, "error_in_exec", None)
        for section in self._sections:
            section.session.control.release()
            section.session.cell_ended(error)
        self._close_pump()
        self._renderer.flush()
        self._renderer.close()
        if self._pictures and self._sections and self._stale_picture():
            html = self._static()
            for picture in self._pictures:
                picture.update({"text/html": html}, raw=True)
        if self._sections and all(section.session.state in ENDED for section in self._sections):
            self._leave_cell()

    def _stale_picture(self) -> bool:
        versions = tuple(section.session.store.version for section in self._sections)
        stale, self._pictured = versions != self._pictured, versions
        return stale

    def _leave_cell(self) -> None:
        self._close_pump()
        if self._shell is not None:
            self._shell.events.unregister("pre_run_cell", self._cell_begins)
            self._shell.events.unregister("post_run_cell", self._cell_ends)
            self._shell = None

    def _close_pump(self) -> None:
        if self._pump is not None:
            self._pump.close()
            self._pump = None


class _Section:
    """One session's part of the board: its status and its panels."""

    def __init__(self, session: Session, board: Dashboard) -> None:
        self.session = session
        self.panels: tuple[Panel, ...] = ()
        self._board = weakref.proxy(board)
        self._status = Status(board.greet)
        self._drawn: tuple[int, bool] | None = None
        self._lost_since: float | None = None
        self.widget = ipywidgets.VBox([self._status])
        self.widget.add_class("nbhooks-session")
        for view in session.store.snapshot().sources:
            self.joined(Source(view.source, view.kind, view.detail))

    def joined(self, source: Source) -> None:
        """Give a source its panel. Called on the thread that trains: some of it takes input."""
        panel = panel_for(source, self._board.wake)
        if panel is not None:
            if self._board.live:
                panel.answer()
            self.panels = (*self.panels, panel)
            self.widget.children = (self._status, *(panel.widget for panel in self.panels))

    def ended(self) -> None:
        """Say so to the board."""
        self._board.ended()

    def draw(self, first: int, *, several: bool, again: bool) -> int:
        """Draw what is new; everything where a page asked.

        Args:
            first: the number of the first attempt.
            several: whether the board shows other sessions too.
            again: whether a page asked.

        Returns:
            The number of the next section's first attempt.
        """
        if self.session.lost:
            self._lost_since = self._lost_since or time.monotonic()
            if time.monotonic() - self._lost_since > GRACE:
                self.session.died()
        else:
            self._lost_since = None
        snapshot = self.session.store.snapshot()
        behind = first + snapshot.attempts
        if (snapshot.version, several) == self._drawn and not again:
            return behind
        self._drawn = (snapshot.version, several)
        self._status.draw(snapshot, f"session {max(behind - 1, first)}" if several else "")
        views = {view.source: view for view in snapshot.sources}
        for panel in self.panels:
            try:
                panel.draw(views[panel.source], snapshot)
            except Exception as error:  # noqa: BLE001 - a panel's fault is shown in the panel
                self.session.fault(f"the panel of {panel.source}", error)
                panel.fail(error)
        return behind

    def static(self) -> str:
        """Give what there is to read as HTML that needs no widget."""
        return f"<p>{escape(self._status.text)}</p>" + "".join(panel.static() for panel in self.panels)


_boards: weakref.WeakSet[Dashboard] = weakref.WeakSet()
_entered: list[Dashboard] = []
