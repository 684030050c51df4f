"""A kernel, and what a browser would do with it: read what it publishes, and answer its boards."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

PAGE = "benchmark"
"""What the page calls itself."""


@dataclass(frozen=True)
class Update:
    """A message of a board.

    Attributes:
        comm: of the board.
        full: whether it was everything, as for a page that is new.
        points: of how many cards it has points.
        size: bytes on the wire, everything included.
        time: when the kernel sent it: a page that is busy reads late, and then much at once.
    """

    comm: str
    full: bool
    points: int
    size: int
    time: float


class Page:
    """A kernel with modules of this folder in it, and a page that has all cards in sight.

    Args:
        folder: for what the kernel writes.
        modules: to import there.

    Attributes:
        updates: what boards sent while the latest cell ran.
        sight: how many cards of a board are in sight.
    """

    def __init__(self, folder: Path, *modules: str) -> None:
        """Start the kernel."""
        from jupyter_client.manager import KernelManager

        environment = {
            **os.environ,
            "IPYTHONDIR": str(folder),
            "PYTHONPATH": os.pathsep.join(map(str, (HERE.parent, HERE))),
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
        self.updates: list[Update] = []
        self.sight = 60
        self._cards: dict[str, dict[str, list[str]]] = {}  # of each board and part
        self._manager = KernelManager(connection_file=str(folder / "kernel.json"))
        self._manager.start_kernel(env=environment, cwd=str(folder))
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        self.run(f"import {', '.join(['json', *modules])}")

    def close(self) -> None:
        """End the kernel."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function, named with its module, in a cell of its own."""
        return self.ask(f"{function}(*{arguments!r})")

    def ask(self, expression: str) -> Any:
        """Evaluate in a cell of its own."""
        return json.loads(self.run(f"print(json.dumps({expression}))"))

    def run(self, code: str) -> str:
        """Run a cell and return what it printed; `updates` then holds what boards sent meanwhile.

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

    def reload(self) -> None:
        """Ask every board for everything, as a page does that is loaded again."""
        for comm in self._cards:
            self._send(comm, {"type": "ready"})

    def _read_until_idle(self, cell: str) -> str:
        """Read what is published until the cell has ended; return what it printed."""
        printed = ""
        while True:
            message, size = self._read()
            kind, content = message["header"]["msg_type"], message["content"]
            ours = message["parent_header"].get("msg_id") == cell
            if kind == "comm_open" and "_esm" in content["data"].get("state", {}):
                self._send(content["comm_id"], {"type": "ready"})
            elif kind == "comm_msg" and content["data"].get("content", {}).get("type") == "update":
                update = content["data"]["content"]
                sent = message["header"]["date"].timestamp()
                points = len(update.get("points", ()))
                self.updates.append(Update(content["comm_id"], "full" in update, points, size, sent))
                self._see(content["comm_id"], update.get("cards", {}))
            elif kind == "stream" and content["name"] == "stdout" and ours:
                printed += content["text"]
            elif kind == "status" and content["execution_state"] == "idle" and ours:
                return printed

    def _see(self, comm: str, cards: dict[str, Any]) -> None:
        """Report the first cards as in sight, where there are others than before."""
        if not cards:
            return
        known = self._cards.setdefault(comm, {})
        for part, change in cards.items():
            known[part] = known.get(part, [])[: change["from"]] + [card["key"] for card in change["list"]]
        pairs = [[part, key] for part, keys in known.items() for key in keys]
        self._send(comm, {"type": "sight", "page": PAGE, "cards": pairs[: self.sight], "sections": []})

    def _send(self, comm: str, content: dict[str, Any]) -> None:
        data = {"method": "custom", "content": content}
        session, channel = self._client.session, self._client.shell_channel
        session.send(channel.socket, session.msg("comm_msg", {"comm_id": comm, "data": data}))

    def _read(self) -> tuple[dict[str, Any], int]:
        socket, session = self._client.iopub_channel.socket, self._client.session
        while not socket.poll(1000):
            if not self._manager.is_alive():
                raise RuntimeError("the kernel died; its own words are above")
        frames = socket.recv_multipart()
        _, parts = session.feed_identities(frames)
        return session.deserialize(parts), sum(map(len, frames))
