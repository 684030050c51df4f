"""Keeps the training thread waiting while commands are carried out, for as long as somebody is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbhooks.model.control import EVERY

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.model.control import Control

GRACE = 2.0
"""Seconds that a front end has, or another thread, to come. They are not given again at the next pause."""


class Pausing:
    """Waits for commands.

    Args:
        control: where they come from.
        attended: returns whether somebody is there who could send one.
        sleep: waits at most so many seconds for a command.

    Example:
        >>> from nbhooks.model.commands import Resume
        >>> from nbhooks.model.control import Control
        >>> control, paused = Control(), [True]
        >>> control.handle(Resume, lambda _: paused.clear())
        >>> submission = control.submit(Resume())
        >>> Pausing(control, attended=lambda: True).wait(lambda: bool(paused))
        True
    """

    def __init__(
        self,
        control: Control,
        attended: Callable[[], bool],
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._control = control
        self._attended = attended
        self._sleep = control.arrival.wait if sleep is None else sleep
        self._grace = GRACE

    def wait(self, paused: Callable[[], bool]) -> bool:
        """Carry out commands until the pause is over, or nobody is there.

        Args:
            paused: returns whether the pause lasts.

        Returns:
            Whether the pause is over; False where nobody is there to end it.
        """
        control = self._control
        while True:
            control.arrival.clear()  # first: what is submitted from here on sets it again
            control.between_steps()
            if not paused():
                return True
            if self._attended():
                self._grace = GRACE
            elif self._grace <= 0:
                return False
            began = control.clock()
            self._sleep(EVERY)
            self._grace -= control.clock() - began
