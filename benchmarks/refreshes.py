"""Measures one refresh of a board in the kernel: the time it takes, and the bytes it sends."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from kernel_page import Page

COLD = 100
"""Refreshes of a new board that are not counted: the first sends everything, and no cache is warm."""

PAUSES = (0.0, 0.1)
"""Seconds from one refresh to the next: at once, and as on a live board, where no cache is warm."""

HOT = 20
"""Refreshes at once for each that is timed with a pause."""

SLICE = 100_000
"""Points of a tag that are written at once."""


# In the kernel


class Subject:
    """A board of one recording, to be refreshed again and again with one new point a tag.

    Args:
        scalars: how many tags it has.
        points: how many points each of them has to begin with.
    """

    def __init__(self, scalars: int, points: int) -> None:
        """Fill the store and display the board; the page then asks for everything."""
        import numpy as np

        from nbhooks.model.kinds import SourceKind
        from nbhooks.model.recording import Recording
        from nbhooks.view.dashboard import Dashboard

        self.times: list[float] = []
        self._tags = [f"scope_{number % 7}/tag_{number}" for number in range(scalars)]
        self._recording = Recording()
        self._source = self._recording.join(SourceKind.TENSORS, "LoggingTensorHook", tags=tuple(self._tags))
        self._recording.begin_attempt(None, self._source, lambda: 0, self)
        self._recording.lifecycle.run()
        self._step = 0
        noise = np.random.default_rng(1).normal(scale=0.1, size=SLICE)
        while self._step < points:
            steps = np.arange(self._step, min(self._step + SLICE, points))
            for number, tag in enumerate(self._tags):
                values = np.sin(steps / 700 + number) + noise[: len(steps)]
                self._recording.write_scalars(self._source, tag, steps, steps * 0.01, values)
            self._step = int(steps[-1]) + 1
        self._board = Dashboard(self._renderer, log=False)
        self._board.show(self._recording)

    def _renderer(self, draw: Callable[[], object]) -> Any:
        from nbhooks.view.renderer import InlineRenderer

        def timed() -> None:
            begin = time.perf_counter()
            draw()
            self.times.append((time.perf_counter() - begin) * 1e6)

        return InlineRenderer(timed)

    def refresh(self, number: int, pause: float = 0) -> list[float]:
        """Refresh so many times on a thread, as the renderer does; return the microseconds each time took."""
        self.times.clear()
        self._on_thread(self._board.refresh, number, pause)
        return self.times

    def send(self, number: int, pause: float = 0) -> list[float]:
        """Send a message with one point so many times, which is the least that any refresh costs."""
        from nbhooks.view.widgets.board import BoardWidget

        widget = BoardWidget(lambda _: None)
        content = {"type": "bare", "points": [{"part": "p0", "card": "k0", "from": 0, "count": 1}]}
        times: list[float] = []

        def send() -> None:
            begin = time.perf_counter()
            widget.send(content, [bytes(16)])
            times.append((time.perf_counter() - begin) * 1e6)

        self._on_thread(send, number, pause)
        widget.dispose()
        return times

    def close(self) -> None:
        """Close the board."""
        self._board.close()

    def _on_thread(self, call: Callable[[], object], number: int, pause: float) -> None:
        def work() -> None:
            for _ in range(number):
                self._report()
                time.sleep(pause)
                call()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    def _report(self) -> None:
        import numpy as np

        from nbhooks.model.records import Scalar

        self._step += 1
        self._recording.global_step.begin(self._step)
        now = time.time()
        for number, tag in enumerate(self._tags):
            value = float(np.sin(self._step / 7 + number))
            self._recording.write(Scalar(self._source, tag, self._step, now, value))


# The table


def print_table(page: Page, number: int, say: Callable[..., None], spread: Callable[..., str]) -> None:
    """Time refreshes, and weigh what they send.

    Args:
        page: with a kernel that has imported this module.
        number: of refreshes for each row.
        say: prints a row.
        spread: writes a median and its quartiles.
    """
    bare = True
    for points in (10**3, 10**6):
        for tags, most_time, most_bytes in ((1, "≤ 100", "≤ 1,200"), (60, "≤ 500", "≤ 20,000")):
            with _subject(page, tags, points):
                page.run(f"subject.refresh({COLD})")
                times = [
                    spread(page.ask(f"subject.refresh({number if pause else HOT * number}, {pause})"))
                    for pause in PAUSES
                ]
                sizes = [update.size for update in page.updates if update.points]
                if bare:
                    least = [
                        spread(page.ask(f"subject.send({number if pause else HOT * number}, {pause})"))
                        for pause in PAUSES
                    ]
                    say("only a message with one point", "none", *least, "–", "", "–")
                    bare = False
            if not sizes:
                raise RuntimeError("the board sent no points: the page's answer did not get through")
            cards = f"{tags} card{'s' if tags > 1 else ''} in sight"
            say(cards, f"{points:,}", *times, most_time, _amounts(sizes), most_bytes)
    took, sizes = _first_drawings(page, max(3, number // 10))
    words = "first drawing, 200 tags, 12 in sight"
    say(words, f"{10**6:,}", "–", spread(took), "≤ 50,000", _amounts(sizes), "–")


@contextlib.contextmanager
def _subject(page: Page, tags: int, points: int) -> Any:
    page.run(f"subject = refreshes.Subject({tags}, {points})")
    try:
        yield
    finally:
        page.run("subject.close()\ndel subject")


def _first_drawings(page: Page, number: int) -> tuple[list[float], list[int]]:
    """Have everything sent so many times, as to a page that is loaded again; return the times and sizes."""
    page.sight = 12
    took: list[float] = []
    sizes: list[int] = []
    with _subject(page, 200, 10**6):
        for _ in range(number):
            page.run("subject.times.clear()")
            page.reload()
            page.run("import time; time.sleep(0.5)")  # the kernel answers the page between two cells
            sizes += [update.size for update in page.updates if update.full]
            took.append(max(page.ask("subject.times")))
    return took, sizes


def _amounts(sizes: list[int]) -> str:
    return f"{statistics.median(sizes):,.0f}, {statistics.mean(sizes):,.0f}"
