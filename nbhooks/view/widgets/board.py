"""The board's one widget: takes messages for the page, and hands over what the page says."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import anywidget
import ipywidgets

from nbhooks.view import messages
from nbhooks.view.widgets import modules

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.view.messages import Message


class BoardWidget(anywidget.AnyWidget):
    """Shows a board in the page. It has no state but its page's: everything travels as messages.

    Args:
        receive: called with each valid message of a page, on the thread on which it arrives.

    Example:
        >>> widget = BoardWidget(print)
        >>> widget.send({"type": "update"})
        >>> widget.dispose()
    """

    _esm = modules.script()
    _css = modules.style()

    def __init__(self, receive: Callable[[Message], object]) -> None:
        """Make the widget; a page reports when it is ready."""
        super().__init__()
        self._hand_over = receive
        self.on_msg(self._receive)

    def _receive(self, _: object, content: object, __: object) -> None:
        message = messages.parse(content)
        if message is not None:
            self._hand_over(message)

    def dispose(self) -> None:
        """Close the widget and its layout, which ipywidgets would keep alive."""
        layout = self.layout
        if isinstance(layout, ipywidgets.Widget):
            with contextlib.suppress(Exception):
                layout.close()
        self.close()
