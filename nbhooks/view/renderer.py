"""When to draw: one thread, requests coalesce, and drawing never takes more than its share of the time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL = 0.1
"""Seconds between two drawings at the least."""

CALM = 0.25
"""Seconds between two drawings at the least, where neither a page asked for one nor a state has changed."""

SHARE = 0.01
"""The part of the time that drawing may take."""

URGENT_SHARE = 0.1
"""The part that it may take while somebody waits for it."""

HEARTBEAT = 1.0
"""Seconds after which a drawing is due without a request: a session can die without a record of it."""


class Drawing(Protocol):
    """What a Dashboard calls of a renderer."""

    def request(self, *, urgent: bool = False) -> None:
        """Request a drawing, soon. Returns at once; may be called from any thread.

        Args:
            urgent: whether somebody waits for it: a page asked, or the state has changed.
        """

    def flush(self) -> None:
        """Draw now, on this thread."""

    def close(self) -> None:
        """Draw no more. Waits for a drawing that has begun."""


class Renderer:
    """Draws on a thread of its own, at most ten times a second, latest state wins.

    Where nobody waits for a drawing there are at most four a second.

    The thread begins with the first request and ends with `close`. `draw` must handle its own errors: the
    Dashboard's shows them in the panel and does not raise.

    Args:
        draw: called without arguments, never twice at the same time.
        clock: seconds, monotonic.
        cost: seconds of work done by the thread that calls it; while it waits its turn, others work.

    Example:
        >>> drawn = threading.Event()
        >>> renderer = Renderer(drawn.set)
        >>> renderer.request()
        >>> drawn.wait(5)
        True
        >>> renderer.close()
    """

    def __init__(
        self,
        draw: Callable[[], object],
        clock: Callable[[], float] = time.monotonic,
        cost: Callable[[], float] = time.thread_time,
    ) -> None:
        """Prepare; no thread yet."""
        self._draw = draw
        self._clock, self._cost = clock, cost
        self._lock = threading.Lock()
        self._drawing = threading.Lock()
        self._requested = threading.Event()
        self._urgent = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def request(self, *, urgent: bool = False) -> None:
        """Request a drawing, soon. Only reads a flag while one is due already."""
        if urgent:
            self._urgent.set()
        if not self._requested.is_set():
            self._requested.set()
            if self._thread is None:
                self._start()

    def flush(self) -> None:
        """Draw now, on this thread."""
        self._urgent.clear()
        self._requested.clear()
        with self._drawing:
            self._draw()

    def close(self) -> None:
        """End the thread. A later request begins a new one."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._closed.set()
            self._urgent.set()
            self._requested.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        self._urgent.clear()
        self._requested.clear()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._closed = threading.Event()
                self._thread = threading.Thread(
                    target=self._work, args=(self._closed,), name="nbhooks renderer", daemon=True
                )
                self._thread.start()

    def _work(self, closed: threading.Event) -> None:
        while not closed.is_set():
            self._requested.wait(HEARTBEAT)
            if closed.is_set():
                return
            begin, before = self._clock(), self._cost()
            self.flush()
            took, work = self._clock() - begin, self._cost() - before
            least = max(INTERVAL - took, work / URGENT_SHARE)
            rest = max(CALM - took, work / SHARE) - least
            if not closed.wait(least) and rest > 0:
                self._urgent.wait(rest)


class InlineRenderer:
    """Draws only on `flush`, on the thread that calls it: for tests, and for replay without a clock.

    Attributes:
        requests: the number of requests since the last flush.
    """

    def __init__(self, draw: Callable[[], object]) -> None:
        """Prepare."""
        self._draw = draw
        self.requests = 0

    def request(self, *, urgent: bool = False) -> None:  # noqa: ARG002 - as of a Drawing
        """Count the request."""
        self.requests += 1

    def flush(self) -> None:
        """Draw now."""
        self.requests = 0
        self._draw()

    def close(self) -> None:
        """Nothing to end."""
