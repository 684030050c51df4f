"""TensorFlow's log lines: kept out of a cell's output while the page of a board shows them.

TensorFlow 2.16 to 2.21 makes its handler in ``tf_logging.get_logger()``, which its import calls: a
``logging.StreamHandler`` on the logger ``"tensorflow"`` with ``logging.BASIC_FORMAT``, unless the root logger
has a handler already. In a kernel it writes to ``sys.stdout``, at level INFO.
"""

from __future__ import annotations

import copy
import logging
import logging.handlers
import math
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WAIT = 2.0
"""Seconds for which lines are held for a page that has not reported that it is ready."""

MOST = 1000
"""Lines that are held at the most; with more they are printed, as if the page had not come in time."""

ROOT_PRINTS = (
    "a handler of Python's root logger, such as that of logging.basicConfig(), prints TensorFlow's lines: "
    "they stay in the cell's output"
)
CHANGED = "TensorFlow's own StreamHandler was removed or changed: its lines go where the handlers send them"

# Handlers that write to something else than the cell's output. Any other, such as rich's, may print.
_ELSEWHERE = (
    logging.NullHandler,
    logging.handlers.BufferingHandler,
    logging.handlers.HTTPHandler,
    logging.handlers.NTEventLogHandler,
    logging.handlers.QueueHandler,
    logging.handlers.SMTPHandler,
    logging.handlers.SocketHandler,
    logging.handlers.SysLogHandler,
)


class Log(Protocol):
    """What takes the lines; the log of a board is one."""

    @property
    def live(self) -> bool:
        """Whether a page has reported that it is ready to show them."""

    def add(self, text: str) -> None:
        """Take a record as text, of one line or several."""

    def explain(self, note: str) -> None:
        """Show why lines do not come here."""


def begin(log: Log, clock: Callable[[], float] = time.monotonic) -> Diversion | None:
    """Send TensorFlow's lines to `log` from now on; the caller ends it with `Diversion.leave`.

    Args:
        log: what takes them.
        clock: seconds, monotonic.

    Returns:
        What holds them, None where TensorFlow's own handler is not there: nothing changes then.

    Example:
        >>> log = Log()  # doctest: +SKIP
        >>> diversion = begin(log)  # doctest: +SKIP
        >>> train()  # doctest: +SKIP
        >>> diversion.leave(log)  # doctest: +SKIP
    """
    logger = logging.getLogger("tensorflow")
    handler = own_handler(logger)
    if handler is None:
        if "findCaller" in vars(logger):  # TensorFlow has been imported, and has set this
            log.explain(ROOT_PRINTS if root_prints(logger) else CHANGED)
        return None
    found = next((one for one in handler.filters if isinstance(one, Diversion)), None)
    diversion = Diversion(logger, handler, clock) if found is None else found
    diversion.join(log)
    return diversion


@contextmanager
def holding(clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Hold TensorFlow's lines for a log that begins within the block; without one, print them at its end.

    Args:
        clock: seconds, monotonic.

    Example:
        >>> with holding():  # doctest: +SKIP
        ...     hooks = make_hooks()  # which logs
        ...     diversion = begin(log)
    """
    nobody = _Nobody()
    diversion = begin(nobody, clock)
    try:
        yield
    finally:
        if diversion is not None:
            diversion.leave(nobody)


class _Nobody:
    """A log that is never shown."""

    live = False

    def add(self, text: str) -> None:
        """Take nothing."""

    def explain(self, note: str) -> None:
        """Explain nothing."""


def own_handler(logger: logging.Logger) -> logging.StreamHandler[Any] | None:
    """Return TensorFlow's own handler as TensorFlow made it, None where a user has changed or removed it."""
    for handler in logger.handlers:
        formatter = handler.formatter
        if (
            type(handler) is logging.StreamHandler
            and _shown_in_cell(handler.stream)
            and type(formatter) is logging.Formatter
            and formatter._fmt == logging.BASIC_FORMAT  # noqa: SLF001 - there is no other way to read it
        ):
            return handler
    return None


def root_prints(logger: logging.Logger) -> bool:
    """Return whether the root logger's handlers print the INFO lines of `logger`."""
    return logger.propagate and any(
        handler.level <= logging.INFO and _prints(handler) for handler in logging.getLogger().handlers
    )


def _prints(handler: logging.Handler) -> bool:
    if isinstance(handler, logging.StreamHandler):
        return _shown_in_cell(handler.stream)
    return not isinstance(handler, _ELSEWHERE)


def _shown_in_cell(stream: object) -> bool:
    """Whether a stream's text is shown below the cell; a kernel's is, though `sys.stdout` is redirected."""
    return type(stream).__module__ == "ipykernel.iostream" or any(
        stream is one for one in (sys.stdout, sys.stderr)
    )


class Diversion(logging.Filter):
    """The filter on TensorFlow's own handler, for as long as a log takes its records.

    Records below WARNING are held until a page is there, for `WAIT` seconds at the most. Then they go to the
    logs and not to the handler; without a page they go to the handler, in order. Those from WARNING on go to
    both, to the handler at once. Where the root logger prints they go to the handler alone, and the logs are
    given a note. May be used from any thread.

    Args:
        logger: TensorFlow's.
        handler: its own handler.
        clock: seconds, monotonic.
    """

    def __init__(
        self, logger: logging.Logger, handler: logging.StreamHandler[Any], clock: Callable[[], float]
    ) -> None:
        super().__init__()
        self._logger, self._handler, self._clock = logger, handler, clock
        self._logs: tuple[Log, ...] = ()
        self._held: deque[tuple[logging.LogRecord, str]] = deque()
        self._until = 0.0
        # Of the thread that logs, which may log once more while a record is formatted.
        self._lock = threading.RLock()

    def join(self, log: Log) -> None:
        """Send records to `log` too."""
        with self._lock:
            if any(other is log for other in self._logs):
                return
            if not self._logs:
                self._handler.addFilter(self)
            self._logs = (*self._logs, log)
            self._until = self._clock() + WAIT
            if root_prints(self._logger):
                log.explain(ROOT_PRINTS)

    def leave(self, log: Log) -> None:
        """Undo `join`. The last log to leave takes the filter off the handler, which prints what was held."""
        with self._lock:
            self.settle()
            left = tuple(other for other in self._logs if other is not log)
            try:
                if not left:
                    self._print()
            finally:
                self._logs = left
                if not left:
                    self._handler.removeFilter(self)

    def settle(self) -> None:
        """Hand on what is held where a page has come meanwhile, print it where none has come in time."""
        if not self._held:
            return
        with self._lock:
            if self._live():
                while self._held:
                    self._add(self._held.popleft()[1])
            elif self._clock() >= self._until or len(self._held) >= MOST:
                self._until = -math.inf  # once some are printed, those that come after them are too
                self._print()

    def give_up(self) -> None:
        """Wait no longer for a page: hand on what is held, or print it."""
        with self._lock:
            self._until = -math.inf
            self.settle()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the handler prints `record`; called by it."""
        try:
            with self._lock:
                return self._take(record)
        except Exception:  # noqa: BLE001 - a formatter that raises, for one: the handler reports that
            return True

    def _take(self, record: logging.LogRecord) -> bool:
        if not self._logs:
            return True
        if root_prints(self._logger):
            for log in self._logs:
                log.explain(ROOT_PRINTS)
            self._print()
            return True
        loud = record.levelno >= logging.WARNING
        text = self._handler.format(record)
        self.settle()
        if self._live():
            self._add(text)
            return loud
        if self._clock() < self._until:
            self._held.append((_kept(record), text))
            return loud
        if loud:
            self._add(text)
        return True

    def _live(self) -> bool:
        return any(log.live for log in self._logs)

    def _add(self, text: str) -> None:
        for log in self._logs:
            log.add(text)

    def _print(self) -> None:
        """Print what is held; one by one, so that an interrupt loses none."""
        while self._held:
            record, text = self._held.popleft()
            if record.levelno >= logging.WARNING:  # printed when it came
                self._add(text)
                continue
            self._handler.acquire()
            try:
                self._handler.emit(record)
            finally:
                self._handler.release()


def _kept(record: logging.LogRecord) -> logging.LogRecord:
    """Copy a record, its message as it is now: what it was given may change until it is printed."""
    kept = copy.copy(record)
    kept.msg, kept.args = record.getMessage(), None
    return kept
