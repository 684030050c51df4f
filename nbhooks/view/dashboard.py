"""The live view of sessions: displays itself once, draws off the step path, and closes everything."""

from __future__ import annotations

import contextlib
import threading
import warnings
from typing import TYPE_CHECKING, Protocol

import ipywidgets
from IPython.display import display

from nbhooks import figures, frames
from nbhooks.jupyter import environment
from nbhooks.jupyter.cell import Place
from nbhooks.model.commands import Stop
from nbhooks.model.lifecycle import Phase
from nbhooks.model.recording import Recording
from nbhooks.view import boards, static_html
from nbhooks.view.panels.panel import close
from nbhooks.view.renderer import Drawing, Renderer
from nbhooks.view.section import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    import pandas as pd
    from matplotlib.figure import Figure
    from typing_extensions import Self

    from nbhooks.figures import Plot
    from nbhooks.model.records import Record
    from nbhooks.model.series import Floats, Integers
    from nbhooks.model.snapshot import Columns
    from nbhooks.view.panels.panel import Panel

UNFOLDED = 6
"""Sessions whose panels a board shows; of earlier ones that have ended it keeps the status line."""


class Head(Protocol):
    """What stands above the sessions of a board and chooses among them."""

    @property
    def widget(self) -> ipywidgets.Widget:
        """What to display."""

    def draw(self) -> None:
        """Bring it up to date, and the board's sessions with it, before they are drawn."""

    def plots(self) -> list[Plot]:
        """Give what its charts drew last."""

    def seen(self) -> object:
        """Give something that changes with whatever is to be seen there."""

    def frame(self, name: str) -> pd.DataFrame:
        """Give all there is of a kind, such as ``"scalars"``, of the sessions not shown too."""

    def close(self) -> None:
        """End whatever goes on: the board closes. Frames may still be asked for."""


class Dashboard:
    """Shows sessions while they run, and keeps what they left behind.

    In a notebook there is one without asking for it, in the cell that runs the session. Make one to have
    it elsewhere, or to ask it for what it holds: it is a Sink, so hooks take it as ``dashboard=``, and within
    its ``with`` block hooks that are given none use it too. Outside a notebook it shows nothing and holds
    the same.

    Args:
        renderer: makes what decides when to draw, out of the function that draws.
        head: what stands above the sessions and chooses among them, where there is such a thing.

    Attributes:
        place: the cell that the board is displayed in.

    Example:
        >>> with Dashboard() as board:  # doctest: +SKIP
        ...     train()
        >>> board.scalars  # doctest: +SKIP
    """

    def __init__(
        self, renderer: Callable[[Callable[[], object]], Drawing] = Renderer, head: Head | None = None
    ) -> None:
        self._head = head
        self._cursor: int | None = None
        self._sections: tuple[Section, ...] = ()
        self._own: Recording | None = None
        self._renderer = renderer(self._draw)
        self._drawer: int | None = None
        self._asked = self._live = self._closed = False
        self.place = Place(self._cell_ended)
        self._picture = static_html.Picture(self._static)
        self._displayed = ""
        self._widget = ipywidgets.VBox([] if head is None else [head.widget])
        for name in (static_html.LIVE, *static_html.AS_TEXT):
            self._widget.add_class(name)
        boards.register(self)

    # What it holds

    @property
    def scalars(self) -> pd.DataFrame:
        """Every scalar (see `nbhooks.frames.scalars`)."""
        return self._frame("scalars")

    @property
    def tensors(self) -> pd.DataFrame:
        """Kept values that are not one real number (see `nbhooks.frames.tensors`)."""
        return self._frame("tensors")

    @property
    def histograms(self) -> pd.DataFrame:
        """Kept histograms (see `nbhooks.frames.histograms`)."""
        return self._frame("histograms")

    @property
    def images(self) -> pd.DataFrame:
        """Kept pictures, still encoded (see `nbhooks.frames.images`)."""
        return self._frame("images")

    @property
    def audio(self) -> pd.DataFrame:
        """Kept sounds, still encoded (see `nbhooks.frames.audio`)."""
        return self._frame("audio")

    @property
    def text(self) -> pd.DataFrame:
        """Kept texts (see `nbhooks.frames.text`)."""
        return self._frame("text")

    @property
    def checkpoints(self) -> pd.DataFrame:
        """Every checkpoint written, deleted ones too (see `nbhooks.frames.checkpoints`)."""
        return self._frame("checkpoints")

    @property
    def events(self) -> pd.DataFrame:
        """What happened: states, stop requests, alerts, faults (see `nbhooks.frames.events`)."""
        return self._frame("events")

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
        panels = [panel for section in self._sections for panel in section.panels]
        for panel in reversed(panels):
            if panel.source == source:
                self._renderer.flush()
                return panel
        names = ", ".join(repr(panel.source) for panel in panels) or "none yet"
        raise KeyError(f"no panel of {source!r}; there are: {names}")

    @property
    def state(self) -> str:
        """The state of the latest session, ``"waiting"`` before there is one."""
        return self._sections[-1].recording.state if self._sections else "waiting"

    def stop(self) -> None:
        """Request the end of the session that runs, as its Stop button does.

        The request is carried out by the training thread before the next step, in the way of
        ``run_context.request_stop()``: that step is made, and ``should_stop()`` is true from then on. May be
        called from any thread.

        Raises:
            RuntimeError: if no session of this board can be stopped.
        """
        for section in reversed(self._sections):
            if section.recording.can_stop:
                section.recording.control.submit(Stop())
                return
        states = ", ".join(section.recording.state for section in self._sections) or "it has none"
        raise RuntimeError(
            f"no session of this board can be stopped; their states: {states}. Only a session that nbhooks' "
            "hooks are in, and that has not ended or been stopped, takes this request"
        )

    @property
    def live(self) -> bool:
        """Whether a page has said hello."""
        return self._live

    def _frame(self, name: str) -> pd.DataFrame:
        if self._head is not None:
            return self._head.frame(name)
        make: Callable[[list[Columns]], pd.DataFrame] = getattr(frames, name)
        return make([section.recording.store.columns() for section in self._sections])

    def _plots(self) -> list[Plot]:
        self._renderer.flush()
        above = self._head.plots() if self._head is not None else []
        return [*above, *(plot for section in self._sections for plot in section.plots())]

    # What it is told

    def write(self, record: Record, /) -> None:
        """Take a record that comes from no session, such as a replay's."""
        if self._own is None:
            self._own = Recording()
            self.show(self._own)
        self._own.write(record)

    def write_scalars(self, source: str, tag: str, step: Integers, wall_time: Floats, value: Floats) -> None:
        """Take many scalars of one tag at once, as `write` does one by one; their source was announced."""
        if self._own is not None:
            self._own.write_scalars(source, tag, step, wall_time, value)

    def show(self, recording: Recording) -> None:
        """Show `recording` below those that are shown already; display the board where it is not yet."""
        if any(section.recording is recording for section in self._sections):
            return
        for section in self._sections:
            section.recording.supersede()
        self._put((*self._sections, self._begin(recording)))
        recording.control.poll = self.place.serve
        recording.control.live = lambda: self._live
        recording.store.listen(self._request)
        for earlier in self._sections[:-UNFOLDED]:
            if earlier.recording.lifecycle.ended:
                earlier.fold()
        self.appear()
        self._request()

    def arrange(self, recordings: Sequence[Recording]) -> None:
        """Show just these recordings, in this order; they are drawn when the board is asked to refresh."""
        shown = {id(section.recording): section for section in self._sections}
        wanted = [id(one) for one in recordings]
        self._put(tuple(shown.get(id(one)) or self._begin(one) for one in recordings))
        for key, section in shown.items():
            if key not in wanted:
                self._let_go(section)

    def _begin(self, recording: Recording) -> Section:
        section = Section(recording, self)
        section.begin()
        return section

    def _put(self, sections: tuple[Section, ...]) -> None:
        if sections != self._sections:
            self._sections = sections
            above = () if self._head is None else (self._head.widget,)
            self._widget.children = (*above, *(section.widget for section in sections))

    def _let_go(self, section: Section) -> None:
        section.recording.store.deafen(self._request)
        section.recording.remove_observer(section)
        section.close()

    def seek(self, cursor: int | None) -> None:
        """Tell series and values as they were when a step was passed last, None for the latest.

        It is seen when the board is drawn next.
        """
        self._cursor = cursor

    def greet(self) -> None:
        """A page has said hello: it may be given input, and is to be sent everything."""
        self._live = True
        for section in self._sections:
            section.answer()
        self.wake()

    def wake(self) -> None:
        """A page wants to be drawn: by the renderer while a cell is pumped, at once else."""
        self._asked = True
        if self.place.pumping:
            self._request()
        else:
            self.refresh()

    def refresh(self) -> None:
        """Draw now, on this thread."""
        if self._drawer != threading.get_ident():
            self._renderer.flush()

    def session_ended(self) -> None:
        """One of the sessions has ended: draw it once more, and leave no thread behind the last one."""
        self.refresh()
        if self._drawer != threading.get_ident() and self._over():
            self._renderer.close()

    def _cell_ended(self, error: BaseException | None) -> None:
        for section in self._sections:
            self._guard(section.recording.cell_ended, error)
        self._guard(self._renderer.flush)
        self._guard(self._renderer.close)
        self._guard(self.renew_picture)
        if self._over():
            self.place.leave()

    def _request(self) -> None:
        """Ask for a drawing. Called by whoever writes a record, who has nothing to do with a fault here."""
        try:
            self._renderer.request()
        except Exception as error:  # noqa: BLE001 - a thread may not start, for one
            self._report(error)

    def _guard(self, act: Callable[..., object], *arguments: object) -> None:
        """Call `act`; what it raises is reported once and goes no further."""
        try:
            act(*arguments)
        except Exception as error:  # noqa: BLE001 - a fault in a view is shown, and nothing else
            self._report(error)

    def _report(self, error: Exception) -> None:
        if self._sections:
            self._sections[-1].recording.report_fault("the dashboard", error)
        else:
            with contextlib.suppress(Exception):  # of a warning that is raised as an error, too
                warnings.warn(f"the dashboard failed with {error!r}", RuntimeWarning, stacklevel=3)

    def _over(self) -> bool:
        return all(section.recording.lifecycle.ended for section in self._sections)

    def _draw(self) -> None:
        """Bring every section up to date. The renderer sees to it that one thread at a time does."""
        self._drawer = threading.get_ident()
        asked, self._asked = self._asked, False
        try:
            number = 0
            if self._head is not None and not self._closed:
                self._guard(self._head.draw)
            for section in self._sections if not self._closed else ():
                several = len(self._sections) > 1
                try:
                    number = section.draw(number, several=several, again=asked, cursor=self._cursor)
                except Exception as error:  # noqa: BLE001 - whoever draws has other things to do
                    section.recording.report_fault("the dashboard", error)
        finally:
            self._drawer = None
        if (
            any(section.recording.lifecycle.phase is Phase.RUNNING for section in self._sections)
            and not self._closed
        ):
            self._request()  # what comes with every step is kept without telling anybody

    # Where it stands

    def __enter__(self) -> Self:
        """Display the board here, and show the sessions that begin within the block."""
        self.appear()
        boards.enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the block; the board stays where it is."""
        boards.leave(self)
        for section in self._sections:
            # As in a cell: an error before the first run leaves nothing behind that could be lost.
            if section.recording.lost or (
                error is not None and section.recording.lifecycle.phase is Phase.WAITING
            ):
                section.recording.die(error)
        if not self._sections and error is None:
            warnings.warn(
                "this Dashboard has nothing to show: within its block no session with hooks of nbhooks "
                "began, but those that were given another dashboard. Give the hooks to a session that is "
                "opened there, as in nbhooks.MonitoredTrainingSession(hooks=[...])",
                RuntimeWarning,
                stacklevel=2,
            )
        self._guard(self._renderer.flush)

    def close(self) -> None:
        """Take the board off the page and close every widget. What it holds can still be asked for."""
        self.place.leave()
        self.place.when_run_again(None)
        if self._head is not None:
            self._head.close()
        for act in (self._renderer.flush, self.renew_picture, self._renderer.close):
            self._guard(act)
        self._closed = True
        boards.unregister(self)
        for section in self._sections:
            self._let_go(section)
        close(self._widget)

    def close_when_run_again(self) -> None:
        """Close as soon as this board's cell is executed anew, whatever it may show then."""
        self.place.when_run_again(self.close)

    def appear(self) -> None:
        """Settle in the cell that is running, and display the board there if it is nowhere else."""
        if self.place.enter() and not self._picture.displayed:
            self._ipython_display_()

    def _ipython_display_(self) -> None:
        shell = environment.kernel_shell()
        if self._closed or shell is None or not self.place.enter():
            return
        here = environment.execution(shell)
        if here == self._displayed and environment.in_displayhook():
            return  # it has shown itself in this cell, whose last line it is, too
        self._displayed = here
        boards.close_replaced(self.place)
        display(self._widget)
        self._picture.display()

    def renew_picture(self) -> None:
        """Put a picture behind the widgets, for those who open the notebook without its kernel.

        Nothing is done where nothing has changed since the last one.
        """
        head = self._head.seen() if self._head is not None else None
        self._picture.renew((head, tuple(section.recording.store.version for section in self._sections)))

    def _static(self) -> str:
        plots = self._plots()  # first: it draws what the texts say
        return static_html.page([section.static() for section in self._sections], plots)
