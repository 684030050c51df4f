"""Times the hooks of a session alone: from the first hook's call to the last one's return, in real runs.

A step of a small model takes 300 µs, of which its hooks take a tenth, and differs from the next by more than
that. So the time of the run itself is left out: a watch stands before the hooks and another one behind them.
What the hooks make TensorFlow do within the run is not in it; both kits fetch and feed the same.
"""

from __future__ import annotations

from statistics import fmean, quantiles
from time import perf_counter_ns as clock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTLE = 10
"""Steps of a block that are not counted: what is due since the block before happens in the first."""

WARM_UP = 6
"""Blocks that are not counted."""


class Watches:
    """Two hooks that note the time, to be put around others.

    Attributes:
        times: nanoseconds that the hooks between took, before the run and after it, for each step.
    """

    def __init__(self) -> None:
        """Make the two; TensorFlow is imported by now."""
        import tensorflow as tf

        self.times: list[int] = []
        times, begun, before = self.times, 0, 0

        class First(tf.compat.v1.train.SessionRunHook):  # type: ignore[misc, name-defined]
            def before_run(self, run_context: Any) -> None:  # noqa: ARG002
                nonlocal begun
                begun = clock()

            def after_run(self, run_context: Any, run_values: Any) -> None:  # noqa: ARG002
                nonlocal begun
                begun = clock()

        class Last(tf.compat.v1.train.SessionRunHook):  # type: ignore[misc, name-defined]
            def before_run(self, run_context: Any) -> None:  # noqa: ARG002
                nonlocal before
                before = clock() - begun

            def after_run(self, run_context: Any, run_values: Any) -> None:  # noqa: ARG002
                times.append(clock() - begun + before)

        self._first, self._last = First(), Last()

    def around(self, hooks: Sequence[Any]) -> list[Any]:
        """Return the hooks with a watch before and one behind them."""
        return [self._first, *hooks, self._last]


def in_hooks(
    session: Any, step: Any, sides: Sequence[Sequence[Any]], steps: int, blocks: int
) -> list[list[tuple[float, float]]]:
    """Train with each side's hooks in turn, a block of steps each, and time the hooks alone.

    Args:
        session: that all the hooks were made for.
        step: what to run.
        sides: hooks of each side.
        steps: of a block; as many as from one logged row to the next, so that each block has one.
        blocks: of each side.

    Returns:
        For each block and each side the microseconds of a step in which nothing is logged, and the mean of
        all steps. The first is the lower quartile: what a busy machine adds, it adds to the slower ones.
    """
    watches = Watches()
    lists = [watches.around(side) for side in sides]
    hooked = session._sess._sess._sess  # noqa: SLF001 - as close to the same as two things can be
    measured = []
    for number in range(WARM_UP + blocks):
        took = [(0.0, 0.0)] * len(sides)
        order = range(len(sides))
        for side in order if number % 2 else reversed(order):
            hooked._hooks = lists[side]  # noqa: SLF001
            for _ in range(SETTLE):
                session.run(step)
            watches.times.clear()
            for _ in range(steps):
                session.run(step)
            took[side] = quantiles(watches.times, n=4)[0] / 1000, fmean(watches.times) / 1000
        measured.append(took)
    return measured[WARM_UP:]
