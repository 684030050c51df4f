"""Handles UI requests on the training thread, between steps."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from nbhooks.model.commands import Command, Entry, Outcome, RefusedError
from nbhooks.model.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C", bound=Command)

EVERY = 0.05
"""Seconds from one poll of the front end to the next, at least. A queued command does not wait for it."""

HISTORY = 1000
"""Entries kept in a history, the latest."""


def _never() -> bool:
    """Stand in for a page where there is none."""
    return False


class Control:
    """A queue of commands, filled by any thread and emptied in one place.

    That place is `between_steps`, called by the training thread, for a live run, and `carry_out`, called
    before a drawing, for saved ones.

    Args:
        step: gives the global step for the history, None where it is not known.
        clock: monotonic seconds.

    Attributes:
        poll: called between two steps, at most every `EVERY` seconds; receives clicks and page loads, and
            must neither block nor raise. None until a front end sets its own function.
        poll_due: when to call it next, in seconds of `clock`.
        queue: commands that were submitted. What trains looks only whether there are any.
        arrival: set with every command that is submitted. A thread that waits for one clears it first.
        clock: monotonic seconds.
        live: whether a page shows the run, so that a click may come at any time.
        on_entry: called with every new entry of the history.
        by: who asked for the command that is being carried out.

    Example:
        >>> from nbhooks.model.commands import Stop
        >>> control = Control()
        >>> control.handle(Stop, lambda _: print("stopping"))
        >>> submission = control.submit(Stop())
        >>> control.between_steps()
        stopping
        >>> print(control.history[0])
        Stop by you: done
    """

    __slots__ = (
        "_handlers",
        "_history",
        "_released",
        "_step",
        "arrival",
        "by",
        "clock",
        "live",
        "on_entry",
        "poll",
        "poll_due",
        "queue",
    )

    def __init__(
        self,
        step: Callable[[], int | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with an empty queue, no front end and no handler."""
        self.poll: Callable[[], object] | None = None
        self.live: Callable[[], bool] = _never
        self.on_entry: Callable[[Entry], object] = lambda _: None
        self.by = ""
        self.clock = clock
        self.poll_due = clock()
        self.queue: deque[Submission] = deque()
        self.arrival = threading.Event()
        self._step = step
        self._handlers: dict[type[Command], Callable[[Any], object]] = {}
        self._history: deque[Entry] = deque(maxlen=HISTORY)
        self._released = ""  # why every command is refused

    def submit(
        self, command: Command, by: str = "you", act: Callable[[], object] | None = None
    ) -> Submission:
        """Put a command in the queue. Returns at once; may be called from any thread.

        Args:
            command: what is asked.
            by: who asks, for the history.
            act: carries it out in place of the handler of its kind.

        Returns:
            Where to wait for the outcome.

        Raises:
            TypeError: if it is no command.
        """
        if not isinstance(command, Command):
            raise TypeError(
                f"submit() takes a command of nbhooks.model.commands, such as Stop(), not {command!r}"
            )
        submission = Submission(command, by, act)
        self.queue.append(submission)
        self.arrival.set()
        if self._released:
            self.carry_out()
        return submission

    def disconnect(self) -> None:
        """Release the front end."""
        self.poll, self.live = None, _never

    def handle(self, kind: type[C], handler: Callable[[C], object]) -> None:
        """Register what carries out a kind of command, in place of what did before.

        Args:
            kind: the command's class.
            handler: called with the command. To refuse it, raise `RefusedError` with the reason.
        """
        self._handlers[kind] = handler
        self._released = ""

    def handles(self, kind: type[Command]) -> bool:
        """Whether a command of this kind can be carried out here."""
        return kind in self._handlers

    @property
    def history(self) -> tuple[Entry, ...]:
        """The commands that were taken from the queue, the oldest first."""
        return tuple(self._history)

    def between_steps(self) -> None:
        """Poll the front end if that is due, then carry out the queue. Called by the training thread."""
        poll = self.poll  # another thread may release the front end meanwhile
        if poll is not None and self.clock() >= self.poll_due and not self._released:
            self.poll_due = self.clock() + EVERY
            poll()
        if self.queue:
            self.carry_out()

    def carry_out(self) -> None:
        """Carry out every command in the queue, in order. What a handler raises is recorded, not raised."""
        while True:
            try:
                submission = self.queue.popleft()
            except IndexError:  # empty, or another thread has emptied it: after the end any may
                return
            self.by = submission.by  # the entry has its own: another thread may set this one meanwhile
            self._finish(submission, self._step())

    def _finish(self, submission: Submission, step: int | None) -> None:
        result: object = None
        failure: BaseException | None = None
        outcome, reason = Outcome.DONE, ""
        try:
            result = self._carry_out(submission)
        except RefusedError as refused:
            outcome, reason = Outcome.REFUSED, str(refused)
        except Exception as error:  # noqa: BLE001 - a command must not end the training
            failure, outcome, reason = error, Outcome.FAILED, f"{type(error).__name__}: {error}"
        except BaseException as error:
            failure, outcome, reason = error, Outcome.FAILED, type(error).__name__
            raise
        finally:  # whoever waits for it goes on, whatever comes
            entry = Entry(submission.command, submission.by, step, time.time(), outcome, reason)
            submission.finish(entry, result, failure)
            self._history.append(entry)
        self.on_entry(entry)

    def _carry_out(self, submission: Submission) -> object:
        command = submission.command
        handler = self._handlers.get(type(command))
        if self._released:
            raise RefusedError(self._released)
        if handler is None:
            known = ", ".join(sorted(kind.__name__ for kind in self._handlers)) or "no command"
            raise RefusedError(f"it cannot be carried out here; this run takes {known}")
        return handler(command) if submission.act is None else submission.act()

    def release(self, reason: str = "the session has ended") -> None:
        """Release the handlers, and poll no more, until one is registered again, as after a recovery.

        Commands are refused until then, those queued included.

        Args:
            reason: of the refusal.
        """
        self._handlers.clear()
        self._released = reason
        self.carry_out()
