"""One tag's numbers: the whole history in 24 bytes a point, and a bounded series to draw."""

from __future__ import annotations

import math
import sys
from array import array
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

HISTORY_LIMIT = 1_000_000
"""Points kept of one tag; beyond it every second one goes."""

BINS = 400
"""Bins at most in a series to draw; at that many, neighbours merge in pairs."""

ATTEMPTS = 50
"""Attempts whose bins are kept apart, the latest; of more, those of the earliest merge."""

_LITTLE_ENDIAN = sys.byteorder == "little"

MARKED = 20
"""Non-finite points whose step is kept for the chart; their number is counted without a bound."""


Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Attempts: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SeriesView:
    """What a series looked like at one moment; nothing in it changes any more.

    A view at a cursor has everything to draw, `count` and `marks` included, and what the latest point and the
    values were when the cursor's step was passed last: of the points kept, where the history was thinned.

    Attributes:
        x: float64 (n,), the global step of each bin's first point.
        times: float64 (n,), the wall time of each bin's first point.
        low: float32 (n,), the smallest finite value in the bin; NaN where there is none.
        high: float32 (n,), the largest.
        generation: grows when bins merge, so that what was sent before no longer fits.
        settled: bins at the front that will not change within this generation.
        starts: the numbers of the bins with which attempts begin, but for the first: there a line breaks.
        count: points taken, non-finite ones included.
        step, wall_time, last: the latest point.
        finite_step, finite: the latest finite point, where there is one.
        minimum, maximum, mean: of the finite points; NaN where there is none.
        nonfinite: number of NaN and infinite points.
        marks: steps of the first of them.
        thinned: 1, or n where only every n-th point is kept in the history.
        reached: whether there is a point up to the cursor, if there is one.
    """

    x: Floats
    times: Floats
    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]
    generation: int
    settled: int
    starts: tuple[int, ...]
    count: int
    step: int
    wall_time: float
    last: float
    finite_step: int
    finite: float
    minimum: float
    maximum: float
    mean: float
    nonfinite: int
    marks: tuple[int, ...]
    thinned: int
    reached: bool = True


class Tail(NamedTuple):
    """The bins of a series that a chart does not have yet.

    Attributes:
        packed: float64 x, float64 times, float32 low and float32 high, little-endian, one after the other.
        begin: how many bins that the chart has remain in front of them.
        bins: how many there are in `packed`.
        generation, settled: of all bins, as of a SeriesView; they ask for the next tail.
        starts: of all bins, as of a SeriesView.
        points: how many there are in all bins.
        step, last, nonfinite, marks, thinned: as of a SeriesView.
    """

    packed: bytes
    begin: int
    bins: int
    generation: int
    settled: int
    starts: tuple[int, ...]
    points: int
    step: int
    last: float
    nonfinite: int
    marks: tuple[int, ...]
    thinned: int


class Series:
    """One tag's points, taken one at a time in O(1).

    The first point has a bin of its own for good, and a view ends on the latest one, so that a chart
    begins and ends where the data does however many points share a bin. No bin has points of two attempts.

    Not locked: the Store that owns it is.

    Example:
        >>> series = Series()
        >>> for step in range(1000):
        ...     _ = series.add(step, 0.0, step % 7)
        >>> view = series.view()
        >>> len(view.x) <= BINS + 2, float(view.x[0]), float(view.x[-1]), view.maximum
        (True, 0.0, 999.0, 6)
    """

    __slots__ = (
        "_filled",
        "_firsts",
        "_generation",
        "_high",
        "_low",
        "_marks",
        "_per_bin",
        "_starts",
        "_steps",
        "_sum",
        "_times",
        "_values",
        "_view",
        "_wall_times",
        "_x",
        "count",
        "finite",
        "finite_step",
        "last",
        "maximum",
        "minimum",
        "nonfinite",
        "step",
        "thinned",
        "wall_time",
    )

    def __init__(self, attempt: int = 0) -> None:
        """Begin empty, in the given attempt of the session."""
        self._starts = [0] * attempt  # for each attempt after the first: how many points came before it
        self.step, self.wall_time, self.last = 0, math.nan, math.nan
        self.count = self.nonfinite = self.finite_step = 0
        self.finite = math.nan
        self.minimum = self.maximum = math.nan
        self.thinned = 1
        self._sum = 0.0
        self._steps, self._wall_times, self._values = array("q"), array("d"), array("d")
        self._x, self._times = array("d"), array("d")
        # Beyond float32 a bin is infinite: a chart has no room there either.
        self._low, self._high = array("f"), array("f")
        self._per_bin, self._filled, self._generation = 1, 0, 0
        self._firsts: list[int] = []  # for each attempt after the first: the number of its first bin
        self._marks: list[int] = []
        self._view: tuple[int, int, SeriesView] | None = None  # of so many points and attempts

    def add(self, step: int, wall_time: float, value: float) -> bool:
        """Take a point. Returns whether the history was thinned by it."""
        self.step, self.wall_time, self.last = step, wall_time, value
        thins = False
        if self.count % self.thinned == 0:
            self._steps.append(step)
            self._wall_times.append(wall_time)
            self._values.append(value)
            thins = len(self._steps) > HISTORY_LIMIT
            if thins:
                self._thin()
        self.count += 1
        if not math.isfinite(value):
            self.nonfinite += 1
            if len(self._marks) < MARKED:
                self._marks.append(step)
            value = math.nan
        else:
            self._sum += value
            self.finite_step, self.finite = step, value
            if not self.minimum <= value <= self.maximum:  # so it is while they are NaN
                self.minimum, self.maximum = min(value, self.minimum), max(value, self.maximum)
        self._put(step, wall_time, value)
        return thins

    def extend(self, steps: Integers, wall_times: Floats, values: Floats) -> bool:
        """Take finite points, each (n,) long, as `add` does one by one. Returns whether it thinned."""
        if not self.count or self.thinned > 1 or len(self._steps) + len(steps) > HISTORY_LIMIT:
            points = zip(steps.tolist(), wall_times.tolist(), values.tolist(), strict=True)
            return sum(self.add(*point) for point in points) > 0
        self._steps.frombytes(steps.tobytes())
        self._wall_times.frombytes(wall_times.tobytes())
        self._values.frombytes(values.tobytes())
        self.count += len(steps)
        self._sum += float(values.sum())
        self.minimum = min(float(values.min()), self.minimum)
        self.maximum = max(float(values.max()), self.maximum)
        self.step, self.wall_time = int(steps[-1]), float(wall_times[-1])
        self.finite_step, self.finite = self.step, float(values[-1])
        self.last = self.finite
        begin = 0
        while begin < len(steps):
            room = self._per_bin - self._filled
            some = values[begin : begin + room]
            if len(some):
                self._widen(float(some.min()), float(some.max()))
                self._filled += len(some)
                begin += len(some)
            elif 1 < len(self._x) <= BINS:
                begin += self._append_many(steps[begin:], wall_times[begin:], values[begin:])
            else:
                self._put(int(steps[begin]), float(wall_times[begin]), float(values[begin]))
                begin += 1
        return False

    def _append_many(self, steps: Integers, wall_times: Floats, values: Floats) -> int:
        """Begin as many bins as the points fill and there is room for; returns how many points they took."""
        begins = range(0, len(values), self._per_bin)[: BINS + 1 - len(self._x)]
        end = min(begins[-1] + self._per_bin, len(values))
        self._filled = end - begins[-1]
        self._x.frombytes(steps[: end : self._per_bin].astype(np.float64).tobytes())
        self._times.frombytes(wall_times[: end : self._per_bin].tobytes())
        with np.errstate(over="ignore"):
            for bins, extreme in ((self._low, np.minimum), (self._high, np.maximum)):
                bins.frombytes(extreme.reduceat(values[:end], begins).astype(np.float32).tobytes())
        return end

    def take(self, step: Integers, wall_time: Floats, value: Floats) -> bool:
        """Take many points, each (n,) long, as `add` does one by one. Returns whether it thinned."""
        if len(step) == 1:  # there are files with hundreds of thousands of tags, and one point in each
            return self.add(int(step[0]), float(wall_time[0]), float(value[0]))
        thinned = self.thinned
        begins = np.flatnonzero(np.diff(np.isfinite(value))) + 1
        for begin, end in pairwise((0, *begins.tolist(), len(value))):
            steps = step[begin:end].astype(np.int64, copy=False)
            wall_times = wall_time[begin:end].astype(np.float64, copy=False)
            values = value[begin:end].astype(np.float64, copy=False)
            whole = 0
            if len(values) and math.isfinite(values[0]):
                self.add(int(steps[0]), float(wall_times[0]), float(values[0]))
                room = HISTORY_LIMIT - len(self._steps) if self.thinned == 1 else 0
                whole = 1 + max(min(len(values) - 1, room), 0)
                if whole > 1:
                    self.extend(steps[1:whole], wall_times[1:whole], values[1:whole])
            rest = (column[whole:].tolist() for column in (steps, wall_times, values))
            for point in zip(*rest, strict=True):
                self.add(*point)
        return self.thinned != thinned

    def _put(self, step: int, wall_time: float, value: float) -> None:
        """Take a point into the bin at hand, or begin the next; NaN where there is nothing to draw."""
        if self._filled >= self._per_bin and len(self._x) > BINS:
            self._merge()
        if self._x and self._filled < self._per_bin:
            self._filled += 1
            self._widen(value, value)
        else:
            self._x.append(step)
            self._times.append(wall_time)
            self._low.append(value)
            self._high.append(value)
            self._filled = 1

    def _widen(self, low: float, high: float) -> None:
        """Let the bin at hand reach from `low` to `high` at least; one without a value yet holds NaN."""
        if low < self._low[-1] or math.isnan(self._low[-1]):
            self._low[-1] = low
        if high > self._high[-1] or math.isnan(self._high[-1]):
            self._high[-1] = high

    def begin_attempt(self) -> None:
        """Begin a bin with the next point: it belongs to another attempt, and the line breaks."""
        self._starts.append(self.count)
        if self._x and not self._pending:
            columns = (self._x, self._times, self._low, self._high)
            for column, latest in zip(columns, self._bins(len(self._x)), strict=True):
                column.extend(latest)  # so that the line of each attempt ends where its data does
            self._firsts.append(len(self._x))
            self._filled = self._per_bin

    @property
    def _pending(self) -> bool:
        """Whether the attempt at hand has no bin yet."""
        return bool(self._firsts) and self._firsts[-1] == len(self._x)

    def _thin(self) -> None:
        self._steps, self._wall_times = self._steps[::2], self._wall_times[::2]
        self._values = self._values[::2]
        self.thinned *= 2

    def _merge(self) -> None:
        """Merge the bins of each attempt in pairs, all but the very first bin."""
        count, pending = len(self._x), self._pending
        firsts = self._firsts[-ATTEMPTS:]
        begins = [0]
        for begin, end in pairwise((1, *firsts, count)):
            begins += range(begin, end, 2)
        self._x = array("d", [self._x[begin] for begin in begins])
        self._times = array("d", [self._times[begin] for begin in begins])
        self._low = array("f", np.fmin.reduceat(np.array(self._low), begins).tobytes())
        self._high = array("f", np.fmax.reduceat(np.array(self._high), begins).tobytes())
        self._firsts = np.searchsorted(begins, firsts).tolist()
        self._per_bin *= 2
        self._generation += 1
        if pending or begins[-1] < count - 1:  # else the last bin is one of the old ones, half full
            self._filled = self._per_bin

    def history(self) -> tuple[Integers, Floats, Floats, Attempts]:
        """Copy the points kept, the latest always among them.

        Returns:
            step int64 (n,), wall_time float64 (n,), value float64 (n,), attempt int32 (n,).
        """
        step, wall_time, value = (np.array(c) for c in (self._steps, self._wall_times, self._values))
        number = np.arange(len(step)) * self.thinned
        if self.count and (self.count - 1) % self.thinned:
            step, wall_time = np.append(step, self.step), np.append(wall_time, self.wall_time)
            value, number = np.append(value, self.last), np.append(number, self.count - 1)
        return step, wall_time, value, np.searchsorted(self._starts, number, side="right").astype(np.int32)

    def view(self, cursor: int | None = None) -> SeriesView:
        """Freeze what there is to draw.

        Args:
            cursor: the step whose numbers are shown, None for the latest.
        """
        view = self._latest()
        if cursor is None:
            return view
        changes = self._as_of(cursor)
        return replace(view, **changes) if changes else view

    def _latest(self) -> SeriesView:
        """Give the view of the latest point, the same one until there is another or an attempt begins."""
        key = (self.count, len(self._starts))
        if self._view is None or self._view[:2] != key:
            self._view = (*key, self._freeze())
        return self._view[2]

    def tail(self, generation: int, settled: int) -> Tail:
        """Give the bins that a chart does not have yet.

        Args:
            generation: of the bins that it has, -1 where it has none.
            settled: how many of them will not change within that generation.
        """
        begin = settled if generation == self._generation else 0
        x, times, low, high = self._bins(begin)
        if not _LITTLE_ENDIAN:
            for column in (x, times, low, high):
                column.byteswap()
        return Tail(
            b"".join((x.tobytes(), times.tobytes(), low.tobytes(), high.tobytes())),
            begin,
            len(x),
            self._generation,
            self._settled,
            self._breaks,
            self.count,
            self.step,
            self.last,
            self.nonfinite,
            tuple(self._marks),
            self.thinned,
        )

    @property
    def generation(self) -> int:
        """Grows when bins merge."""
        return self._generation

    @property
    def _settled(self) -> int:
        """The number of bins at the front that will not change within this generation."""
        return max(len(self._x) - (self._filled < self._per_bin), 0)

    @property
    def _breaks(self) -> tuple[int, ...]:
        """The numbers of the bins with which attempts begin, but for the first."""
        return tuple(self._firsts[: len(self._firsts) - self._pending])

    def _bins(self, begin: int) -> tuple[array[float], array[float], array[float], array[float]]:
        """Copy the bins from `begin` on: x, times, low and high; they end on the latest point."""
        x, times, low, high = self._x[begin:], self._times[begin:], self._low[begin:], self._high[begin:]
        if self._filled > 1 and not self._pending and not math.isnan(self._low[-1]):
            latest = self.last if math.isfinite(self.last) else math.nan
            x.append(self.step)
            times.append(self.wall_time)
            low.append(latest)
            high.append(latest)
        return x, times, low, high

    def _freeze(self) -> SeriesView:
        x, times, low, high = self._bins(0)
        finite = self.count - self.nonfinite
        return SeriesView(
            x=np.frombuffer(x, np.float64),
            times=np.frombuffer(times, np.float64),
            low=np.frombuffer(low, np.float32),
            high=np.frombuffer(high, np.float32),
            generation=self._generation,
            settled=self._settled,
            starts=self._breaks,
            count=self.count,
            step=self.step,
            wall_time=self.wall_time,
            last=self.last,
            finite_step=self.finite_step,
            finite=self.finite,
            minimum=self.minimum,
            maximum=self.maximum,
            mean=self._sum / finite if finite else math.nan,
            nonfinite=self.nonfinite,
            marks=tuple(self._marks),
            thinned=self.thinned,
        )

    def _as_of(self, cursor: int) -> dict[str, Any]:
        """Give what the numbers were when the cursor's step was passed last."""
        if self.count and self.step <= cursor:
            return {}  # as it is now, and known of every point
        if self.count <= 1:
            return {"reached": False}
        step, wall_time, value, _ = self.history()
        passed = np.flatnonzero(step <= cursor)
        if not len(passed):
            return {"reached": False}
        latest = int(passed[-1])
        (finite,) = np.isfinite(value[: latest + 1]).nonzero()
        numbers: dict[str, Any] = {
            "step": int(step[latest]),
            "wall_time": float(wall_time[latest]),
            "last": float(value[latest]),
            "nonfinite": (latest + 1 - len(finite)) * self.thinned,
        }
        if not len(finite):
            return {**numbers, **dict.fromkeys(("finite", "minimum", "maximum", "mean"), math.nan)}
        values = value[finite]
        with np.errstate(over="ignore"):
            mean = float(values.mean())
        return {
            **numbers,
            "finite_step": int(step[finite[-1]]),
            "finite": float(values[-1]),
            "minimum": float(values.min()),
            "maximum": float(values.max()),
            "mean": mean,
        }
