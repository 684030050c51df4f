"""A front end without a browser: it runs cells in a real kernel and sees every message that comes back."""

from __future__ import annotations

import os
import queue
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import zmq
from jupyter_client import KernelManager
from jupyter_client.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
COMMS = ("comm_open", "comm_msg", "comm_close")
DISPLAYS = ("display_data", "update_display_data", "execute_result")
PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Message:
    """One message as it came over iopub.

    Attributes:
        size: bytes on the wire, buffers, header and signature included.
        parent: id of the message that this one answers; "" for none.
        time: when it arrived, by `time.monotonic()`.
    """

    kind: str
    content: dict[str, Any]
    buffers: list[bytes]
    size: int
    parent: str
    time: float


@dataclass(frozen=True)
class Result:
    """What one run of a cell left behind.

    Attributes:
        status: of the reply: ok, error or aborted.
        displays: the mimebundles shown in the cell, updates of displays included, in order.
        error: name and value of what the cell died of, or None.
        messages: everything that came over iopub on behalf of the cell.
    """

    status: str
    error: tuple[str, str] | None
    messages: list[Message] = field(repr=False)

    @property
    def stdout(self) -> str:
        return self._text("stdout")

    @property
    def stderr(self) -> str:
        return self._text("stderr")

    @property
    def displays(self) -> list[dict[str, Any]]:
        return [message.content["data"] for message in self.messages if message.kind in DISPLAYS]

    def _text(self, stream: str) -> str:
        said = (message for message in self.messages if message.kind == "stream")
        return "".join(message.content["text"] for message in said if message.content["name"] == stream)


class Kernel:
    """A running kernel of this very interpreter, with the checkout importable in it.

    Example:
        >>> kernel = Kernel(tmp_path)
        >>> kernel.run("print(6 * 7, end='')").stdout
        '42'
        >>> kernel.shutdown()
    """

    def __init__(self, folder: Path) -> None:
        """Start it with its history and its files in a folder of their own."""
        environment = {**os.environ, "IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": str(PROJECT)}
        self._manager = KernelManager(connection_file=str(folder / "kernel.json"))
        self._manager.start_kernel(env=environment, cwd=str(folder))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._messages: list[Message] = []
        self._news = threading.Condition()
        self._replies: dict[str, dict[str, Any]] = {}
        self._cells: list[str] = []
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        try:
            self._client.wait_for_ready(timeout=60)
        except BaseException:
            self.shutdown()
            raise
        self._reader.start()

    # -- cells

    def run(self, code: str, timeout: float = 60) -> Result:
        """Run a cell and wait for its end."""
        return self.finish(self.start(code), timeout)

    def start(self, code: str) -> str:
        """Send a cell to the kernel and return its id at once; it waits there behind the one that runs."""
        cell = str(self._client.execute(code, allow_stdin=False))
        self._cells.append(cell)
        return cell

    def finish(self, cell: str | None = None, timeout: float = 60) -> Result:
        """Wait until a cell has ended; the one that was started last where none is named."""
        cell = self._cells[-1] if cell is None else cell
        reply = self.reply(cell, timeout)["content"]
        # The kernel says that it is idle after all that the cell put out.
        self.wait_for(lambda: "idle" in self.statuses(cell), timeout)
        error = (reply["ename"], reply["evalue"]) if reply["status"] == "error" else None
        return Result(reply["status"], error, self.answers(cell))

    def interrupt(self) -> None:
        """Do what a front end's stop button does."""
        self._manager.interrupt_kernel()

    # -- messages

    @property
    def messages(self) -> list[Message]:
        """Everything that has come over iopub, in order."""
        with self._news:
            return list(self._messages)

    @property
    def comms(self) -> list[Message]:
        """Everything that widgets have said, in order."""
        return [message for message in self.messages if message.kind in COMMS]

    def answers(self, parent: str) -> list[Message]:
        """Everything that has come over iopub on behalf of one message, in order."""
        return [message for message in self.messages if message.parent == parent]

    def statuses(self, parent: str) -> list[str]:
        """What the kernel has said of itself, busy or idle, on behalf of one message."""
        return [
            message.content["execution_state"] for message in self.answers(parent) if message.kind == "status"
        ]

    def send(
        self,
        kind: str,
        content: dict[str, Any],
        buffers: Sequence[bytes] = (),
        *,
        subshell: str | None = None,
    ) -> str:
        """Send a message of any kind over the shell channel and return its id."""
        session = self._client.session
        sent = session.msg(kind, content)
        if subshell is not None:
            sent["header"]["subshell_id"] = subshell
        session.send(self._client.shell_channel.socket, sent, buffers=list(buffers))
        return str(sent["header"]["msg_id"])

    def create_subshell(self) -> str:
        """Make a second thread that answers messages, as JupyterLab does for widgets (ipykernel 7)."""
        self._client.control_channel.send(self._client.session.msg("create_subshell_request"))
        return str(self._client.get_control_msg(timeout=60)["content"]["subshell_id"])

    def send_comm(self, comm: str, data: dict[str, Any], buffers: Sequence[bytes] = ()) -> str:
        """Say something to a widget, as its page does; also while a cell is running."""
        return self.send("comm_msg", {"comm_id": comm, "data": data}, buffers)

    def click(self, comm: str) -> str:
        """Click a button."""
        return self.send_comm(comm, {"method": "custom", "content": {"event": "click"}})

    def set_state(self, comm: str, **state: Any) -> str:
        """Set traits of a widget, as its page does."""
        return self.send_comm(comm, {"method": "update", "state": state, "buffer_paths": []})

    @contextmanager
    def signing(self, key: bytes) -> Iterator[None]:
        """Sign what is sent meanwhile by another key than the kernel's."""
        session = self._client.session
        kept, session.key = session.key, key
        try:
            yield
        finally:
            session.key = kept

    def reply(self, request: str, timeout: float = 60) -> dict[str, Any]:
        """Wait for the reply to a message on the shell channel."""
        deadline = time.monotonic() + timeout
        while request not in self._replies:
            left = deadline - time.monotonic()
            try:
                reply = self._client.get_shell_msg(timeout=max(left, 0))
            except queue.Empty:
                raise TimeoutError(f"no reply within {timeout} s; iopub ends with\n{self._tail()}") from None
            self._replies[reply["parent_header"]["msg_id"]] = reply
        return self._replies.pop(request)

    def wait_for(self, predicate: Callable[[], T], timeout: float = 60) -> T:
        """Wait until something holds of what has come over iopub, and return what the predicate returned."""
        deadline = time.monotonic() + timeout
        with self._news:
            while not (found := predicate()):
                if not self._news.wait(deadline - time.monotonic()):
                    raise TimeoutError(f"not so within {timeout} s; iopub ends with\n{self._tail()}")
        return found

    # -- the kernel's end

    @property
    def pid(self) -> int:
        """The process, to measure it by."""
        return int(self._manager.provisioner.pid)

    def shutdown(self) -> None:
        """End the process; may be called again."""
        self._ended.set()
        if self._reader.is_alive():
            self._reader.join()
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def _read(self) -> None:
        """Read iopub until the end, in a thread of its own: a test looks on while the cell goes on."""
        socket = self._client.iopub_channel.socket
        # One of its own: the client's remembers signatures, and belongs to the test's thread.
        own = Session(key=self._client.session.key, signature_scheme=self._client.session.signature_scheme)
        while not self._ended.is_set():
            if not socket.poll(50, zmq.POLLIN):
                continue
            frames = socket.recv_multipart()
            _, parts = own.feed_identities(frames)
            read = own.deserialize(parts)
            message = Message(
                kind=read["header"]["msg_type"],
                content=read["content"],
                buffers=[bytes(buffer) for buffer in read["buffers"]],
                size=sum(len(frame) for frame in frames),
                parent=read["parent_header"].get("msg_id", ""),
                time=time.monotonic(),
            )
            with self._news:
                self._messages.append(message)
                self._news.notify_all()

    def _tail(self) -> str:
        return "\n".join(f"{message.kind} {message.content}"[:300] for message in self._messages[-12:])
