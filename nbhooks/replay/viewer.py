"""Where replay meets the dashboard: saved runs on the panels that show live sessions."""

from __future__ import annotations

import contextvars
import math
import threading
import time
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from nbhooks.model.commands import Compare, OpenPanels, RefusedError, Seek, SelectTag, StopWatching
from nbhooks.model.control import Control
from nbhooks.model.recording import Recording
from nbhooks.model.store import Store
from nbhooks.replay.player import RATE, Player
from nbhooks.view import formatting
from nbhooks.view.chooser import Choice, Chosen
from nbhooks.view.comparison import Compared, Comparison, tagged
from nbhooks.view.dashboard import Dashboard

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from nbhooks.figures import Plot
    from nbhooks.model.commands import Command
    from nbhooks.tfevents.logdir import LogDir

MOST = 8
"""Runs that are compared at once: as many as there are distinct colours."""

OPEN = 3
"""Runs up to which the panels of all are shown at first; of more, those of the first."""

EVERY = 1.0
"""Seconds from one look at the files to the next."""

PICTURED = 60.0
"""Seconds from one picture of what is watched, for a notebook that is saved meanwhile, to the next."""

TAGS = 1000
"""Tags that can be chosen for a comparison, the first; a page could not lay out a list of any length."""

TAG = 500
"""Characters of a tag that can be chosen: a longer one is not worth its place in a list."""

SHARE = 0.02
"""The part of the time that reading and drawing what is new may take."""

LONGEST = 10.0
"""Seconds between two looks at the most, however long the one before took."""


def show(logdir: LogDir, frame: Callable[[str], pd.DataFrame]) -> Dashboard:
    """Show saved runs on the panels that show live sessions, with a slider over their steps.

    Of several runs a tag can be compared in one chart; a list says which, and of which the panels are shown.

    Args:
        logdir: reads the files; read already.
        frame: makes the frame of a name, such as ``"scalars"``.

    Returns:
        The board; in a notebook it has been displayed. Close it to let go of its widgets.
    """
    return Viewer(logdir, frame).begin()


def watch(logdir: LogDir, frame: Callable[[str], pd.DataFrame], *, every: float = EVERY) -> Dashboard:
    """Show runs as `show` does, and go on reading what is written to them, new runs too.

    A thread looks at the files until the board is closed, its cell is run again, or "stop watching" is
    clicked on the page.

    Args:
        logdir: reads the files, of which there may be none yet.
        frame: makes the frame of a name, such as ``"scalars"``.
        every: seconds from one look at the files to the next.

    Returns:
        The board.
    """
    viewer = Viewer(logdir, frame)
    board = viewer.begin()
    viewer.watch(every)
    return board


class Viewer:
    """Chooses what a board of saved runs shows; the head of that board (see `nbhooks.view.dashboard.Head`).

    A click in the page submits a command, which is carried out when the board is drawn, and so by one thread
    at a time.

    Attributes:
        logdir: reads the files.
        frame: makes the frame of a name.
        board: where they are shown.
        control: the queue of commands, with their history.
    """

    def __init__(self, logdir: LogDir, frame: Callable[[str], pd.DataFrame]) -> None:
        """Make the board, with nothing on it yet."""
        self.logdir, self.frame = logdir, frame
        self.control = Control(lambda: self._step)
        self._register()
        self._comparison: Comparison | None = None
        self.board = Dashboard(head=self, log=False)
        self._shown: dict[str, tuple[Recording, Player]] = {}
        self._hues: dict[str, int] = {}
        self._open: set[str] = set()
        self._known: set[str] = set()
        self._tag = ""
        self._step: int | None = None
        self._sought = False
        self._chosen = Chosen((), MOST, (), "", 0, 0, None)
        self._stopped: threading.Event | None = None
        self._thread: threading.Thread | None = None
        self._watching = ""

    def begin(self) -> Dashboard:
        """Fill the board, and display it where there is a notebook."""
        self.board.refresh()
        self.board.appear()
        return self.board

    # Commands

    def submit(self, command: Command) -> None:
        """Submit a command of a page; it is carried out when the board is drawn."""
        if isinstance(command, (Compare, OpenPanels)):
            # A page has names that can be sent; in those of files there may be what cannot.
            names = {formatting.valid(name): name for name in self._known}
            command = replace(command, run=names.get(command.run, command.run))
        self.control.submit(command)

    def _register(self) -> None:
        """Register what carries out each command."""
        self.control.handle(Seek, self._seek)
        self.control.handle(SelectTag, self._select_tag)
        self.control.handle(Compare, self._change_compared)
        self.control.handle(OpenPanels, self._change_open)
        self.control.handle(StopWatching, self._stop_watching)

    def _seek(self, command: Seek) -> None:
        self._step = command.step
        self._sought = True

    def _select_tag(self, command: SelectTag) -> None:
        self._tag = command.tag

    def _change_compared(self, command: Compare) -> None:
        self._check(command.run)
        self._hues.pop(command.run, None)
        if command.on and not self._compare(command.run):
            raise RefusedError(f"{MOST} runs are compared already, which is the most; remove one first")

    def _change_open(self, command: OpenPanels) -> None:
        self._check(command.run)
        (self._open.add if command.on else self._open.discard)(command.run)

    def _stop_watching(self, _: StopWatching) -> None:
        if self._stopped is None:
            raise RefusedError("nothing is being watched")
        self._stop("not watched any more")

    def _check(self, run: str) -> None:
        if run not in self._known:
            raise RefusedError(f"there is no run {run!r}")

    def _compare(self, run: str) -> bool:
        """Give a run the first free colour; return whether there was one."""
        free = sorted(set(range(MOST)) - set(self._hues.values()))
        if free:
            self._hues[run] = free[0]
        return bool(free)

    # What the board does

    def draw(self) -> None:
        """Apply queued commands, load new records, redraw; show errors."""
        self.control.carry_out()
        try:
            self._draw()
        except Exception as error:  # noqa: BLE001 - the renderer must go on
            fault = f"this could not be drawn: {type(error).__name__}: {error}"
            self._chosen = replace(self._chosen, status=fault)

    def parts(self) -> list[Comparison]:
        """Give what is shown before the runs."""
        return [] if self._comparison is None else [self._comparison]

    def choices(self) -> dict[str, Any]:
        """Give what is chosen, and what there is to choose from."""
        return self._chosen.json()

    def take_sought(self) -> bool:
        """Whether a step was sought and is shown now."""
        sought, self._sought = self._sought, False
        return sought

    def _draw(self) -> None:
        names = self.logdir.names
        for name in names:
            if name not in self._known:
                self._known.add(name)
                self._compare(name)
                if len(names) <= OPEN or not self._open:
                    self._open.add(name)
        compared = self._hues if len(names) > 1 else {}
        for name in names:
            if name in self._open or name in compared:
                self._play(name)
                self._shown[name][0].name = name if len(names) > 1 or name != "." else ""
        self.board.seek(self._step)
        self.board.arrange([self._shown[name][0] for name in names if name in self._open])
        shown = {name: self._shown[name][0] for name in names if name in compared}
        runs = {
            name: Compared(compared[name], recording, recording.snapshot(self._step))
            for name, recording in shown.items()
        }
        self._choose(runs, names)

    def _choose(self, runs: dict[str, Compared], names: list[str]) -> None:
        """Say what there is to choose from, and compare what is chosen."""
        found = Counter(tag for run in runs.values() for tag in tagged(run.snapshot))
        tags = Counter(dict(islice(((tag, n) for tag, n in found.items() if len(tag) <= TAG), TAGS)))
        left_out = len(found) - len(tags)
        bounded = f"{left_out:,} of {len(found):,} tags are not offered for comparison" if left_out else ""
        if self._tag not in tags:  # what most runs have can be compared best
            self._tag = max(tags, key=lambda tag: (tag != RATE, tags[tag]), default="")
        if len(names) > 1 and self._comparison is None:
            self._comparison = Comparison()
        spans = [player.span for _, player in self._shown.values() if player.span is not None]
        self._chosen = Chosen(
            runs=tuple(Choice(name, self._hues.get(name), name in self._open) for name in names),
            most=MOST,
            tags=tuple(tags),
            tag=self._tag,
            first=min((low for low, _ in spans), default=0),
            last=max((high for _, high in spans), default=0),
            step=self._step,
            status=" · ".join(filter(None, (self._watching, self.logdir.missing, bounded))),
            watching=self._stopped is not None,
        )
        if self._comparison is not None:
            self._comparison.compare(self._tag, runs)

    def _play(self, name: str) -> None:
        """Bring a run's session up to date; begin it anew where what was played does not hold any more."""
        try:
            if name in self._shown and self._shown[name][1].play(self.logdir):
                return
            recording = Recording(name, Store(tag_bytes=math.inf))
            recording.save()
            self._shown[name] = recording, Player(name, recording)
            self._shown[name][1].play(self.logdir)
        except BaseException:
            self._shown.pop(name, None)  # what it has taken and not written would be missing for good
            raise

    def plots(self) -> list[Plot]:
        """Give what the comparison drew last."""
        return [] if self._comparison is None else self._comparison.plots()

    def seen(self) -> object:
        """Give something that changes with whatever is to be seen here."""
        return self._chosen, tuple(
            self._shown[name][0].store.version for name in self._hues if name in self._shown
        )

    # Watching

    def watch(self, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin to look at the files, on a thread of its own."""
        self._stopped = threading.Event()
        self.board.close_when_run_again()
        self._watching = f"watching {self.logdir.path}"
        self.board.refresh()
        # What the thread prints or warns of belongs to the cell that began it.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(self._look, self._stopped, every, clock),
            name="nbhooks watch",
            daemon=True,
        )
        self._thread.start()

    def _look(self, stopped: threading.Event, every: float, clock: Callable[[], float]) -> None:
        pause, pictured = every, clock()
        while not stopped.wait(pause):
            begin = clock()
            try:
                if self.logdir.poll():
                    self.board.refresh()
                pause = max(every, min((clock() - begin) / SHARE, LONGEST))
                if begin - pictured >= PICTURED:
                    self.board.renew_picture()
                    pictured = begin
            except Exception as error:  # noqa: BLE001 - shown on the board; nothing here catches it
                self._stop(f"not watched any more: {type(error).__name__}: {error}")
                self.board.refresh()
                return

    def _stop(self, status: str) -> None:
        stopped, self._stopped = self._stopped, None
        if stopped is not None:
            stopped.set()
            self._watching = status

    def close(self) -> None:
        """Stop watching."""
        self._stop("")
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()
