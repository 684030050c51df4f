"""The states of a session, and which may come after which."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Phase(str, Enum):
    """What a session is doing. Compares equal to its plain name."""

    WAITING = "waiting"
    """For the session, or for what the reason names."""
    RUNNING = "running"
    PAUSED = "paused"
    OPEN = "open"
    """Its cell has ended, the session has not."""
    FINISHED = "finished"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    DIED = "died"
    SAVED = "saved"
    """Read from files, which do not say how the session ended."""

    __str__ = str.__str__

    @property
    def ended(self) -> bool:
        """Whether no run comes after it."""
        return self in _ENDED


_ENDED = frozenset({Phase.FINISHED, Phase.STOPPED, Phase.INTERRUPTED, Phase.DIED, Phase.SAVED})
_GOING_ON = frozenset({Phase.WAITING, Phase.RUNNING, Phase.OPEN})

TRANSITIONS: Mapping[Phase, frozenset[Phase]] = {
    Phase.WAITING: _GOING_ON | _ENDED,
    Phase.RUNNING: _GOING_ON | _ENDED | {Phase.PAUSED},
    Phase.PAUSED: _ENDED | {Phase.RUNNING, Phase.OPEN},
    Phase.OPEN: _GOING_ON | _ENDED,
    # TensorFlow may recover a session long after it was taken for dead, or restart one that was closed.
    Phase.FINISHED: frozenset({Phase.WAITING}),
    Phase.STOPPED: frozenset({Phase.WAITING}),
    Phase.INTERRUPTED: frozenset({Phase.WAITING, Phase.RUNNING}),
    # The error of a death is sometimes known later than the death.
    Phase.DIED: frozenset({Phase.WAITING, Phase.RUNNING, Phase.DIED, Phase.INTERRUPTED}),
    Phase.SAVED: frozenset({Phase.SAVED}),
}
"""The states that may come after each state."""


class TransitionError(ValueError):
    """A session cannot change from its state to the one asked for."""


class Lifecycle:
    """The state of one session, with the reason for it.

    Args:
        report: called with every new state and its reason.

    Attributes:
        phase: the state.
        reason: what the session waits for, who stopped it, or the name of the error that it died of; ``""``
            where there is none or it is not known.
        stopped_by: who requested a stop first, ``""`` where that is not known; None before a request.

    Example:
        >>> states = []
        >>> lifecycle = Lifecycle(lambda phase, reason: states.append(f"{phase} {reason}".strip()))
        >>> lifecycle.run()
        >>> lifecycle.record_stop("StopAtStepHook")
        True
        >>> lifecycle.finish()
        >>> states
        ['waiting', 'running', 'stopped StopAtStepHook']
    """

    def __init__(self, report: Callable[[Phase, str], object]) -> None:
        """Begin in ``waiting``."""
        self._report = report
        self.stopped_by: str | None = None
        self._failure: tuple[Any, str] | None = None  # a run, and the error that it raised
        self._unexplained = False
        self.phase, self.reason = Phase.WAITING, ""
        report(self.phase, self.reason)

    @property
    def ended(self) -> bool:
        """Whether no run comes after it."""
        return self.phase.ended

    def restart(self) -> None:
        """An attempt begins: the first, or one more after a recovery."""
        self.stopped_by, self._unexplained = None, False
        if self.ended:
            self.enter(Phase.WAITING)

    def wait(self, reason: str) -> None:
        """Wait for `reason`, such as ``"global step 500"``; nothing happens after the end."""
        if not self.ended:
            self.enter(Phase.WAITING, reason)

    def run(self) -> None:
        """A run begins."""
        if self.phase is not Phase.RUNNING:
            self.enter(Phase.RUNNING)

    def leave_open(self) -> None:
        """The cell has ended, and the session can still run."""
        if self.phase in (Phase.WAITING, Phase.RUNNING, Phase.PAUSED):
            self.enter(Phase.OPEN)

    def record_stop(self, by: str) -> bool:
        """Record what requested a stop.

        Returns:
            Whether this is the first request.
        """
        if self.stopped_by is not None:
            return False
        self.stopped_by = by
        return True

    def forget_stop(self) -> None:
        """No stop is under way: the run that was to be the last one raised, and others came after it."""
        self.stopped_by = None

    def fail(self, run: Any, error: BaseException) -> None:
        """Record the error of a run, of which the session died unless another run begins.

        Args:
            run: the run; compared by identity.
            error: what it raised.
        """
        self._failure = run, type(error).__name__

    def finish(self, run: Any = None) -> None:
        """``end()`` was called: finished, stopped if a stop was requested, or died if the latest run failed.

        Args:
            run: the latest, as of `fail`.
        """
        if self.ended:
            return
        if self._failure is not None and self._failure[0] is run:
            self.enter(Phase.DIED, self._failure[1])
        elif self.stopped_by is None:
            self.enter(Phase.FINISHED)
        else:
            self.enter(Phase.STOPPED, self.stopped_by)

    def die(self, error: BaseException | None = None) -> None:
        """End without ``end()``: the session raised, or was interrupted; nothing happens after the end.

        Args:
            error: what was raised, None where it is not known yet; see `explain`.
        """
        if not self.ended:
            self._unexplained = error is None
            self._die(error)

    def explain(self, error: BaseException | None) -> None:
        """Name the error of a death that was noticed without one. It is not asked for again.

        Args:
            error: what the cell raised, None where it raised nothing.
        """
        unexplained, self._unexplained = self._unexplained, False
        if unexplained and error is not None:
            self._die(error)

    def save(self) -> None:
        """This is a session read from files."""
        self.enter(Phase.SAVED)

    def adopt(self, phase: Phase, reason: str) -> None:
        """Take over a state that came as a record; those may come in any order, so none is refused."""
        self.phase, self.reason = phase, reason

    def forget_run(self) -> None:
        """Release the run that `fail` recorded."""
        self._failure = None

    def enter(self, phase: Phase, reason: str = "") -> None:
        """Change to a state.

        Raises:
            TransitionError: if it cannot come after the present one.
        """
        if phase not in TRANSITIONS[self.phase]:
            allowed = ", ".join(sorted(TRANSITIONS[self.phase]))
            raise TransitionError(f"a session that is {self.phase} cannot be {phase}; it can be {allowed}")
        self.phase, self.reason = phase, reason
        self._report(phase, reason)

    def _die(self, error: BaseException | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            self.enter(Phase.INTERRUPTED)
        else:
            self.enter(Phase.DIED, "" if error is None else type(error).__name__)
