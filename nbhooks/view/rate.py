"""How fast steps come: over the last few seconds, and how that has changed."""

from __future__ import annotations

from collections import deque

WINDOW = 10.0
"""Seconds over which the rate is measured."""

TREND = 24
"""Rates that are remembered, one each `EVERY` seconds at most."""

EVERY = 2.0


class Rate:
    """Steps per second, from pairs of a wall time and a step that come in order.

    Attributes:
        value: over the last `WINDOW` seconds; None before there are two steps.
        trend: what it was, the oldest first; replaced when there is a new one.

    Example:
        >>> rate = Rate()
        >>> for second in range(3):
        ...     rate.add(second, 50 * second)
        >>> rate.value
        50.0
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.value: float | None = None
        self.trend: tuple[float, ...] = ()
        self._seen: deque[tuple[float, int]] = deque()
        self._noted = 0.0

    def add(self, wall_time: float, step: int) -> None:
        """Take a step."""
        seen = self._seen
        if seen and step < seen[-1][1]:  # restored to an earlier step
            seen.clear()
        if not seen or (wall_time > seen[-1][0] and step > seen[-1][1]):
            seen.append((wall_time, step))
        while len(seen) > 2 and wall_time - seen[1][0] >= WINDOW:  # noqa: PLR2004 - two make a rate
            seen.popleft()
        elapsed = seen[-1][0] - seen[0][0]
        self.value = (seen[-1][1] - seen[0][1]) / elapsed if elapsed > 0 else None
        if self.value is not None and wall_time - self._noted >= EVERY:
            self._noted = wall_time
            self.trend = (*self.trend[1 - TREND :], float(f"{self.value:.4g}"))
