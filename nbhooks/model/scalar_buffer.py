"""Scalars that come with every run, on their way into a Store; their steps may come one run later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nbhooks.model.series import Floats, Integers


class ScalarBuffer:
    """Finite scalars of one tag, one a run, added by the thread that trains and taken by any.

    What reports the values may run before what reports the step. Then the step of a value is known when the
    next one is added, or from `finish`; until then the value stays in the buffer.

    Attributes:
        values: append one with every run. There is no method for it: it would cost a frame in every run.
        wall_times: append one with every value, after it.
        steps: append the step of a value as soon as it is known, after its wall time. They are lists, since
            a list takes an item in a third of the time of an array.
        lacks_step: whether the step of the last value is not known yet. Set by what appends.

    Example:
        >>> buffer = ScalarBuffer()
        >>> buffer.values.append(0.5)
        >>> buffer.wall_times.append(1000.0)
        >>> buffer.lacks_step = True
        >>> buffer.ready
        0
        >>> buffer.finish(1)
        >>> buffer.take()
        (array([1]), array([1000.]), array([0.5]))
    """

    __slots__ = ("lacks_step", "steps", "values", "wall_times")

    def __init__(self) -> None:
        self.values: list[float] = []
        self.wall_times: list[float] = []
        self.steps: list[int] = []
        self.lacks_step = False

    @property
    def ready(self) -> int:
        """How many points can be taken: those whose step is known."""
        return len(self.steps)

    def finish(self, step: int | None) -> None:
        """Give the last point its step, where it is not known yet. The thread that trains calls this.

        Args:
            step: the latest global step known, None where there is none.
        """
        if self.lacks_step:
            self.lacks_step = False
            self.steps.append(step or 0)

    def take(self) -> tuple[Integers, Floats, Floats]:
        """Take out the points whose step is known. Another thread may add some meanwhile.

        Returns:
            Steps, wall times and values, each (n,).
        """
        ready = len(self.steps)
        taken = (
            np.array(self.steps[:ready], np.int64),
            np.array(self.wall_times[:ready], np.float64),
            np.array(self.values[:ready], np.float64),
        )
        for column in (self.steps, self.wall_times, self.values):
            del column[:ready]
        return taken
