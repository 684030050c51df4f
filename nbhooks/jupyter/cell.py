"""The cell of a board: which one it is, whether clicks are served while it runs, and when it ends."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from nbhooks.jupyter import environment
from nbhooks.jupyter.pump import NoPumpError, open_pump

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from nbhooks.jupyter.pump import Pump


class Place:
    """The cell in which a board is displayed first, and the executions after it until `leave`.

    Outside a kernel there are no cells, and every method does nothing.

    Args:
        ended: called at the end of every cell with the error that it raised, or None.
        begins: called when a later cell begins.

    Attributes:
        cell, execution: names of the cell and of its execution, ``""`` before `enter` and outside a kernel.
    """

    def __init__(
        self, ended: Callable[[BaseException | None], object], begins: Callable[[], object] = lambda: None
    ) -> None:
        self.cell = self.execution = ""
        self._ended, self._begins = ended, begins
        self._shell: InteractiveShell | None = None
        self._pump: Pump | None = None
        self._again: tuple[InteractiveShell, Callable[..., None]] | None = None

    def enter(self) -> bool:
        """Register for the ends of cells, and serve clicks while they run, until `leave`.

        Returns:
            Whether there is a kernel, and so a page that can display widgets.
        """
        shell = environment.kernel_shell()
        if shell is None:
            return False
        if not self.cell:
            self.cell, self.execution = environment.cell(shell), environment.execution(shell)
        if self._shell is None:
            self._shell = shell
            shell.events.register("pre_run_cell", self._cell_begins)
            shell.events.register("post_run_cell", self._cell_ends)
        self._open_pump()
        return True

    def leave(self) -> None:
        """Undo `enter`."""
        self._close_pump()
        if self._shell is not None:
            self._shell.events.unregister("pre_run_cell", self._cell_begins)
            self._shell.events.unregister("post_run_cell", self._cell_ends)
            self._shell = None

    def when_run_again(self, act: Callable[[], object] | None) -> None:
        """Call `act` when the cell of `enter` is executed again; None undoes it. Independent of `leave`."""
        before, self._again = self._again, None
        if before is not None:
            before[0].events.unregister("pre_run_cell", before[1])
        shell = environment.kernel_shell()
        if act is None or shell is None:
            return

        def look(*_: Any) -> None:
            if environment.cell(shell) == self.cell and environment.execution(shell) != self.execution:
                act()

        self._again = shell, look
        shell.events.register("pre_run_cell", look)

    @property
    def pumping(self) -> bool:
        """Whether a cell is running and the thread that runs it serves clicks."""
        return self._pump is not None

    def serve(self) -> None:
        """Serve the messages that have arrived; called between two steps by the thread that runs the cell."""
        pump = self._pump  # another thread may close it meanwhile
        if pump is not None:
            pump.poll()

    def _cell_begins(self, *_: Any) -> None:
        self._open_pump()
        self._begins()

    def _cell_ends(self, result: Any) -> None:
        try:
            self._close_pump()
        finally:
            self._ended(getattr(result, "error_in_exec", None))

    def _open_pump(self) -> None:
        if self._pump is None and self._shell is not None:
            # Without a pump clicks and reloads are served when the cell ends, as they are without nbhooks.
            with contextlib.suppress(NoPumpError):
                self._pump = open_pump(self._shell)

    def _close_pump(self) -> None:
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.close()
