"""The socket on which a kernel gets its orders, and every name inside ipykernel that it takes to read it."""
# ruff: noqa: SLF001 - ipykernel offers no public way, and this is the one file that goes the private one.

from __future__ import annotations

import asyncio
import inspect
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class MissingNameError(AttributeError):
    """The kernel lacks something that is needed to read its socket; the message names it."""


class ShellSocket:
    """A kernel's shell socket as its main thread sees it, and how the kernel answers what comes in there.

    Written against ipykernel 6.29 to 7.4. Every private name is looked up here at once, so that a kernel that
    has changed one is refused before training begins, and not found out in the middle of it.

    Args:
        shell: a kernel's shell.

    Raises:
        MissingNameError: where the kernel is not ipykernel's, or has changed.

    Example:
        >>> socket = ShellSocket(kernel_shell())  # doctest: +SKIP
        >>> while socket.arrived():  # doctest: +SKIP
        ...     socket.queue(socket.receive())
    """

    def __init__(self, shell: InteractiveShell) -> None:
        try:
            # They are there wherever there is a kernel, and nobody else needs them.
            import zmq
            from ipykernel.kernelbase import Kernel

            self._zmq: Any = zmq
            # The base class's: the kernel's own would send what the cell prints to the message being served.
            self._set_parent: Any = Kernel.set_parent
            kernel: Any = getattr(shell, "kernel", None)
            if int(version("ipykernel").split(".")[0]) >= 7:  # noqa: PLR2004 - a thread reads the network, and hands on through a pair
                manager = kernel.shell_channel_thread.manager
                self._stream = manager.get_shell_channel_to_subshell_pair(None).to_stream
                self._reply_socket = manager.get_subshell_to_shell_channel_socket(None)
            else:
                self._stream = kernel.shell_stream
                # Not the stream itself: it would send when the cell has ended.
                self._reply_socket = self._stream.socket
            self._socket = self._stream.socket
            self._run_callback = self._stream._run_callback
            self._recv_callback = self._stream._recv_callback
            self._publish_status = kernel._publish_status
            self._idents = kernel._parent_ident
            self._session = kernel.session
            self._handlers = kernel.shell_handlers
        except (AttributeError, ImportError) as error:
            raise MissingNameError(str(error)) from error
        self._kernel = kernel

    def in_plain_cell(self) -> bool:
        """Return whether the caller runs in a cell that is not `async`, under the kernel's own task.

        An `async` cell, and what it leaves running, has a task of its own.
        """
        try:
            task = asyncio.current_task()
        except RuntimeError:  # No event loop runs in this thread, or the process was forked off the kernel's.
            return False
        frame = getattr(task.get_coro(), "cr_frame", None) if task is not None else None
        module = frame.f_globals.get("__name__", "") if frame is not None else ""
        header = self._kernel.get_parent("shell").get("header", {})
        return module.startswith("ipykernel") and header.get("msg_type") == "execute_request"

    def arrived(self) -> bool:
        """Return whether a message is waiting. The socket is edge-triggered: call it after each."""
        return bool(self._socket.get(self._zmq.EVENTS) & self._zmq.POLLIN)

    def receive(self) -> list[Any]:
        """Take the next message off the socket, as frames."""
        frames: list[Any] = self._socket.recv_multipart(self._zmq.NOBLOCK, copy=False)
        return frames

    def kind_of(self, frames: list[Any]) -> str | None:
        """Read a message's type; None for what is none, like the frame that ends ipykernel's aborting."""
        try:
            _, parts = self._session.feed_identities(frames, copy=False)
            return str(self._session.unpack(parts[1].bytes)["msg_type"])
        except Exception:  # noqa: BLE001 - anything can come in by a socket; the kernel says what is wrong with it
            return None

    def queue(self, frames: list[Any]) -> None:
        """Give a message to the kernel, just as its event loop would have: it waits for the cell's end."""
        self._run_callback(self._recv_callback, frames)

    def unpack(self, frames: list[Any]) -> tuple[list[bytes], dict[str, Any]]:
        """Check a message's signature and take it apart.

        Returns:
            Who sent it, and the message.
        """
        idents, parts = self._session.feed_identities(frames, copy=False)
        return idents, self._session.deserialize(parts, content=True, copy=False)

    def parent(self) -> tuple[list[bytes], dict[str, Any]]:
        """Return which message the kernel is answering now, and who sent it."""
        return self._idents["shell"], self._kernel.get_parent("shell")

    def set_parent(self, idents: list[bytes], message: dict[str, Any]) -> None:
        """Let comms and replies answer to this message; what is printed or displayed stays with the cell."""
        self._set_parent(self._kernel, idents, message, "shell")

    def publish_status(self, status: str, message: dict[str, Any]) -> None:
        """Notify every front end that the kernel is busy with a message, or done with it."""
        self._publish_status(status, "shell", message)

    def handle(self, idents: list[bytes], message: dict[str, Any]) -> None:
        """Let the kernel's own handler answer a message.

        Raises:
            RuntimeError: the handler waits for something, and the event loop stands still.
        """
        answer = self._handlers[message["header"]["msg_type"]](self._reply_socket, idents, message)
        if inspect.iscoroutine(answer):
            try:
                answer.send(None)
            except StopIteration:
                return
            answer.close()
            raise RuntimeError("it waits for something, which cannot come while the cell is running")

    def hand_back(self) -> None:
        """Queue what has arrived, and let the event loop watch the socket again."""
        self._stream.flush(self._zmq.POLLIN)

    def hand_back_soon(self) -> None:
        """The same from another thread: the event loop does it as soon as it runs."""
        self._stream.io_loop.add_callback(self.hand_back)
