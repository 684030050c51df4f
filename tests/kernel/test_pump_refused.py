"""The pump in a real kernel: where there is none, and what it does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipykernel
import pytest

if TYPE_CHECKING:
    from widgets import Widgets

pytestmark = pytest.mark.kernel

# The kernel as it would be without one of its names, wherever that name is looked for.
WITHOUT = """
class Without:
    def __init__(self, whole, missing):
        self.whole, self.missing = whole, missing
    def __getattr__(self, name):
        if name == self.missing:
            raise AttributeError(f"no {name}")
        return Without(getattr(self.whole, name), self.missing)
    def __getitem__(self, key):
        return self.whole[key]
    def __call__(self, *args):
        return Without(self.whole(*args), self.missing)

def reason(missing):
    try:
        open_pump(Without(shell, missing)).close()
    except NoPumpError as error:
        return str(error)
"""

NAMES = ["_publish_status", "_parent_ident", "_run_callback", "_recv_callback", "session", "shell_handlers"]
NAMES += (
    ["shell_stream"]
    if ipykernel.version_info[0] < 7
    else [
        "shell_channel_thread",
        "get_shell_channel_to_subshell_pair",
        "to_stream",
        "get_subshell_to_shell_channel_socket",
    ]
)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_name_means_no_pump_and_no_error(widgets: Widgets, name: str) -> None:
    said = widgets.kernel.run(WITHOUT + f"print(reason('unheard_of')); print(reason({name!r}))")
    assert "not one that the pump knows" not in said.stdout.splitlines()[0]
    assert said.stdout.splitlines()[1] == f"this kernel is not one that the pump knows: no {name}"


@pytest.mark.parametrize(
    "place",
    [
        "await asyncio.sleep(0); attempt()",
        "async def task(): attempt()\nasyncio.ensure_future(task())",
        "asyncio.get_event_loop().call_soon(attempt)",
        "button.on_click(attempt)",
    ],
    ids=["async cell", "task", "event loop", "callback"],
)
def test_there_is_no_pump_where_no_plain_cell_runs(widgets: Widgets, place: str) -> None:
    widgets.kernel.run(
        "reasons = []\n"
        "def attempt(*_):\n"
        "    try: open_pump(shell).close()\n"
        "    except NoPumpError as error: reasons.append(str(error))\n"
        "    else: reasons.append('opened')"
    )
    assert widgets.kernel.run(place).error is None
    click = widgets.kernel.click(widgets.button)
    widgets.kernel.wait_for(lambda: "idle" in widgets.kernel.statuses(click))
    assert widgets.value("reasons") == (
        "['no plain cell is running here: async cells and callbacks leave clicks to the kernel']"
    )
    widgets.kernel.run("button.on_click(attempt, remove=True)")


def test_another_thread_neither_polls_nor_opens(widgets: Widgets) -> None:
    cell = widgets.start(
        "pump = opened(); refused = []\n"
        "def elsewhere():\n"
        "    try: open_pump(shell)\n"
        "    except NoPumpError as error: refused.append(str(error))\n"
        "    train(pump, seconds=0.5)\n"
        "thread = threading.Thread(target=contextvars.copy_context().run, args=(elsewhere,))\n"
        "thread.start(); thread.join(); print(refused, len(clicks))\n"
        "train(pump, lambda: clicks); print(len(clicks))"
    )
    widgets.kernel.click(widgets.button)
    said = widgets.kernel.finish(cell).stdout.splitlines()
    assert said == ["busy", "['clicks are read in the main thread only, and this is another'] 0", "busy", "1"]


def test_a_pump_closed_from_another_thread_hands_the_socket_back(widgets: Widgets) -> None:
    widgets.kernel.run(
        "def close(_):\n"
        "    thread = threading.Thread(target=pump.close); thread.start(); thread.join()\n"
        "button.on_click(close)"
    )
    cell = widgets.start(
        "pump = open_pump(shell); print('busy', flush=True)\n"
        "time.sleep(0.5)  # Both clicks have arrived: one is served, and one is left in the socket.\n"
        "train(pump, seconds=0.2); print(len(clicks), pump.faults)"
    )
    widgets.kernel.click(widgets.button)
    left = widgets.kernel.click(widgets.button)
    assert widgets.kernel.finish(cell).stdout.splitlines()[-1] == "1 []"
    widgets.kernel.wait_for(lambda: "idle" in widgets.kernel.statuses(left))
    assert widgets.value("clicks") == "[True, True]"
    widgets.kernel.run("button.on_click(close, remove=True)")


def test_a_forged_message_is_dropped(widgets: Widgets) -> None:
    """In ipykernel 6 by the pump; 7 looks at signatures before the pump does."""
    kernel = widgets.kernel
    cell = widgets.start("train(opened(), lambda: clicks)")
    with kernel.signing(b"another key"):
        kernel.set_state(widgets.slider, value=3)
    kernel.click(widgets.button)
    assert kernel.finish(cell).error is None
    assert widgets.value("slider.value") == "0"


def test_a_fault_in_a_handler_is_kept_and_does_not_end_the_loop(widgets: Widgets) -> None:
    # ipywidgets and comm catch what a callback raises; this is one that nobody catches.
    widgets.kernel.run(
        "handlers = shell.kernel.shell_handlers; handler = handlers['comm_info_request']\n"
        "async def waits(*_): await asyncio.sleep(0)\n"
        "def fails(*_): raise ValueError('broken')\n"
        "handlers.update(comm_info_request=fails, kernel_info_request=waits)"
    )
    cell = widgets.start("pump = opened(); train(pump, lambda: clicks); print(*pump.faults, sep='\\n')")
    widgets.kernel.send("comm_info_request", {})
    widgets.kernel.send("kernel_info_request", {})
    widgets.kernel.click(widgets.button)
    faults = widgets.kernel.finish(cell).stdout.splitlines()[1:]
    widgets.kernel.run(
        "handlers.update(comm_info_request=handler, kernel_info_request=shell.kernel.kernel_info_request)"
    )
    assert [fault.split(" failed: ")[0] for fault in faults] == [
        "the handler of a comm_info_request",
        "the handler of a kernel_info_request",
    ]
    assert "broken" in faults[0]
    assert "waits for something" in faults[1]
