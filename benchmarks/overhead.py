"""Measures what watching costs: training with our hooks against TensorFlow's, and one refresh of a chart.

The script is the page: it starts a kernel, reads what the kernel publishes, and says hello for new widgets,
as a browser does. The kernel imports this same file and runs what is under "In the kernel". The step path
alone is measured in a process of its own, as in a script: no kernel, no board. The tables are Markdown; all
of them take twelve minutes. A busy machine gives no result: waiting for a core is measured too.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).resolve().parent

CADENCE = 100
"""Steps from one rate, and from one row of logged tensors, to the next."""

NARROW = 16
"""Width of the smallest model."""

WARM_UP = 0.5
"""Seconds of training on each side before the clock starts; the charts are live by then."""

RESOLVED = 0.02
"""The widest 95 % interval of a ratio that is a result."""

RESOLVED_MICROSECONDS = 1.0
"""The widest 95 % interval of a difference that is a result."""

STEP_PATH = ((5, 4.0), (11, 7.0))
"""How many hooks, and the microseconds a step that they may take beyond TensorFlow's."""

RESAMPLES = 10_000
"""Of the pairs, from which that interval comes."""

RACE = 10
"""Pairs of one race at most; each race has a session of its own."""

COLD = 100
"""Refreshes of a new panel that are not counted: the first sends everything, and no cache is warm."""

PAUSES = (0.0, 0.1)
"""Seconds from one refresh to the next: at once, and as on a live board, where no cache is warm."""

HOT = 20
"""Refreshes at once for each that is timed with a pause."""


# In the kernel, or in the script


def versions() -> dict[str, str]:
    """Print what is about to be measured."""
    import tensorflow as tf

    return {
        "Python": platform.python_version(),
        "TensorFlow": tf.__version__,
        **{name: metadata.version(name) for name in ("ipykernel", "ipywidgets")},
    }


def has_board() -> bool:
    """Return whether this process has loaded what draws a board."""
    return "nbhooks.view.dashboard" in sys.modules


def drawn_at_most() -> int:
    """Return how many points a chart draws one by one; at one more, bins merge."""
    from nbhooks.model.series import BINS

    return BINS + 1


def race(  # noqa: PLR0913, PLR0917 - what is asked for by name from another process
    other: str, number: int, width: int, pairs: int, seconds: float, first: int
) -> list[tuple[float, float]]:
    """Train with TensorFlow's hooks and with the other's in turn, and time the loops alone.

    It is one session all the while, whose list of hooks is changed: where a session comes to lie in memory
    makes it faster or slower by some per cent for as long as it lives. The side that goes first changes from
    pair to pair, so what slows the machine down for longer than a pair slows both.

    Args:
        other: whose hooks: ``"nbhooks"``, or ``"tensorflow"`` to see what is noise.
        number: of hooks, 5 or 11.
        width: of the model's hidden layers.
        pairs: how many.
        seconds: how long each side of a pair trains.
        first: whose hooks are made first, 0 for TensorFlow's or 1.

    Returns:
        Microseconds a step of TensorFlow and of the other, for each pair.
    """
    packages = ("tensorflow", other)
    with contextlib.ExitStack() as stack:
        session, step, hooks = open_session(stack, [packages[first], packages[1 - first]], number, width)
        sides = hooks if first == 0 else hooks[::-1]
        for side in sides:
            _microseconds(session, step, side, WARM_UP)
        measured = []
        for pair in range(pairs):
            gc.collect()
            order = (0, 1) if pair % 2 == 0 else (1, 0)
            took = {side: _microseconds(session, step, sides[side], seconds) for side in order}
            measured.append((took[0], took[1]))
    return measured


def open_session(
    stack: contextlib.ExitStack, packages: Sequence[str], number: int, width: int
) -> tuple[Any, Any, list[list[Any]]]:
    """Open a session with so many hooks of each package; return it, what trains it, and the hooks."""
    import tensorflow as tf

    import nbhooks

    tf.compat.v1.logging.set_verbosity("ERROR")
    with tf.Graph().as_default() as graph:
        tf.compat.v1.set_random_seed(1)
        step, tensors = _model(width)
        hooks = []
        for package in packages:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            kit = nbhooks if package == "nbhooks" else tf.compat.v1.train
            hooks.append(five_hooks(kit, tensors, folder))
            if number > len(hooks[-1]):
                hooks[-1] += six_hooks(kit, tensors, folder)
        every = [hook for some in hooks for hook in some]
        session = tf.compat.v1.train.MonitoredTrainingSession(hooks=every)
    stack.callback(_close, graph, session)
    return session, step, hooks


def _close(graph: Any, session: Any) -> None:
    with graph.as_default():
        session.close()


def _model(width: int) -> tuple[Any, dict[str, Any]]:
    """Build a network with two hidden layers; return what trains it, and what is logged of it."""
    import numpy as np
    import tensorflow as tf

    x = tf.constant(np.random.default_rng(1).normal(size=(64, 16)), tf.float32)
    layer, inputs = x, 16
    for number, outputs in enumerate((width, width, 1)):
        initial = tf.compat.v1.random_normal_initializer(stddev=inputs**-0.5)
        weights = tf.compat.v1.get_variable(f"weights_{number}", (inputs, outputs), initializer=initial)
        layer, inputs = tf.tanh(tf.matmul(layer, weights)), outputs
    loss = tf.reduce_mean(tf.square(layer - tf.sin(x[:, :1])))
    optimizer = tf.compat.v1.train.GradientDescentOptimizer(1e-3)
    step = optimizer.minimize(loss, tf.compat.v1.train.get_or_create_global_step())
    return step, {"loss": loss, "largest": tf.reduce_max(layer), "outputs": layer[:8, 0]}


def five_hooks(package: Any, tensors: dict[str, Any], folder: str) -> list[Any]:
    """Make the five; within the loop nothing is saved and nobody stops it."""
    return [
        package.StepCounterHook(every_n_steps=CADENCE),
        package.LoggingTensorHook(tensors, every_n_iter=CADENCE),
        package.NanTensorHook(tensors["loss"]),
        package.CheckpointSaverHook(folder, save_steps=10**9),
        package.StopAtStepHook(last_step=10**9),
    ]


def six_hooks(package: Any, tensors: dict[str, Any], folder: str) -> list[Any]:
    """Make the other six; a summary is as frequent as a row of logged tensors, a timeline is not written."""
    import numpy as np
    import tensorflow as tf
    from tensorflow.python.training import evaluation

    fed = tf.compat.v1.placeholder_with_default(np.zeros((8, 4), np.float32), (None, 4), name="fed")
    batch = np.ones((8, 4), np.float32)
    summary = tf.compat.v1.summary.merge(
        [
            tf.compat.v1.summary.scalar("loss", tensors["loss"]),
            tf.compat.v1.summary.histogram("outputs", tensors["outputs"]),
        ]
    )
    stop_after = getattr(package, "StopAfterNEvalsHook", evaluation._StopAfterNEvalsHook)  # noqa: SLF001
    evaluations = stop_after(10**9, log_progress=False)
    evaluations._set_evals_completed_tensor(tf.constant(1))  # noqa: SLF001 - as TensorFlow's routines do
    return [
        package.GlobalStepWaiterHook(0),
        package.SummarySaverHook(CADENCE, output_dir=folder, summary_op=summary),
        package.FeedFnHook(lambda: {fed: batch}),
        package.ProfilerHook(save_steps=10**9, output_dir=folder),
        package.FinalOpsHook(tensors),
        evaluations,
    ]


def _microseconds(session: Any, step: Any, hooks: list[Any], seconds: float) -> float:
    """Train for so long with some of a session's hooks; return the microseconds a step took."""
    session._sess._sess._sess._hooks = hooks  # noqa: SLF001 - as close to the same as two things can be
    session.run(step)  # what is fetched now may be fetched for the first time
    steps, took, begin = 0, 0.0, time.perf_counter()
    while took < seconds:
        session.run(step)
        steps += 1
        took = time.perf_counter() - begin
    return 1e6 * took / steps


def hook_times(number: int, width: int, blocks: int) -> list[list[tuple[float, float]]]:
    """Time so many hooks of TensorFlow and of nbhooks alone, without the runs that they are called around.

    Returns:
        For each block and each of the two what `step_path.in_hooks` does.
    """
    from step_path import in_hooks

    with contextlib.ExitStack() as stack:
        session, step, sides = open_session(stack, ("tensorflow", "nbhooks"), number, width)
        return in_hooks(session, step, sides, CADENCE, blocks)


def tune(milliseconds: float) -> int:
    """Find the width of a model whose step takes about so long with TensorFlow's hooks."""
    base, width = _alone(NARROW), 1024
    for _ in range(3):
        factor = (1000 * milliseconds - base) / max(_alone(width) - base, 100)
        width = round(width * min(max(factor, 0.1), 10) ** 0.5)  # the work grows with the width squared
    return width


def _alone(width: int) -> float:
    with contextlib.ExitStack() as stack:
        session, step, [hooks] = open_session(stack, ["tensorflow"], 5, width)
        _microseconds(session, step, hooks, 0.3)
        return _microseconds(session, step, hooks, 0.7)


class Subject:
    """A panel with its store, to be refreshed again and again with one new point a tag.

    Args:
        kind: of the panel: ``"steps"`` is a chart alone, ``"tensors"`` has a table too, and a vector in it.
        scalars: how many tags the chart has.
        points: how many points each of them has to begin with.
    """

    def __init__(self, kind: str, scalars: int, points: int) -> None:
        """Fill the store and make the panel; the page will say hello for its widgets."""
        from nbhooks.model.records import Source
        from nbhooks.model.store import Store
        from nbhooks.view.panels import panel_for

        self._tags = [f"tag_{number}" for number in range(scalars)]
        self._vectors = ["vector"] if kind == "tensors" else []
        source = Source("source", kind, {"tags": (*self._tags, *self._vectors), "others": self._vectors})
        self._step = 0
        self._store = Store()
        self._panel: Any = panel_for(source, lambda: None)
        self._store.write(source)
        for _ in range(points):
            self._report()

    def refresh(self, number: int, pause: float = 0) -> list[float]:
        """Refresh so many times on a thread, as the renderer does; return the microseconds each time took."""
        return self._timed(self._refresh, number, pause)

    def send(self, number: int, pause: float = 0) -> list[float]:
        """Send a message with one point so many times, which is the least that any refresh costs."""
        return self._timed(self._send, number, pause)

    def close(self) -> None:
        """Close the widgets."""
        self._panel.close()

    def _timed(self, call: Callable[[], object], number: int, pause: float) -> list[float]:
        times: list[float] = []

        def work() -> None:
            for _ in range(number):
                self._report()
                time.sleep(pause)
                begin = time.perf_counter()
                call()
                times.append((time.perf_counter() - begin) * 1e6)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return times

    def _refresh(self) -> None:
        snapshot = self._store.snapshot()
        self._panel.draw(snapshot.sources[0], snapshot)

    def _send(self) -> None:
        content = {"type": "points", "series": [{"from": 0, "count": 1}], "caption": [["now", "1/s"]]}
        self._panel.chart.send(content, [bytes(16)])

    def _report(self) -> None:
        import numpy as np

        from nbhooks.model.records import Scalar, Tensor

        self._step += 1
        now = time.time()
        for number, tag in enumerate(self._tags):
            self._store.write(Scalar("source", tag, self._step, now, float(np.sin(self._step / 7 + number))))
        for tag in self._vectors:
            value = np.full(8, self._step, np.float32)
            self._store.write(Tensor("source", tag, self._step, now, "float32", value.shape, value))


# The page


@dataclass(frozen=True)
class Update:
    """What a widget sent.

    Attributes:
        comm: the widget.
        kind: ``"points"`` or ``"full"`` of a chart, ``""`` where traits changed.
        size: bytes on the wire, everything included.
        time: when the kernel sent it: a page that is busy reads late, and then much at once.
    """

    comm: str
    kind: str
    size: int
    time: float


class Page:
    """A kernel, and what a browser would do with it."""

    def __init__(self, folder: Path) -> None:
        """Start the kernel, with this file to import."""
        from jupyter_client.manager import KernelManager

        environment = {
            **os.environ,
            "IPYTHONDIR": str(folder),
            "PYTHONPATH": os.pathsep.join(map(str, (HERE.parent, HERE))),
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
        self.updates: list[Update] = []
        self._manager = KernelManager(connection_file=str(folder / "kernel.json"))
        self._manager.start_kernel(env=environment, cwd=str(folder))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        self.run("import json, overhead")

    def close(self) -> None:
        """End the kernel."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function of this file in a cell of its own."""
        return self.ask(f"overhead.{function}(*{arguments!r})")

    def ask(self, expression: str) -> Any:
        """Evaluate in a cell of its own."""
        return json.loads(self.run(f"print(json.dumps({expression}))"))

    def run(self, code: str) -> str:
        """Run a cell and return what it printed; `updates` then holds what widgets sent meanwhile.

        Raises:
            RuntimeError: if the cell raises.
        """
        self.updates = []
        cell = self._client.execute(code)
        printed = self._read_until_idle(cell)
        reply = self._client.get_shell_msg(timeout=10)
        while reply["parent_header"]["msg_id"] != cell:
            reply = self._client.get_shell_msg(timeout=10)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(
                "the kernel says:\n" + "\n".join(reply["content"].get("traceback", ["aborted"]))
            )
        return printed

    def open(self, comm: str) -> None:
        """Say what a widget's page says when it is there."""
        data = {"method": "custom", "content": {"type": "ready"}}
        session, channel = self._client.session, self._client.shell_channel
        session.send(channel.socket, session.msg("comm_msg", {"comm_id": comm, "data": data}))

    def _read_until_idle(self, cell: str) -> str:
        """Read what is published until the cell has ended; return what it printed."""
        printed = ""
        while True:
            message, size = self._read()
            kind, content = message["header"]["msg_type"], message["content"]
            ours = message["parent_header"].get("msg_id") == cell
            if kind == "comm_open" and "_esm" in content["data"].get("state", {}):
                self.open(content["comm_id"])
            elif kind == "comm_msg":
                sort = content["data"].get("content", {}).get("type", "")
                sent = message["header"]["date"].timestamp()
                self.updates.append(Update(content["comm_id"], sort, size, sent))
            elif kind == "stream" and content["name"] == "stdout" and ours:
                printed += content["text"]
            elif kind == "status" and content["execution_state"] == "idle" and ours:
                return printed

    def _read(self) -> tuple[dict[str, Any], int]:
        socket, session = self._client.iopub_channel.socket, self._client.session
        while not socket.poll(1000):
            if not self._manager.is_alive():
                raise RuntimeError("the kernel died; its own words are above")
        frames = socket.recv_multipart()
        _, parts = session.feed_identities(frames)
        return session.deserialize(parts), sum(map(len, frames))


# The script


class Script:
    """A process that trains as a script does: without a kernel, and so without a board."""

    def __init__(self) -> None:
        """Start it, with this file to import."""
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
        """Call a function of this file there.

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
        print(json.dumps(globals()[function](*arguments)), flush=True)


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
    """What the widgets of one board sent while it was live."""

    rate: float
    messages: float
    kilobytes: float

    @classmethod
    def of(cls, updates: Sequence[Update]) -> Traffic:
        """Sum up a training.

        Raises:
            RuntimeError: if no chart was sent a new point: then nobody would have watched.
        """
        if not any(update.kind == "points" for update in updates):
            raise RuntimeError("no chart went live: the page's hello did not get through")
        span = updates[-1].time - updates[0].time
        busiest = max(Counter(update.comm for update in updates).values())
        return cls(
            rate=(busiest - 1) / span,
            messages=len(updates) / span,
            kilobytes=sum(update.size for update in updates) / span / 1000,
        )


def compare(where: Page | Script, row: Row, options: argparse.Namespace) -> list[Traffic]:
    """Train in pairs, and print the row.

    Returns:
        The traffic of each race that had a board.
    """
    live = isinstance(where, Page) and row.target is not None
    # Where nothing is drawn, a side has nothing to wait for that comes a few times a second.
    seconds = options.seconds if live else options.seconds / 2
    measured: list[list[float]] = []
    traffic: list[Traffic] = []
    while len(measured) < options.pairs:
        other = "nbhooks" if row.target else "tensorflow"
        pairs = min(RACE, options.pairs - len(measured))
        first = len(measured) // RACE % 2
        measured += where.call("race", other, row.hooks, row.width, pairs, seconds, first)
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


def rows(model: str, width: int, target: float) -> list[Row]:
    """Return the rows of one model: five hooks, all eleven, and the noise."""
    return [Row(model, width, 5, target), Row(model, width, 11, target), Row(model, width, 5, None)]


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
        blocks = script.call("hook_times", number, width, 5 * options.pairs)
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
    tiny, wide = (script.call("tune", milliseconds) for milliseconds in (0.3, 10))
    print_step_path(script, tiny, options)
    print(f"\nTwo hidden layers of {tiny} units (tiny) or {wide} (10 ms). Each side of a pair trains for")
    print(f"{options.seconds:g} s with a board, for half of it without. A ratio is resolved where its 95 %")
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
    for row in rows("step path alone (a script, no board), tiny", tiny, 0.95):
        compare(script, row, options)
    if script.call("has_board"):
        raise RuntimeError("the script had a board: its rows are not of the step path alone")
    if page is None:
        return
    traffic = {}
    for row in (*rows("tiny", tiny, 0.95), *rows("10 ms a step", wide, 0.99)):
        races = compare(page, row, options)
        if races:
            traffic[row.name] = races
    print_traffic(traffic)


def print_traffic(traffic: dict[str, list[Traffic]]) -> None:
    """Print what live boards sent, by the name of the row."""
    head(
        "What a live board sends",
        "model",
        "refreshes a second of the busiest widget: median, most",
        "target",
        "messages a second",
        "kB a second",
    )
    for name, races in traffic.items():
        rates = [race.rate for race in races]
        say(
            name,
            f"{statistics.median(rates):.1f}, {max(rates):.1f}",
            "≤ 10",
            f"{statistics.median(race.messages for race in races):.0f}",
            f"{statistics.median(race.kilobytes for race in races):.1f}",
        )


def print_refreshes(page: Page, number: int) -> None:
    """Time refreshes, and weigh what they send."""
    head(
        "One refresh, with one new point a tag",
        "panel",
        "points a tag",
        "kernel time back to back, µs: median (quartiles)",
        f"{PAUSES[1]:g} s apart",
        "target",
        "bytes: median, mean",
        "target",
    )
    for points in (10**3, 10**6):
        for name, kind, tags, most_time, most_bytes in (
            ("chart of 1 tag", "steps", 1, "≤ 100", "≤ 2,000"),
            ("chart of 4 tags", "steps", 4, "–", "≤ 5,000"),
            ("chart and table, 2 tags and a vector", "tensors", 2, "–", "–"),
        ):
            page.run(f"subject = overhead.Subject({kind!r}, {tags}, {points})")
            page.run(f"subject.refresh({COLD})")
            times = [
                Spread.of(page.ask(f"subject.refresh({number if pause else HOT * number}, {pause})")).text(0)
                for pause in PAUSES
            ]
            sizes: dict[str, list[int]] = {}
            for update in page.updates:
                sizes.setdefault(update.comm, []).append(update.size)
            bare = [
                Spread.of(page.ask(f"subject.send({number if pause else HOT * number}, {pause})")).text(0)
                for pause in PAUSES
            ]
            page.run("subject.close()")
            if (kind, tags) == ("steps", 1):
                say("only a message of that kind", "none", *bare, "–", "", "–")
            # A refresh is one message of each widget; the mean has the rarer full sends in it.
            usual = sum(statistics.median(each) for each in sizes.values())
            mean = sum(map(sum, sizes.values())) / number
            say(name, f"{points:,}", *times, most_time, _amounts(usual, mean), most_bytes)
    took, wholes = _send_everything(page, max(2, number // 10))
    amounts = _amounts(statistics.median(wholes), statistics.mean(wholes))
    say("chart of 8 tags, all of it", "all it draws", "–", Spread.of(took).text(0), "–", amounts, "≤ 64,000")


def _amounts(median: float, mean: float) -> str:
    return f"{median:,.0f}, {mean:,.0f}"


def _send_everything(page: Page, number: int) -> tuple[list[float], list[int]]:
    """Have a full chart sent so many times, as to a page that is loaded again; return the times and sizes."""
    times: list[float] = []
    sizes: list[int] = []
    page.run(f"subject = overhead.Subject('steps', 8, overhead.drawn_at_most() - {number})")
    while len(times) < number:
        times += page.ask("subject.refresh(1)")
        chart, size = next((update.comm, update.size) for update in page.updates if update.kind == "full")
        sizes.append(size)
        page.open(chart)
    page.run("subject.close()")
    return times, sizes


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
        packages = ", ".join(f"{name} {version}" for name, version in script.call("versions").items())
        print(f"{os.cpu_count()} cores, {packages}; load at the start {os.getloadavg()[0]:.1f}")
        if options.script:
            print_training(script, None, options)
            return
        # A kernel that is going down may still write.
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        page = stack.enter_context(contextlib.closing(Page(Path(folder))))
        print_training(script, page, options)
        print_refreshes(page, 20 if options.quick else 50)


if __name__ == "__main__":
    main()
