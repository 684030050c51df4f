"""Measures what a board costs the page: frames a second, the main thread's share, long tasks, DOM nodes.

A real JupyterLab in a real Chromium trains the same model (page_training.py) in one cell a row: without a
board, with one in view, with one scrolled away, with INFO lines of TensorFlow in the cell's output, and
beside livelossplot and a TensorBoard in the cell. The table is Markdown; it takes ten minutes. A busy machine
gives no result: the page waits for a core, too.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
BROWSER_TESTS = HERE.parent / "tests" / "browser"
BUILD = HERE.parent / "build" / "benchmarks"
"""Where the peers are installed once; git ignores it, and `make clean` removes it."""

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, CDPSession
    from server import Server

SECONDS = 10.0
"""Of one measurement while the cell runs."""

BEFORE, AFTER = 5.0, 3.0
"""Seconds until the first measurement begins, and of the one after the end."""

FURTHER = 30
"""Cells below the one that trains, to which the page is scrolled."""

LONG = 50
"""Milliseconds beyond which a task is a long one, as the Long Tasks API says."""

SETUP = """
import time
import tensorflow as tf
from page_training import at_ten_a_second, ours, theirs, train
v1 = tf.compat.v1
LOGS = {logs!r}
"""

QUIET = "v1.logging.set_verbosity(v1.logging.ERROR)\n"
INFO = "v1.logging.set_verbosity(v1.logging.INFO)\n"
RESET = "\nv1.logging.set_verbosity(v1.logging.WARN)"

LIVELOSSPLOT = """
from livelossplot import PlotLosses
class Plot(v1.train.SessionRunHook):
    def __init__(self, tensors):
        self.tensors, self.plot, self.due = tensors, PlotLosses(), 0
    def before_run(self, _):
        return v1.train.SessionRunArgs(self.tensors["loss"])
    def after_run(self, _, values):
        self.plot.update({"loss": float(values.results)})
        if time.monotonic() > self.due:
            self.plot.send()
            self.due = time.monotonic() + 1
train(lambda *given: [*theirs(*given), Plot(given[1])], LOGS, SECONDS)
"""

COUNT = """
() => {
  const counted = { frames: 0, long: 0, longest: 0 };
  window.nbhooksCounted = counted;
  const frame = () => { counted.frames += 1; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) {
      counted.long += 1;
      counted.longest = Math.max(counted.longest, task.duration);
    }
  }).observe({ type: "longtask" });
}
"""


@dataclass(frozen=True)
class Row:
    """A way to train.

    Attributes:
        name: of the row.
        source: of the cell; it has SECONDS to train.
        scrolled: whether the output is scrolled out of sight.
    """

    name: str
    source: str
    scrolled: bool = False


ROWS = (
    Row("no board, nothing printed", f"{QUIET}train(theirs, LOGS, SECONDS){RESET}"),
    Row(
        "a board, ten refreshes a second forced",
        f"{INFO}at_ten_a_second(SECONDS)\ntrain(ours, LOGS, SECONDS){RESET}",
    ),
    Row("a board", f"{INFO}train(ours, LOGS, SECONDS){RESET}"),
    Row("a board, scrolled out of sight", f"{INFO}train(ours, LOGS, SECONDS){RESET}", scrolled=True),
    Row("TensorFlow's INFO lines in the output", f"{INFO}train(theirs, LOGS, SECONDS){RESET}"),
    Row("livelossplot, a plot a second", f"{QUIET}{LIVELOSSPLOT}{RESET}"),
    Row(
        "TensorBoard in the cell",
        "%load_ext tensorboard\n%tensorboard --logdir $LOGS --reload_interval 5 --port 0\n"
        f"{QUIET}train(theirs, LOGS, SECONDS){RESET}",
    ),
)


@dataclass
class Measured:
    """What one measurement found."""

    frames: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    long: list[float] = field(default_factory=list)
    longest: list[float] = field(default_factory=list)
    nodes: list[float] = field(default_factory=list)
    heap: list[float] = field(default_factory=list)


class Watch:
    """Reads what Chromium counts of one page."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")
        page.evaluate(COUNT)

    def _metrics(self) -> dict[str, float]:
        found = self._session.send("Performance.getMetrics")["metrics"]
        counted = self._page.evaluate("() => window.nbhooksCounted")
        return {**{one["name"]: one["value"] for one in found}, **counted, "at": time.monotonic()}

    def measure(self, seconds: float, into: Measured) -> None:
        """Measure for some seconds."""
        self._page.evaluate("() => { window.nbhooksCounted.longest = 0 }")
        before = self._metrics()
        time.sleep(seconds)
        after = self._metrics()
        took = after["at"] - before["at"]
        into.frames.append((after["frames"] - before["frames"]) / took)
        into.busy.append(100 * (after["TaskDuration"] - before["TaskDuration"]) / took)
        into.long.append((after["long"] - before["long"]) / took)
        into.longest.append(after["longest"])
        into.nodes.append(after["Nodes"])
        into.heap.append(after["JSHeapUsedSize"] / 1e6)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's own browser."""
    from conftest import ARGUMENTS, NAMES
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise SystemExit(f"no browser on the path: none of {', '.join(NAMES)}; apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


def install_peers() -> Path:
    """Install livelossplot, alone, in a folder that the kernel can import from."""
    folder = BUILD / "page-peers"
    if not folder.exists():
        uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        command = [
            uv or "uv",
            "pip",
            "install",
            "--quiet",
            "--target",
            str(folder),
            "--no-deps",
            "livelossplot",
        ]
        subprocess.run(command, check=True)
    return folder


def run(rows: Sequence[Row], seconds: float, rounds: int) -> None:
    """Measure the rows in turn, and print the table."""
    from server import Server

    paths = (HERE.parent, HERE, install_peers())
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, paths))
    found = {row.name: (Measured(), Measured()) for row in rows}
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            for _ in range(rounds):
                for row in rows:
                    measure(row, browser, server, seconds, found[row.name])
                    print(".", end="", flush=True, file=sys.stderr)
        finally:
            server.close()
    print(file=sys.stderr)
    show(found, seconds)


def measure(
    row: Row,
    browser: Browser,
    server: Server,
    seconds: float,
    into: tuple[Measured, Measured],
) -> None:
    """Train in a kernel and a page of their own, and measure while the cell runs and after its end."""
    from lab import NotebookPage

    name = f"page-{time.time_ns()}"
    train = row.source.replace("SECONDS", str(seconds + BEFORE + 4))
    setup = SETUP.format(logs=str(server.root / name))
    server.write(f"{name}.ipynb", [setup, train, *["pass"] * FURTHER])
    page = NotebookPage(browser, server, f"{name}.ipynb")
    page.resize(1100, 900)
    page.run(0)
    watch = Watch(page.page)
    page.begin(1)
    time.sleep(BEFORE)
    if row.scrolled:
        page.cell(FURTHER).scroll_into_view_if_needed()
        time.sleep(1)
    watch.measure(seconds, into[0])
    page.finish(1)
    watch.measure(AFTER, into[1])
    page.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.close()


def show(found: dict[str, tuple[Measured, Measured]], seconds: float) -> None:
    """Print the table."""
    print(
        f"{os.cpu_count()} cores; {seconds:.0f} s while the cell runs, {AFTER:.0f} s after its end; median\n"
    )
    heads = (
        "cell",
        "frames/s",
        "main thread, %",
        f"tasks > {LONG} ms, a second",
        "longest, ms",
        "DOM nodes",
        "heap, MB",
        "after the end: frames/s",
        "main thread, %",
    )
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, (during, after) in found.items():
        columns = (
            during.frames,
            during.busy,
            during.long,
            during.longest,
            during.nodes,
            during.heap,
            after.frames,
            after.busy,
        )
        print(f"| {name} | {' | '.join(map(spread, columns))} |")


def spread(values: list[float]) -> str:
    """Write a median and what it lies between."""
    middle = f"{statistics.median(values):.3g}"
    return middle if len(values) < 2 else f"{middle} ({min(values):.3g} to {max(values):.3g})"


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of training that are measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose name has this in it")
    given = parser.parse_args()
    sys.path.insert(0, str(BROWSER_TESTS))
    run([row for row in ROWS if given.only in row.name], given.seconds, given.rounds)


if __name__ == "__main__":
    main()
