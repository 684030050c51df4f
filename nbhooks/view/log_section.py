"""Where a board's log comes from: takes TensorFlow's lines while a cell runs, and gives them back with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nbhooks.jupyter import environment, tensorflow_log
from nbhooks.view.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.jupyter.tensorflow_log import Diversion


class LogSection:
    """Takes TensorFlow's lines from `begin` to `end`; the board's pages are sent them.

    Args:
        live: returns whether a page is there to show them.
        changed: called when there is something to draw; quick, and from any thread.
        enabled: whether it takes lines at all.
        clock: seconds, monotonic.

    Attributes:
        log: the lines.
    """

    def __init__(
        self,
        live: Callable[[], bool],
        changed: Callable[[], object],
        *,
        enabled: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.log = Log(live, changed)
        self._changed, self._enabled, self._clock = changed, enabled, clock
        self._diversion: Diversion | None = None

    def begin(self) -> None:
        """Take TensorFlow's lines from now to the end of the cell that is running; outside of one do nothing.

        May be called again: TensorFlow, and so its handler, may have been imported meanwhile.
        """
        if not self._enabled or self._diversion is not None or not environment.in_cell():
            return
        self._diversion = tensorflow_log.begin(self.log, self._clock)
        if not environment.in_cell():  # it ended meanwhile: a thread began the session
            self.end()
        self._changed()  # each drawing checks from now on whether a page has come

    def settle(self) -> None:
        """Hand on what is held, as soon as it is known where to."""
        if self._diversion is not None:
            self._diversion.settle()

    def give_up(self) -> None:
        """Print what is held: no page can report that it is ready any more."""
        if self._diversion is not None:
            self._diversion.give_up()

    def end(self) -> None:
        """Give TensorFlow's handler back as it was."""
        diversion, self._diversion = self._diversion, None
        if diversion is not None:
            diversion.leave(self.log)
