"""What a session is doing, in one line, with its Stop button; reports that a page is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
import traitlets

from nbhooks.model.commands import Stop
from nbhooks.model.lifecycle import Phase
from nbhooks.view import formatting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbhooks.model.commands import Command
    from nbhooks.model.snapshot import Snapshot

_HERE = Path(__file__).parent


class Status(anywidget.AnyWidget):
    """One line: the state, who or what ended it, and the step; beside it a Stop button.

    Args:
        page_ready: called when a page is ready, on the thread that receives its message.
        submit: called with the command when a button is clicked.

    Example:
        >>> status = Status(lambda: None, print)
        >>> status.text
        'waiting for the session'
    """

    _esm = (_HERE / "status.js").read_text("utf-8")  # as in chart.py
    _css = (_HERE / "style.css").read_text("utf-8")
    state = traitlets.Unicode("waiting").tag(sync=True)
    text = traitlets.Unicode("waiting for the session").tag(sync=True)
    can_stop = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, page_ready: Callable[[], object], submit: Callable[[Command], object]) -> None:
        """Make the widget; the page reports when it is ready."""
        super().__init__()
        self._page_ready, self._submit = page_ready, submit
        self._ready = False
        self._line = ""
        self.on_msg(self._receive)

    def _receive(self, _: object, content: Mapping[str, object], __: object) -> None:
        if content.get("type") == "ready":
            self._ready = True
            self._line = ""
            self._page_ready()
        elif content.get("type") == "stop" and self.can_stop:  # not from a page that is behind
            self._submit(Stop())

    def draw(self, snapshot: Snapshot, name: str = "", *, can_stop: bool = False) -> None:
        """Show the state of `snapshot`.

        Args:
            snapshot: of the session.
            name: written first, ``""`` where none is needed.
            can_stop: whether the Stop button is shown.
        """
        phase = Phase.WAITING if snapshot.state is None else snapshot.state.phase
        detail = "" if snapshot.state is None else formatting.name(snapshot.state.reason)
        parts = [formatting.name(name), words(phase, detail)]
        if phase is Phase.SAVED and snapshot.wall_time:
            parts.append(f"last written {formatting.date(snapshot.wall_time)}")
        if snapshot.step is not None:
            before = snapshot.cursor is not None and snapshot.cursor < snapshot.step
            at = f"{formatting.count(snapshot.cursor or 0)} of " if before else ""
            parts.append(f"step {at}{formatting.count(snapshot.step)}")
        line = " · ".join(filter(None, parts))
        if phase != self.state or can_stop != self.can_stop or not self._ready:
            with self.hold_sync():
                self.state, self.text, self.can_stop = phase.value, line, can_stop
        elif line != self._line:  # a message costs a fifth of a trait, and is asked for again after a reload
            self.send({"type": "text", "text": line})
        self._line = line


def words(phase: Phase, detail: str) -> str:
    """Write a state, with what it waits for, or who or what ended it."""
    if phase is Phase.SAVED:
        return "saved run"
    if phase is Phase.WAITING:
        return f"waiting for {detail or 'the session'}"
    if phase is Phase.OPEN:
        return "open: the cell has ended, the session has not"
    if phase is Phase.STOPPED:
        return f"stopped by {detail}" if detail else "stopped: a stop was requested"
    if phase is Phase.DIED:
        return f"died of {detail}" if detail else "died of an error that was not seen"
    return str(phase)
