"""What a front end may do to a running session, as plain values that the training thread carries out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


EVERY = 0.02
"""Seconds from one serving to the next, at least: a click need not be faster, and most steps are."""


def _nothing() -> None:
    """Stand in for a front end where there is none."""


def _never() -> bool:
    """Say that no page is live."""
    return False


class Control:
    """The gate between two steps, where the training thread serves whoever watches it.

    Attributes:
        serve: called between two steps; lets clicks and page loads in. Does nothing until a front end
            puts its own function here, and must neither block nor raise.
        live: whether a page shows the run, so that a click may come at any time.

    Example:
        >>> control = Control()
        >>> control.serve = lambda: print("served")
        >>> control.between_steps()
        served
    """

    __slots__ = ("_clock", "_due", "live", "serve")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nobody to serve."""
        self.serve: Callable[[], object] = _nothing
        self.live: Callable[[], bool] = _never
        self._clock = clock
        self._due = clock()

    def between_steps(self) -> None:
        """Serve what has arrived, unless that was done a moment ago. Called by the thread that trains."""
        if self.due():
            self._due = self._clock() + EVERY
            self.serve()

    def due(self) -> bool:
        """Whether the last serving was long enough ago."""
        return self._clock() >= self._due

    def release(self) -> None:
        """Forget the front end."""
        self.serve = _nothing
        self.live = _never
