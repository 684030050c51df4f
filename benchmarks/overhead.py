"""Measures what watching costs: training with our hooks against TensorFlow's, and one refresh of a board.

The step path alone is measured in a process of its own, as in a script: no kernel, no board. For the rest the
script is the page of a kernel (kernel_page.py), and answers its boards as a browser does. The tables are
Markdown; all of them take twelve minutes. A busy machine gives no result: waiting for a core is measured too.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import races
import refreshes
from kernel_page import Page
from races import CADENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel_page import Update

HERE = Path(__file__).resolve().parent

RESOLVED = 0.02
"""The widest 95 % interval of a ratio that is a result."""

RESOLVED_MICROSECONDS = 1.0
"""The widest 95 % interval of a difference that is a result."""

STEP_PATH = ((5, 4.0), (11, 7.0))
"""How many hooks, and the microseconds a step that they may take beyond TensorFlow's."""

TINY, WIDE = {5: 0.98, 11: 0.97}, {5: 0.995, 11: 0.995}
"""The least ratio of steps per second for so many hooks, of a small model and of one with steps of 10 ms."""

RESAMPLES = 10_000
"""Of the pairs, from which that interval comes."""

RACE = 10
"""Pairs of one race at most; each race has a session of its own."""


# The script


class Script:
    """A process that trains as a script does: without a kernel, and so without a board."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", "import overhead; overhead.serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(map(str, (HERE.parent, HERE))),
                "TF_CPP_MIN_LOG_LEVEL": "2",
            },
        )

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function of races.py there.

        Raises:
            RuntimeError: if the process dies of it.
        """
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        print(json.dumps([function, arguments]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the script died of {function}{arguments}; its error is above")
        return json.loads(answer)

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def serve() -> None:
    """Call what is asked for on the standard input, until that ends."""
    for line in sys.stdin:
        function, arguments = json.loads(line)
        print(json.dumps(getattr(races, function.removeprefix("races."))(*arguments)), flush=True)


# The tables


@dataclass(frozen=True)
class Interval:
    """A median with its 95 % interval, as the bootstrap gives it."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Interval:
        """Draw as many values again, with replacement, many times; take the range of the medians."""
        import numpy as np

        drawn = np.random.default_rng(1).choice(np.asarray(values), (RESAMPLES, len(values)))
        low, high = np.percentile(np.median(drawn, axis=1), (2.5, 97.5))
        return cls(float(low), statistics.median(values), float(high))

    def text(self, digits: int) -> str:
        """Write the median, and the interval in brackets."""
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f} to {self.high:,.{digits}f})"

    def verdict(self, target: float | None) -> str:
        """Say what it means for a ratio that is to be at least so much; None compares alike with alike."""
        if self.high - self.low > RESOLVED:
            return "not resolved"
        if target is None:
            return "noise"
        if self.low >= target:
            return "met"
        return "missed" if self.high < target else "the target is in the interval"

    def verdict_at_most(self, target: float) -> str:
        """Say what it means for microseconds that are to be at most so many."""
        if self.high - self.low > RESOLVED_MICROSECONDS:
            return "not resolved"
        if self.high <= target:
            return "met"
        return "missed" if self.low > target else "the target is in the interval"


@dataclass(frozen=True)
class Spread:
    """A median with its quartiles."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Sum up at least two values."""
        return cls(*statistics.quantiles(values, n=4, method="inclusive"))

    def text(self, digits: int) -> str:
        """Write the median, and the quartiles in brackets."""
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f} to {self.high:,.{digits}f})"


def say(*cells: str) -> None:
    """Print a row of a table at once: the next may take minutes."""
    print(f"| {' | '.join(cells)} |", flush=True)


def head(title: str, *cells: str) -> None:
    """Begin a table."""
    print(f"\n### {title}\n")
    say(*cells)
    say(*("---" for _ in cells))


@dataclass(frozen=True)
class Traffic:
    """What a board sent while it was live."""

    messages: float
    kilobytes: float

    @classmethod
    def of(cls, updates: Sequence[Update]) -> Traffic:
        """Sum up a training.

        Raises:
            RuntimeError: if no card was sent a new point: then nobody would have watched.
        """
        if not any(update.points for update in updates):
            raise RuntimeError("no card went live: the page's answer did not get through")
        span = updates[-1].time - updates[0].time
        return cls((len(updates) - 1) / span, sum(update.size for update in updates) / span / 1000)


def compare(where: Page | Script, row: Row, options: argparse.Namespace) -> list[Traffic]:
    """Train in pairs, and print the row.

    Returns:
        The traffic of each race that had a board.
    """
    live = isinstance(where, Page) and row.target is not None
    # Where nothing is drawn, a side has nothing to wait for that comes a few times a second.
    seconds, wanted = (options.seconds, options.pairs) if live else (options.seconds / 3, 2 * options.pairs)
    measured: list[list[float]] = []
    traffic: list[Traffic] = []
    while len(measured) < wanted:
        other = "nbhooks" if row.target else "tensorflow"
        pairs = min(RACE, wanted - len(measured))
        first = len(measured) // RACE % 2
        measured += where.call("races.race", other, row.hooks, row.width, pairs, seconds, first)
        if isinstance(where, Page) and live:
            traffic.append(Traffic.of(where.updates))
    ratio = Interval.of([theirs / ours for theirs, ours in measured])
    say(
        row.name,
        f"{len(measured)}",
        ratio.text(3),
        f"≥ {row.target}" if row.target else "–",
        ratio.verdict(row.target),
        *(f"{statistics.median(side):,.0f}" for side in zip(*measured, strict=True)),
        Interval.of([ours - theirs for theirs, ours in measured]).text(1),
    )
    return traffic


@dataclass(frozen=True)
class Row:
    """What is compared in one row.

    Attributes:
        model: and what surrounds it, in words.
        width: of the model.
        hooks: how many.
        target: of the ratio; None compares TensorFlow with itself, which shows what is noise.
    """

    model: str
    width: int
    hooks: int
    target: float | None

    @property
    def name(self) -> str:
        """What the row is called."""
        return f"{self.model}, {self.hooks} hooks{'' if self.target else ', TensorFlow / TensorFlow'}"


def rows(model: str, width: int, targets: dict[int, float]) -> list[Row]:
    """Return the rows of one model: five hooks, all eleven, and the noise."""
    return [*(Row(model, width, *each) for each in targets.items()), Row(model, width, 5, None)]


def print_step_path(script: Script, width: int, options: argparse.Namespace) -> None:
    """Print what our hooks take in a step beyond TensorFlow's, the time of the run itself left out."""
    head(
        "The step path alone (a script, no board): microseconds a step in the hooks, beyond TensorFlow's",
        "hooks",
        "blocks",
        "a step in which nothing is logged: median (95 % interval)",
        f"all, with a row and a rate every {CADENCE} steps",
        "target",
        "",
        "TensorFlow's hooks themselves",
    )
    for number, target in STEP_PATH:
        blocks = script.call("races.hook_times", number, width, 5 * options.pairs)
        plain, every = (
            Interval.of([ours[which] - theirs[which] for theirs, ours in blocks]) for which in (0, 1)
        )
        say(
            f"{number}",
            f"{len(blocks)}",
            plain.text(1),
            every.text(1),
            f"≤ {target:g}",
            every.verdict_at_most(target),
            f"{statistics.median(theirs[1] for theirs, _ in blocks):.0f}",
        )


def print_training(script: Script, page: Page | None, options: argparse.Namespace) -> None:
    """Compare the steps per second, and what went over the wire meanwhile.

    Args:
        script: where the step path alone is measured.
        page: with the kernel to train in; None leaves out what has a board.
        options: pairs and seconds.

    Raises:
        RuntimeError: if the script had a board.
    """
    tiny, wide = (script.call("races.tune", milliseconds) for milliseconds in (0.3, 10))
    print_step_path(script, tiny, options)
    print(f"\nTwo hidden layers of {tiny} units (tiny) or {wide} (10 ms). Each side of a pair trains for")
    print(
        f"{options.seconds:g} s with a board, for a third of it without. A ratio is resolved where its 95 %"
    )
    print(f"interval is at most {RESOLVED:g} wide.")
    head(
        "Steps per second: nbhooks / TensorFlow",
        "model",
        "pairs",
        "ratio: median (95 % interval)",
        "target",
        "",
        "TensorFlow, µs a step",
        "nbhooks, µs a step",
        "difference, µs a step: median (95 % interval)",
    )
    for row in rows("step path alone (a script, no board), tiny", tiny, TINY):
        compare(script, row, options)
    if script.call("races.has_board"):
        raise RuntimeError("the script had a board: its rows are not of the step path alone")
    if page is None:
        return
    traffic = {}
    for row in (*rows("tiny", tiny, TINY), *rows("10 ms a step", wide, WIDE)):
        races = compare(page, row, options)
        if races:
            traffic[row.name] = races
    print_traffic(traffic)


def print_traffic(traffic: dict[str, list[Traffic]]) -> None:
    """Print what live boards sent, by the name of the row."""
    head("What a live board sends", "model", "messages a second: median, most", "target", "kB a second")
    for name, races_of_it in traffic.items():
        rates = [race.messages for race in races_of_it]
        kilobytes = statistics.median(race.kilobytes for race in races_of_it)
        say(name, f"{statistics.median(rates):.1f}, {max(rates):.1f}", "≤ 4", f"{kilobytes:.1f}")


def print_refreshes(page: Page, number: int) -> None:
    """Time refreshes, and weigh what they send."""
    head(
        "One refresh in the kernel, with one new point a tag",
        "board",
        "points a tag",
        "back to back, µs: median (quartiles)",
        f"{refreshes.PAUSES[1]:g} s apart",
        "target",
        "bytes: median, mean",
        "target",
    )
    refreshes.print_table(page, number, say, lambda values: Spread.of(values).text(0))


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description="Measure what nbhooks costs.")
    parser.add_argument("--pairs", type=int, default=60, help="of trainings, for each row (default 60)")
    parser.add_argument(
        "--seconds", type=float, default=0.6, help="how long each side of a pair trains (default 0.6)"
    )
    parser.add_argument("--script", action="store_true", help="only the step path: no kernel, no board")
    parser.add_argument(
        "--quick", action="store_true", help="4 pairs of half a second, to try the script, not to quote"
    )
    options = parser.parse_args()
    if options.quick:
        options.pairs, options.seconds = 4, 0.5
    if options.pairs < 2:
        parser.error(f"--pairs {options.pairs}: an interval needs 2 at least")
    with contextlib.ExitStack() as stack:
        script = stack.enter_context(contextlib.closing(Script()))
        packages = ", ".join(f"{name} {version}" for name, version in script.call("races.versions").items())
        print(f"{os.cpu_count()} cores, {packages}; load at the start {os.getloadavg()[0]:.1f}")
        if options.script:
            print_training(script, None, options)
            return
        # A kernel that is going down may still write.
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        page = stack.enter_context(contextlib.closing(Page(Path(folder), "races", "refreshes")))
        print_training(script, page, options)
        print_refreshes(page, 20 if options.quick else 50)


if __name__ == "__main__":
    main()
