"""A kernel with a button and a slider in it, and what the cells of the tests of the pump use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insides import INSIDES

if TYPE_CHECKING:
    from client import Kernel

# What the tests' cells use. `opened` closes the pump when the cell ends, however it ends, as dashboards do.
PROLOGUE = """
import asyncio, contextvars, os, signal, time, weakref
from nbhooks.jupyter.environment import execution, kernel_shell
from nbhooks.jupyter.pump import NoPumpError, open_pump

shell = kernel_shell()

def opened():
    pump = open_pump(shell)
    def end(result):
        pump.close()
        shell.events.unregister("post_run_cell", end)
    shell.events.register("post_run_cell", end)
    return pump

def train(pump, until=lambda: False, seconds=20):
    print("busy", flush=True)
    deadline = time.monotonic() + seconds
    while not until() and time.monotonic() < deadline:
        time.sleep(0.002)
        if pump is not None:
            pump.poll()

clicks = []
button = ipywidgets.Button()
button.on_click(lambda _: clicks.append(threading.current_thread() is threading.main_thread()))
slider = ipywidgets.IntSlider()
print(button.comm.comm_id, slider.comm.comm_id)
"""


class Widgets:
    """A kernel with a button and a slider in it."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.button, self.slider = kernel.run(INSIDES + PROLOGUE).stdout.split()

    def start(self, code: str, *, said: str = "busy") -> str:
        """Start a cell and wait until it has printed that it is busy."""
        cell = self.kernel.start(code)
        self.said(cell, said)
        return cell

    def said(self, cell: str, text: str) -> None:
        """Wait until a cell has printed a text."""
        self.kernel.wait_for(
            lambda: any(
                message.kind == "stream" and text in message.content["text"]
                for message in self.kernel.answers(cell)
            )
        )

    def value(self, expression: str) -> str:
        """Evaluate an expression in a cell of its own."""
        # A kernel may still be aborting what came behind an error.
        while (result := self.kernel.run(f"print({expression})")).status == "aborted":
            pass
        return result.stdout.strip()
