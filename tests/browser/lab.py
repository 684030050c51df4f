"""A page of JupyterLab or Notebook 7 with one notebook open, to act on and to look at."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Locator
    from server import Server

# The server is started so that the front ends expose themselves under this name.
APP = "window.jupyterapp"
PANEL = f"{APP}.shell.currentWidget"
KERNEL_STATUS = f"{PANEL}?.sessionContext?.session?.kernel?.status"
WIDTH, HEIGHT = 1100, 1400
"""Of the page, in CSS pixels: high enough for a whole board, since Lab need not draw what is out of view."""


class NotebookPage:
    """A page of JupyterLab or Notebook 7 with one notebook open.

    Args:
        browser: Chromium.
        server: of the notebook.
        name: of the notebook's file, which must be there.
        front_end: ``"lab"`` or ``"notebook7"``.
        kernel: whether a kernel is going to be there.

    Attributes:
        page: Playwright's, for whatever is not here.
        errors: uncaught errors, and what was written to the console as an error.
    """

    def __init__(
        self,
        browser: Browser,
        server: Server,
        name: str,
        *,
        front_end: str = "lab",
        kernel: bool = True,
    ) -> None:
        """Open it."""
        self.errors: list[str] = []
        self.path = server.root / name
        self._context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2
        )
        self._context.set_default_timeout(60_000)
        self.page = self._context.new_page()
        self.page.on("console", self._log)
        self.page.on("pageerror", lambda error: self.errors.append(error.stack or str(error)))
        self._front_end = front_end
        self.page.goto(server.address(front_end, name))
        self._settle(kernel=kernel)

    def _log(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} at {message.location.get('url', '')}")

    def _settle(self, *, kernel: bool) -> None:
        """Wait until the notebook is drawn and, where there is one, its kernel is connected."""
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        self.page.wait_for_function(f"() => {APP} && {PANEL}?.content?.widgets")
        if kernel:
            self.page.wait_for_function(f"() => ['idle', 'busy'].includes({KERNEL_STATUS})")
        if self._front_end == "lab":
            self.page.evaluate(f"() => {APP}.shell.collapseLeft()")

    # Acting

    def command(self, name: str, **arguments: object) -> None:
        """Execute one of the front end's commands, and wait until it is done."""
        self.page.evaluate(f"([name, args]) => {APP}.commands.execute(name, args)", [name, arguments])

    def add(self, source: str) -> int:
        """Append a code cell, and give its number."""
        return int(
            self.page.evaluate(
                f"""(source) => {{
                  const notebook = {PANEL}.content.model.sharedModel;
                  notebook.insertCell(notebook.cells.length, {{ cell_type: "code", source }});
                  return notebook.cells.length - 1;
                }}""",
                source,
            )
        )

    def begin(self, cell: int) -> None:
        """Run a cell, and wait until it has begun."""
        self.page.evaluate(
            f"""(cell) => {{
              {PANEL}.content.activeCellIndex = cell;
              void {APP}.commands.execute("notebook:run-cell");
            }}""",
            cell,
        )
        self.page.wait_for_function(
            f"""(cell) => {PANEL}.content.widgets[cell].promptNode?.textContent.includes("*")
              || {PANEL}.content.widgets[cell].model.executionCount""",
            arg=cell,
        )

    def finish(self, cell: int, seconds: float = 90) -> None:
        """Wait until a cell that this page began has ended."""
        expect(self.cell(cell).locator(".jp-InputPrompt")).to_have_text(
            re.compile(r"\[\d+\]"), timeout=1000 * seconds
        )

    def run(self, cell: int, seconds: float = 90) -> None:
        """Run a cell to its end."""
        self.begin(cell)
        self.finish(cell, seconds)

    def ask(self, expression: str) -> Any:
        """Evaluate an expression in a further cell, and give its value; JSON must have such values."""
        cell = self.add(f"import json\nprint(json.dumps({expression}))")
        self.run(cell)
        return json.loads(self.output(cell).locator(".jp-RenderedText").inner_text())

    def interrupt(self) -> None:
        """Interrupt the kernel."""
        self.command("notebook:interrupt-kernel")

    def save(self) -> dict[str, Any]:
        """Save the notebook, and give what is in the file."""
        self.command("docmanager:save")
        content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return content

    def reload(self) -> None:
        """Load the page again, as a reader does who presses F5."""
        self.page.reload()
        self._settle(kernel=True)

    def theme(self, name: str) -> None:
        """Change to the theme ``"light"`` or ``"dark"``."""
        theme = f"JupyterLab {name.capitalize()}"
        self.command("apputils:change-theme", theme=theme)
        self.page.wait_for_function("(theme) => document.body.dataset.jpThemeName === theme", arg=theme)

    def resize(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        """Give the page another size, or the one it had."""
        self.page.set_viewport_size({"width": width, "height": height})

    def close(self) -> None:
        """Close the page; the kernel stays."""
        self._context.close()

    # Looking

    def cell(self, number: int) -> Locator:
        """Find a cell."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def output(self, number: int) -> Locator:
        """Find a cell's output."""
        return self.cell(number).locator(".jp-Cell-outputArea")

    def busy(self, cell: int) -> bool:
        """Whether a cell that this page began is still running."""
        return "*" in self.cell(cell).locator(".jp-InputPrompt").inner_text()

    def faults(self) -> list[str]:
        """Give those errors that have to do with widgets; the front ends make some of their own."""
        # anywidget loads a widget's module from a blob, so this is where the stack of its errors leads.
        return [error for error in self.errors if re.search("blob:|nbhooks|widget", error, re.IGNORECASE)]

    def picture(self, path: Path, cell: int | None = None) -> None:
        """Take a picture of a cell's output, or of the whole page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        (self.page if cell is None else self.output(cell)).screenshot(path=path)
