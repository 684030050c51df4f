"""Infers the global step after each run; reads the variable only when unsure."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SHARE = 0.02
"""The part of the time that reading the step anew may take, beyond the first `ALLOWANCE` seconds of it."""

ALLOWANCE = 0.5

KINDS = 64
"""Kinds of runs whose increment is remembered."""


class GlobalStep:
    """Reckons the global step from values that were fetched within the runs.

    Such a value was read before the update or after it, as chance would have it, and a run may not train at
    all; reading the step anew costs another run. So it is read until the increment of a kind of run, which is
    what is fetched in it, is known, and again whenever that does not explain the value fetched. Where it
    never does, as when other workers train too, the value fetched is taken for the step once reading has used
    up its share of the time.

    Attributes:
        value: the latest step known, None before the first.
        run_context: of the run that `value` is the step after, where a run was looked at.

    Example:
        >>> from types import SimpleNamespace
        >>> step = GlobalStep()
        >>> step.begin(7)
        >>> run = SimpleNamespace(original_args=SimpleNamespace(fetches="train_op"))
        >>> step.after(run, stale=7, read=lambda: 8)
        8
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.value: int | None = None
        self._clock = clock
        self.run_context: Any = None
        self._fetches: Any = None
        self._kind: Any = None
        self._increment: int | None = None  # of that kind
        self._increments: dict[Any, int] = {}
        self._sure = False
        self._began = clock()
        self._reading = 0.0

    def begin(self, value: int | None) -> None:
        """A session was created, at this step; None where the graph has none."""
        self.value, self._sure = value, value is not None
        self._began, self._reading = self._clock(), 0.0
        self._increments.clear()
        self._increment = None
        self.run_context = None

    def after(self, run_context: Any, stale: int | None, read: Callable[[], int | None]) -> int | None:
        """Return the step after a run. Each run is evaluated once, however many callers there are.

        Args:
            run_context: of the run. It is held until the next one, or until `forget`.
            stale: the step as fetched in the run, None where it was not.
            read: reads the step anew.
        """
        before = self.value
        if run_context is self.run_context and before is not None:
            return before
        self.run_context = run_context
        fetches = run_context.original_args.fetches
        if fetches is not self._fetches:  # else it is the kind of the run before: most loops run one thing
            self._fetches, self._kind = fetches, _kind(fetches)
            self._increment = self._increments.get(self._kind)
        increment = self._increment
        if increment is not None and before is not None and (stale == before or stale == before + increment):
            self.value = before + increment
        elif stale is not None and self._reading > ALLOWANCE + SHARE * (self._clock() - self._began):
            self.value, self._sure = stale, False
        else:
            step = self._read(read)
            # It did not explain the run: `before` may be wrong.
            known = self._increments.pop(self._kind, None)
            learns = known is None and self._sure and len(self._increments) < KINDS
            if step is not None and before is not None and learns:
                self._increments[self._kind] = step - before
            self._increment = self._increments.get(self._kind)
            self.value, self._sure = step, True
        return self.value

    def refresh(self, read: Callable[[], int | None]) -> None:
        """Read the step anew between two runs, where it must be exact."""
        step = self._read(read)
        if step is not None:
            self.value, self._sure = step, True

    def forget(self) -> None:
        """Release the latest run."""
        self.run_context = self._fetches = None

    def _read(self, read: Callable[[], int | None]) -> int | None:
        begin = self._clock()
        try:
            return read()
        finally:
            self._reading += self._clock() - begin


def _kind(fetches: Any) -> Any:
    """Identify a kind of run by what it fetches, which lives as long as its graph: its id will do."""
    if isinstance(fetches, dict):
        return tuple(map(_kind, fetches.values()))
    return tuple(map(_kind, fetches)) if isinstance(fetches, (list, tuple)) else id(fetches)
