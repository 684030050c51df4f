"""The log of a board: the last lines that TensorFlow logged while it was shown."""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from nbhooks.view import blocks, formatting
from nbhooks.view.blocks import Code, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.view.blocks import Block

LINES = 1000
"""Lines kept; those before are counted."""

LINE = 2000
"""Characters of a line that are kept."""

LAST = 20
"""Lines in the picture that a saved notebook has."""


class Log:
    """Keeps the last `LINES` lines, numbered from 0, so that a page is sent only what it has not got.

    Any thread may add lines, which takes the same time however many there are.

    Args:
        live: returns whether a page shows the log.
        changed: called after every change, by the thread that logs: it must be quick.

    Attributes:
        note: why lines do not come here, ``""`` where they do.

    Example:
        >>> log = Log()
        >>> log.add("INFO:tensorflow:Graph was finalized.")
        >>> log.add("INFO:tensorflow:Running local_init_op.")
        >>> log.since(1)
        (1, ['INFO:tensorflow:Running local_init_op.'])
        >>> log.version
        (2, '')
    """

    def __init__(
        self,
        live: Callable[[], bool] = lambda: False,
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        """Begin empty."""
        self.note = ""
        self._live, self._changed = live, changed
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=LINES)
        self._count = 0

    @property
    def live(self) -> bool:
        """Whether a page shows it."""
        return self._live()

    @property
    def version(self) -> tuple[int, str]:
        """How many lines have come, and the note: what changes with whatever there is to show."""
        return self._count, self.note

    @property
    def dropped(self) -> int:
        """How many lines have come that are not kept any more."""
        return max(self._count - LINES, 0)

    def add(self, text: str) -> None:
        """Add the lines of a text. Hostile until escaped."""
        lines = formatting.valid(text).splitlines() or [""]
        kept = [line if len(line) <= LINE else formatting.cut(line, LINE) for line in lines[-LINES:]]
        with self._lock:
            self._lines.extend(kept)
            self._count += len(lines)
        self._changed()

    def explain(self, note: str) -> None:
        """Show why lines do not come here."""
        if note != self.note:
            self.note = note
            self._changed()

    def since(self, number: int) -> tuple[int, list[str]]:
        """Return the lines from a number on.

        Args:
            number: of the first line wanted, counted from 0.

        Returns:
            The number of the first line returned, which is larger where that one is not kept any more, and
            the lines.
        """
        with self._lock:
            first = self._count - len(self._lines)
            begin = min(max(number, first), self._count)
            return begin, list(islice(self._lines, begin - first, None))

    def html(self) -> str:
        """Write the last lines as HTML that needs no widget, ``""`` where there is nothing to show."""
        first, lines = self.since(self._count - LAST)
        if not (lines or self.note):
            return ""
        parts: list[Block] = [Text(self.note)] if self.note else []
        if first > 0:
            parts.append(Text(f"after {formatting.count(first)} earlier lines"))
        if lines:
            parts.append(Code("\n".join(formatting.cut(line, formatting.NAME) for line in lines)))
        return f'<div class="nbhooks-heading">Log</div>{blocks.to_html(parts)}'
