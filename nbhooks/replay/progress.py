"""How far a load is, shown where it takes long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

PATIENCE = 2.0
"""Seconds after which a load shows how far it is."""


class Progress:
    """A progress bar over bytes, which is made only when a load has taken `PATIENCE`.

    Args:
        clock: seconds, monotonic.

    Example:
        >>> with Progress() as progress:
        ...     progress.begin(1000)
        ...     progress.add(600)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Show nothing yet."""
        self._clock = clock
        self._began = clock()
        self._total = self._done = 0
        self._bar: Any = None

    def begin(self, total: int) -> None:
        """Note how many bytes there are to be read."""
        self._total = total

    def add(self, count: int) -> None:
        """Note that so many more were read."""
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif self._clock() - self._began >= PATIENCE and self._done < self._total:
            from tqdm.auto import tqdm

            self._bar = tqdm(
                total=self._total,
                unit="B",
                unit_scale=True,
                desc="reading events",
                leave=False,
                delay=1e-9,  # it is shown below, when it knows how long this has taken already
            )
            self._bar.start_t -= self._clock() - self._began
            self._bar.n = self._bar.last_print_n = self._done
            self._bar.refresh()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away, however it ended."""
        if self._bar is not None:
            self._bar.close()
            # In a notebook it is made of widgets, of which tqdm leaves all but one behind.
            container = getattr(self._bar, "container", None)
            for widget in (container, *container.children) if container is not None else ():
                for part in (widget.layout, getattr(widget, "style", None), widget):
                    if part is not None:
                        part.close()
