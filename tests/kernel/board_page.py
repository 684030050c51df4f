"""A page without a browser, as far as boards go: it answers as the page's code does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from page_state import PageState

if TYPE_CHECKING:
    from client import Kernel


class BoardPage(PageState):
    """What a page knows of one board.

    Args:
        kernel: where the board is.
        model: the widget's id.

    Attributes:
        model: the widget's id.
        wire: bytes of each message on the wire, by its number in `messages`.
    """

    def __init__(self, kernel: Kernel, model: str) -> None:
        super().__init__()
        self.kernel, self.model = kernel, model
        self.wire: list[int] = []
        self.open = True
        self._read = 0
        self._seen: Any = None

    def update(self) -> BoardPage:
        """Take the messages that have come."""
        fresh = self.kernel.messages[self._read :]
        self._read += len(fresh)  # and not the length of the list, which may have grown since
        for message in fresh:
            if message.content.get("comm_id") != self.model:
                continue
            self.open = self.open and message.kind != "comm_close"
            content = message.content.get("data", {}).get("content")
            if isinstance(content, dict):
                self.apply(content, message.buffers)
                self.wire.append(message.size)
        return self

    def send(self, **content: Any) -> str:
        """Send a message of the page; return its id."""
        return self.kernel.send_comm(self.model, {"method": "custom", "content": content})

    def ready(self) -> BoardPage:
        """Request everything, and wait for it."""
        before = len(self.update().messages)
        self.send(type="ready", page="page")
        self.kernel.wait_for(lambda: any(one.get("full") for one in self.update().messages[before:]))
        return self

    def look(self) -> None:
        """Have everything in sight; nothing is sent where there is no more of it than before."""
        cards = [[part, card["key"]] for part, cards in self.cards.items() for card in cards]
        pairs = [[part, one["key"]] for part, sections in self.sections.items() for one in sections]
        if (cards, pairs) != self._seen:
            self._seen = cards, pairs
            self.send(type="sight", page="page", cards=cards, sections=pairs, log=True)

    def wait(self, found: Any) -> BoardPage:
        """Wait until `found` is true of what the page knows; look at everything meanwhile."""

        def arrived() -> bool:
            self.update().look()
            return bool(found(self))

        self.kernel.wait_for(arrived)
        return self

    # Reading

    def head(self, number: int = -1) -> dict[str, Any]:
        """The head of a recording, of the latest by default."""
        return self.heads[self.parts[number]]

    def status(self, number: int = -1) -> str:
        """Name, state and step of a recording in one line."""
        head = self.head(number)
        step = "" if head["step"] is None else f"step {head['step']:,}"
        return " · ".join(filter(None, (head["name"], head["words"], step)))

    def updates(self) -> list[dict[str, Any]]:
        """The messages that brought points and were not full."""
        return [one for one in self.messages if one.get("points") and not one.get("full")]

    def rows(self, state: str) -> int:
        """How many rows of tables have a state, such as ``"kept"``."""
        blocks = [
            block for sections in self.contents.values() for section in sections.values() for block in section
        ]
        return sum(row.get("state") == state for block in blocks for row in block.get("rows", ()))
