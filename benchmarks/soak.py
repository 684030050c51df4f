"""Runs eleven hooks for a million steps in a kernel, to see how memory grows and how often a board is drawn.

The script is the page, as in overhead.py; model and hooks are those of races.py. It takes ten minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import sys
import tempfile
from pathlib import Path
from typing import Any

import overhead
import races
from kernel_page import Page

SETTLED = 10_000
"""Steps after which memory counts; by then everything has been made once."""

BYTES_A_SCALAR = 32
"""The most that memory may grow by for each scalar that is logged."""

MESSAGES = 4
"""The most messages that a board may send in a second."""

_MEMORY = Path("/proc/self/smaps_rollup")


# In the kernel


def train(steps: int) -> dict[str, float]:
    """Train so many steps with all eleven hooks; return what was logged and how memory grew."""
    import nbhooks

    with contextlib.ExitStack() as stack, nbhooks.Dashboard() as board:
        session, step, _ = races.open_session(stack, ["nbhooks"], 11, races.NARROW)
        before = (0, 0)
        for number in range(1, steps + 1):
            session.run(step)
            if number == SETTLED:
                before = (_memory(), _scalars(board))
        gc.collect()
        after = (_memory(), _scalars(board))
    return {"grown": after[0] - before[0], "scalars": after[1] - before[1]}


def _memory() -> int:
    """Return the bytes that this process has written to; pages of libraries come and go with other processes.

    Raises:
        OSError: where the system is not Linux.
    """
    [line] = [line for line in _MEMORY.read_text().splitlines() if line.startswith("Anonymous:")]
    return int(line.split()[1]) * 1024


def _scalars(board: Any) -> int:
    """Count the scalars that were logged, those left out of the history too."""
    sections = board._parts  # noqa: SLF001 - the frame would take memory of its own
    views = (view for section in sections for view in section.recording.snapshot().sources)
    return sum(series.count for view in views for series in view.series.values())


# The page


def main() -> None:
    """Train, and say whether what is promised holds."""
    parser = argparse.ArgumentParser(description="Train for long, and watch the memory.")
    parser.add_argument("--steps", type=int, default=10**6, help="default 1,000,000")
    steps = parser.parse_args().steps
    if steps <= SETTLED:
        parser.error(f"--steps {steps}: memory counts after {SETTLED:,} only")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        contextlib.closing(Page(Path(folder), "soak")) as page,
    ):
        found = page.ask(f"soak.train({steps})")
        traffic = overhead.Traffic.of(page.updates)
    each = found["grown"] / found["scalars"]
    overhead.head(
        "A soak", "steps", "scalars logged", "memory grew by", "bytes a scalar", "messages a second"
    )
    overhead.say(
        f"{steps:,}",
        f"{found['scalars']:,}",
        f"{found['grown'] / 1e6:.1f} MB",
        f"{each:.1f} (≤ {BYTES_A_SCALAR})",
        f"{traffic.messages:.1f} (≤ {MESSAGES})",
    )
    if each > BYTES_A_SCALAR or traffic.messages > MESSAGES:
        sys.exit("what is promised does not hold")


if __name__ == "__main__":
    main()
