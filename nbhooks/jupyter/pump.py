"""The pump: between two steps, the main thread serves the clicks that arrived while its cell is running."""

from __future__ import annotations

import inspect
import signal
import threading
from typing import TYPE_CHECKING

from nbhooks.jupyter.shell_socket import MissingNameError, ShellSocket

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from IPython.core.interactiveshell import InteractiveShell

# What widgets and a reloaded page send. Everything else (execute, complete, ...) waits for the cell's end.
SERVED = frozenset({"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"})


class NoPumpError(RuntimeError):
    """Clicks cannot be served while this cell runs; the message says why."""


def open_pump(shell: InteractiveShell) -> Pump:
    """Open a pump for the cell that is running.

    The caller closes it when the cell ends (IPython's `post_run_cell` comes after an error and an
    interrupt too): a message left in the socket would otherwise wait there for the next one.

    Args:
        shell: a kernel's shell, from `environment.kernel_shell()`.

    Returns:
        The pump, to be polled in this thread.

    Raises:
        NoPumpError: in a thread other than the main one, in an `async` cell (its event loop serves the
            messages), in a callback, or in a kernel that lacks a private name which the pump is built on.

    Example:
        >>> shell = kernel_shell()  # doctest: +SKIP
        >>> with contextlib.closing(open_pump(shell)) as pump:  # doctest: +SKIP
        ...     for batch in batches:
        ...         train(batch)
        ...         pump.poll()
    """
    if threading.current_thread() is not threading.main_thread():
        raise NoPumpError("clicks are read in the main thread only, and this is another")
    try:
        socket = ShellSocket(shell)
    except MissingNameError as error:
        raise NoPumpError(f"this kernel is not one that the pump knows: {error}") from error
    if not socket.in_plain_cell():
        raise NoPumpError(
            "no plain cell is running here: async cells and callbacks leave clicks to the kernel"
        )
    return Pump(socket)


class Pump:
    """Reads the kernel's own shell socket, serves what widgets and pages send, and queues the rest.

    What it does not serve goes at once into the kernel's queue, in the order read. So nothing is held back,
    and cells that wait behind this one run, or are aborted after an error, as if there were no pump.

    An interrupt that arrives while a message is read or served takes effect when that message is done with,
    so that none is lost; a second one takes effect at once, should a callback hang. `KeyboardInterrupt` then
    leaves `poll()`, and no other error does.

    Attributes:
        faults: what went wrong in serving, in words.
    """

    def __init__(self, socket: ShellSocket) -> None:
        """Use `open_pump()`, which finds out whether there can be one."""
        self.faults: list[str] = []
        self._socket: ShellSocket | None = socket
        self._taking = False
        self._thread = threading.get_ident()

    def poll(self) -> None:
        """Serve what has arrived, which takes 2 to 30 µs where nothing has; in another thread do nothing."""
        # A callback that polls must not begin another message within its own.
        if self._taking or threading.get_ident() != self._thread:
            return
        try:
            # A callback may close the pump.
            while (socket := self._socket) is not None and socket.arrived():
                with _InterruptsHeld():
                    self._taking = True
                    try:
                        self._take(socket)
                    finally:
                        self._taking = False
        except Exception as error:  # noqa: BLE001 - the training goes on without clicks
            self.faults.append(f"the pump stopped: {error!r}")
            self.close()

    def close(self) -> None:
        """Hand the socket back to the kernel, with what has arrived. May be called again, from any thread."""
        socket, self._socket = self._socket, None
        if socket is None:
            return
        try:
            if threading.get_ident() == self._thread:
                with _InterruptsHeld():
                    socket.hand_back()
            else:
                socket.hand_back_soon()
        except Exception as error:  # noqa: BLE001 - the kernel is going down
            self.faults.append(f"the socket could not be handed back: {error!r}")

    def _take(self, socket: ShellSocket) -> None:
        """Read one message, and serve it or queue it."""
        frames = socket.receive()
        kind = socket.kind_of(frames)
        if kind not in SERVED:
            socket.queue(frames)
            return
        try:
            idents, message = socket.unpack(frames)
        except Exception as error:  # noqa: BLE001 - a bad signature or a duplicate: the kernel drops it too
            self.faults.append(f"a {kind} could not be read: {error!r}")
            return
        # ipykernel 7.4 sends what answers a comm to the subshell named in the message that the comm answered
        # last. There it would run beside the step, in another thread.
        message["header"].pop("subshell_id", None)
        cell = socket.parent()
        # A front end holds a widget's next value back until what it sent is idle again. The second busy is
        # the cell's: without it the kernel is taken to be idle.
        socket.publish_status("busy", message)
        try:
            socket.set_parent(idents, message)
            socket.handle(idents, message)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the training
            self.faults.append(f"the handler of a {kind} failed: {error!r}")
        finally:
            socket.set_parent(*cell)
            socket.publish_status("idle", message)
            socket.publish_status("busy", cell[1])


class _InterruptsHeld:
    """Holds an interrupt back until the block is over; a second one goes through at once."""

    def __enter__(self) -> None:
        self._held: int | None = None
        self._before = signal.getsignal(signal.SIGINT)
        # None is a handler set in C, which could not be put back; SIG_DFL and SIG_IGN are numbers.
        if callable(self._before):
            signal.signal(signal.SIGINT, self._hold)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if callable(self._before):
            signal.signal(signal.SIGINT, self._before)
            if self._held is not None:
                self._before(self._held, inspect.currentframe())

    def _hold(self, number: int, frame: FrameType | None) -> None:
        if self._held is not None and callable(self._before):
            self._before(number, frame)
        self._held = number
