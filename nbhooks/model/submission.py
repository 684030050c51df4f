"""A command on its way to the place where it is carried out, and what came of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from nbhooks.model.commands import Entry, Outcome, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.model.commands import Command


class Submission:
    """What `Control.submit` returns: another thread can wait here for the outcome.

    Args:
        command: what is asked.
        by: who asks.
        act: carries it out in place of the handler of its kind; None for the handler. It is dropped once it
            was called, so that what it refers to is not kept by a history.

    Attributes:
        command, by, act: as given.
        entry: the entry of the history, None until the command was carried out or refused.

    Example:
        >>> from nbhooks.model.commands import Stop
        >>> submission = Submission(Stop(), "you")
        >>> submission.finish(Entry(Stop(), "you", 3, 0.0, Outcome.REFUSED, "it has ended"))
        >>> submission.outcome()
        Traceback (most recent call last):
        nbhooks.model.commands.RefusedError: it has ended
    """

    __slots__ = ("_done", "_error", "_result", "act", "by", "command", "entry")

    def __init__(self, command: Command, by: str, act: Callable[[], object] | None = None) -> None:
        self.command, self.by, self.act = command, by, act
        self.entry: Entry | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        self._done = threading.Event()

    def finish(self, entry: Entry, result: Any = None, error: BaseException | None = None) -> None:
        """Record the outcome, and release every thread that waits for it."""
        self.entry, self._result, self._error, self.act = entry, result, error, None
        self._done.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait at most `timeout` seconds; return whether the command was carried out or refused by then."""
        return self._done.wait(timeout)

    def outcome(self) -> Any:
        """Return what the command gave.

        Raises:
            RefusedError: if it was refused, with the reason.
            BaseException: what it failed with.
        """
        if self._error is not None:
            raise self._error
        if self.entry is not None and self.entry.outcome is Outcome.REFUSED:
            raise RefusedError(self.entry.reason)
        return self._result
