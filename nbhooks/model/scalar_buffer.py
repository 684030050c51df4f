"""Scalars that come with every run, on their way into a Store; their steps may come one run later."""

from __future__ import annotations

from array import array
from typing import TypeAlias

Point: TypeAlias = tuple[float, float, int, int | None]
"""A value, its wall time, the latest global step known when it was added, and its own step if known."""

_OWN = 3
"""Where a point has its own step."""


class ScalarBuffer:
    """Finite scalars of one tag, one a run, added by the thread that trains and taken by any.

    What reports the values may run before what reports the step. Then the step that is known when a value is
    added is that of the run before. The step of its own run is known when the next value is added, or from
    `finish`; until then the value stays in the buffer.

    Attributes:
        points: append a point with every run. There is no method for it: it would cost a frame in every run.

    Example:
        >>> buffer = ScalarBuffer()
        >>> buffer.points.append((0.5, 1000.0, 0, None))  # of step 1, which is not known yet
        >>> buffer.points.append((0.4, 1001.0, 1, None))
        >>> buffer.ready
        1
        >>> buffer.take()
        (array('q', [1]), array('d', [1000.0]), array('d', [0.5]))
        >>> buffer.finish(2)
        >>> buffer.take()
        (array('q', [2]), array('d', [1001.0]), array('d', [0.4]))
    """

    __slots__ = ("points",)

    def __init__(self) -> None:
        self.points: list[Point] = []

    @property
    def ready(self) -> int:
        """How many points can be taken: those whose step is known."""
        return len(self.points) - self._lacking(self.points[-1:])

    def finish(self, step: int | None) -> None:
        """Give the last point its step, where it is not known yet. The thread that trains calls this.

        Args:
            step: the latest global step known, None where there is none.
        """
        last = self.points[-1:]
        if self._lacking(last):  # so it stays in its place, whatever is taken meanwhile
            value, wall_time, latest, _ = last[0]
            self.points[-1] = (value, wall_time, latest, step or 0)

    def take(self) -> tuple[array[int], array[float], array[float]]:
        """Take out the points whose step is known. Another thread may add some meanwhile.

        Returns:
            Steps, wall times and values, each (n,).
        """
        points = self.points[:]
        ready = len(points) - self._lacking(points)
        del self.points[:ready]
        values, wall_times, latest, own = zip(*points, strict=True) if points else ((), (), (), ())
        steps = own[:ready]
        if None in steps:
            later = latest[1:]  # known when the next point was added
            steps = tuple(later[at] if step is None else step for at, step in enumerate(steps))
        return array("q", steps), array("d", wall_times[:ready]), array("d", values[:ready])

    @staticmethod
    def _lacking(points: list[Point]) -> int:
        """How many points lack their step: the last one, or none."""
        return int(bool(points) and points[-1][_OWN] is None)
