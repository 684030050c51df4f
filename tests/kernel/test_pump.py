"""The pump in a real kernel: what arrives while a cell is busy is served, and the rest is as without it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import ipykernel
import pytest

if TYPE_CHECKING:
    from client import Kernel

pytestmark = pytest.mark.kernel

# What the tests' cells use. `opened` closes the pump when the cell ends, however it ends, as dashboards do.
PROLOGUE = """
import asyncio, contextvars, gc, os, signal, threading, time, weakref
import ipywidgets
from nbhooks.frontend.environment import execution, kernel_shell
from nbhooks.frontend.pump import NoPumpError, open_pump

shell = kernel_shell()

def opened(every=0.01):
    pump = open_pump(shell, every)
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
        self.button, self.slider = kernel.run(PROLOGUE).stdout.split()

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


@pytest.fixture(scope="module")
def _prepared(shared_kernel: Kernel) -> Widgets:
    return Widgets(shared_kernel)


@pytest.fixture
def widgets(_prepared: Widgets) -> Widgets:
    _prepared.kernel.run("clicks.clear(); slider.value = 0")
    return _prepared


def test_without_a_pump_a_click_waits_for_the_end_of_the_cell(widgets: Widgets) -> None:
    cell = widgets.start("train(None, lambda: clicks, seconds=0.5); print(len(clicks))")
    widgets.kernel.click(widgets.button)
    assert widgets.kernel.finish(cell).stdout.split()[-1] == "0"
    assert widgets.value("clicks") == "[True]"


def test_clicks_are_handled_while_the_cell_is_busy(widgets: Widgets) -> None:
    cell = widgets.start("pump = opened(); train(pump, lambda: len(clicks) == 3); print(clicks)")
    for _ in range(3):
        widgets.kernel.click(widgets.button)
    assert widgets.kernel.finish(cell).stdout.splitlines()[-1] == "[True, True, True]"
    assert widgets.value("pump.faults, len(clicks)") == "[] 3"


def test_a_state_update_is_echoed_to_whoever_sent_it(widgets: Widgets) -> None:
    cell = widgets.start("train(opened(), lambda: slider.value == 7); print(slider.value)")
    update = widgets.kernel.set_state(widgets.slider, value=7)
    assert widgets.kernel.finish(cell).stdout.split()[-1] == "7"
    echoes = [
        message
        for message in widgets.kernel.comms
        if message.content["data"].get("method") == "echo_update" and message.parent == update
    ]
    assert [echo.content["data"]["state"]["value"] for echo in echoes] == [7]


@pytest.mark.skipif(ipykernel.version_info < (7, 4), reason="comms are not led back to subshells before 7.4")
def test_an_answer_does_not_lead_the_next_click_to_another_thread(widgets: Widgets) -> None:
    kernel = widgets.kernel
    subshell = kernel.create_subshell()
    kernel.run(
        "threads = []; slider.observe(lambda _: threads.append(threading.current_thread().name), 'value')\n"
        "slider.value = 1"  # The comm has last spoken from the main thread, so that answers come back there.
    )
    cell = widgets.start("train(opened(), lambda: slider.value == 4); print(threads)")
    for value in (2, 3, 4):
        state = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        update = {"comm_id": widgets.slider, "data": state}
        sent = kernel.send("comm_msg", update, subshell=subshell)
        kernel.wait_for(lambda sent=sent: "idle" in kernel.statuses(sent))
    assert kernel.finish(cell).stdout.splitlines()[-1] == str(["MainThread"] * 4)
    kernel.run("slider.unobserve_all()")


def test_the_kernel_says_busy_and_idle_of_the_message_and_then_busy_of_the_cell(widgets: Widgets) -> None:
    cell = widgets.start("train(opened(), lambda: clicks)")
    click = widgets.kernel.click(widgets.button)
    widgets.kernel.finish(cell)
    said = [
        ("cell" if message.parent == cell else "click", message.content["execution_state"])
        for message in widgets.kernel.messages
        if message.kind == "status" and message.parent in {cell, click}
    ]
    assert said == [
        ("cell", "busy"),
        ("click", "busy"),
        ("click", "idle"),
        ("cell", "busy"),
        ("cell", "idle"),
    ]


def test_a_reloaded_page_learns_of_the_kernel_and_its_widgets_while_the_cell_is_busy(
    widgets: Widgets,
) -> None:
    cell = widgets.start("train(opened(), lambda: clicks)")
    kernel = widgets.kernel
    assert kernel.reply(kernel.send("kernel_info_request", {}))["content"]["status"] == "ok"
    comms = kernel.reply(kernel.send("comm_info_request", {}))["content"]["comms"]
    assert widgets.slider in comms
    assert "idle" not in kernel.statuses(cell)
    kernel.click(widgets.button)
    assert kernel.finish(cell).error is None


def test_what_a_callback_prints_shows_and_fails_with_lands_in_the_running_cell(widgets: Widgets) -> None:
    made = widgets.kernel.run(
        "talker = ipywidgets.Button(); talked = []\n"
        "def talk(_):\n"
        "    print('from the callback')\n"
        "    display({'text/plain': 'shown'}, raw=True)\n"
        "    talked.append(1)\n"
        "    raise ValueError('from the callback')\n"
        "talker.on_click(talk)\n"
        "print(talker.comm.comm_id)"
    )
    cell = widgets.start("train(opened(), lambda: talked); print('and on')")
    click = widgets.kernel.click(made.stdout.strip())
    result = widgets.kernel.finish(cell)
    assert result.stdout.splitlines() == ["busy", "from the callback", "and on"]
    assert result.displays == [{"text/plain": "shown"}]
    assert [message.content["evalue"] for message in result.messages if message.kind == "error"] == [
        "from the callback"
    ]
    assert result.status == "ok"
    assert {message.kind for message in widgets.kernel.answers(click)} == {"status"}


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


def test_a_forged_message_is_dropped(widgets: Widgets) -> None:
    """In ipykernel 6 by the pump; 7 looks at signatures before the pump does."""
    kernel = widgets.kernel
    cell = widgets.start("train(opened(), lambda: clicks)")
    session = kernel._client.session
    key, session.key = session.key, b"another key"
    kernel.set_state(widgets.slider, value=3)
    session.key = key
    kernel.click(widgets.button)
    assert kernel.finish(cell).error is None
    assert widgets.value("slider.value") == "0"


@pytest.mark.parametrize("pump", ["opened()", "None"])
class TestQueuedCells:
    """Cells that wait behind the busy one end alike with a pump and without."""

    def test_run_in_order_after_it(self, widgets: Widgets, pump: str) -> None:
        cell = widgets.start(f"order = []; train({pump}, seconds=0.5); order.append('first')")
        queued = [widgets.kernel.start(f"order.append({number})") for number in range(20)]
        assert [widgets.kernel.finish(each).status for each in [cell, *queued]] == ["ok"] * 21
        assert widgets.value("order") == str(["first", *range(20)])

    def test_are_aborted_after_an_error(self, widgets: Widgets, pump: str) -> None:
        cell = widgets.start(f"ran = []; train({pump}, seconds=0.5); 1 / 0")
        queued = [widgets.kernel.start(f"ran.append({number})") for number in range(20)]
        assert [widgets.kernel.finish(each).status for each in [cell, *queued]] == ["error"] + [
            "aborted"
        ] * 20
        assert widgets.value("ran") == "[]"

    def test_are_aborted_after_an_interrupt(self, widgets: Widgets, pump: str) -> None:
        cell = widgets.start(f"ran = []; train({pump})")
        queued = [widgets.kernel.start(f"ran.append({number})") for number in range(20)]
        time.sleep(0.2)  # They have arrived, so that it is the pump that queued them.
        widgets.kernel.interrupt()
        assert widgets.kernel.finish(cell).error == ("KeyboardInterrupt", "")
        assert [widgets.kernel.finish(each).status for each in queued] == ["aborted"] * 20
        assert widgets.value("ran") == "[]"


# Interrupts the process while the main thread is in the middle of reading a message. (In ipykernel 7 another
# thread has read it before, with the same session.)
INTERRUPTED_WHILE_READING = """
session, feed = shell.kernel.session, shell.kernel.session.feed_identities
def interrupted(*args, **named):
    if threading.current_thread() is threading.main_thread():
        session.feed_identities = feed
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
    return feed(*args, **named)
session.feed_identities = interrupted
"""


def test_an_interrupt_while_a_click_is_read_ends_the_cell_and_loses_no_click(widgets: Widgets) -> None:
    cell = widgets.start("pump = opened()\n" + INTERRUPTED_WHILE_READING + "train(pump)")
    widgets.kernel.click(widgets.button)
    assert widgets.kernel.finish(cell).error == ("KeyboardInterrupt", "")
    assert widgets.value("clicks") == "[True]"


def test_an_interrupt_while_a_cell_is_queued_loses_neither_it_nor_what_came_behind(widgets: Widgets) -> None:
    kernel = widgets.kernel
    cell = widgets.start(
        "pump = opened()\n"
        + INTERRUPTED_WHILE_READING
        + "print('busy', flush=True); time.sleep(0.5); train(pump)"
    )
    queued = [kernel.start("ran = True") for _ in range(3)]
    kernel.click(widgets.button)
    assert kernel.finish(cell).error == ("KeyboardInterrupt", "")
    assert [kernel.finish(each).status for each in queued] == ["aborted"] * 3
    assert widgets.value("clicks") == "[True]"


def test_a_second_interrupt_ends_a_callback_that_hangs(widgets: Widgets) -> None:
    made = widgets.kernel.run(
        "hanging = ipywidgets.Button()\n"
        "def hang(_):\n"
        "    print('hanging', flush=True)\n"
        "    while True: time.sleep(0.01)\n"
        "hanging.on_click(hang)\n"
        "print(hanging.comm.comm_id)"
    )
    cell = widgets.start("train(opened())")
    click = widgets.kernel.click(made.stdout.strip())
    widgets.said(cell, "hanging")
    widgets.kernel.interrupt()
    time.sleep(0.2)  # Two signals at once are one.
    assert "idle" not in widgets.kernel.statuses(click)
    widgets.kernel.interrupt()
    assert widgets.kernel.finish(cell).error == ("KeyboardInterrupt", "")
    assert widgets.kernel.statuses(click) == ["busy", "idle"]


def test_after_the_cell_the_kernel_serves_as_ever(widgets: Widgets) -> None:
    cell = widgets.start("pump = opened(); train(pump, lambda: clicks)")
    widgets.kernel.click(widgets.button)
    widgets.kernel.finish(cell)
    later = widgets.kernel.click(widgets.button)
    widgets.kernel.wait_for(lambda: widgets.kernel.statuses(later) == ["busy", "idle"])
    assert widgets.value("clicks") == "[True, True]"
    # The second poll must not take from the socket what is the kernel's again.
    cell = widgets.start("pump.close(); pump.close(); train(pump, seconds=0.5); print(len(clicks))")
    widgets.kernel.click(widgets.button)
    assert widgets.kernel.finish(cell).stdout.split()[-1] == "2"
    assert widgets.value("clicks") == "[True, True, True]"


def test_a_pump_opened_in_every_cell_works_in_every_cell(widgets: Widgets) -> None:
    for count in range(1, 6):
        cell = widgets.start(f"train(opened(), lambda: len(clicks) == {count}); print(len(clicks))")
        widgets.kernel.click(widgets.button)
        assert widgets.kernel.finish(cell).stdout.split()[-1] == str(count)


def test_a_callback_may_poll_and_close_the_pump(widgets: Widgets) -> None:
    made = widgets.kernel.run(
        "closing = ipywidgets.Button(); depth = []; deepest = []\n"
        "def close(_):\n"
        "    depth.append(1); deepest.append(len(depth))\n"
        "    time.sleep(0.3); pump.poll()\n"
        "    depth.pop()\n"
        "    if len(deepest) == 2: pump.close()\n"
        "closing.on_click(close)\n"
        "print(closing.comm.comm_id)"
    )
    cell = widgets.start("pump = opened(); train(pump, seconds=2); print(deepest, pump.faults)")
    for _ in range(3):
        widgets.kernel.click(made.stdout.strip())
    assert widgets.kernel.finish(cell).stdout.splitlines()[-1] == "[1, 1] []"
    assert widgets.value("deepest, pump.faults") == "[1, 1, 1] []"


def test_it_looks_no_oftener_than_asked(widgets: Widgets) -> None:
    cell = widgets.start(
        "pump = opened(every=1000); pump.poll(); train(pump, seconds=0.5); print(len(clicks))"
    )
    widgets.kernel.click(widgets.button)
    assert widgets.kernel.finish(cell).stdout.split()[-1] == "0"
    assert widgets.value("clicks") == "[True]"


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


def test_a_closed_pump_keeps_nothing_alive(widgets: Widgets) -> None:
    made = widgets.kernel.run(
        "class Model: pass\n"
        "model = Model(); kept = weakref.ref(model); holder = ipywidgets.Button()\n"
        "def fail(_, model=model): clicks.append(model); raise ValueError(model)\n"
        "holder.on_click(fail); shell.showtraceback = lambda *_, **__: None\n"
        "print(holder.comm.comm_id)"
    )
    cell = widgets.start("pump = opened(); train(pump, lambda: clicks)")
    widgets.kernel.click(made.stdout.strip())
    assert widgets.kernel.finish(cell).error is None
    said = widgets.kernel.run(
        "del shell.showtraceback; holder.close(); clicks.clear(); del model, fail, holder; gc.collect()\n"
        "print(kept() is None, any(thing is shell.kernel for thing in vars(pump).values()), pump._socket)"
    )
    assert said.stdout.split() == ["True", "False", "None"]


def test_an_execution_has_one_name_in_the_cell_its_callbacks_and_its_threads(widgets: Widgets) -> None:
    made = widgets.kernel.run(
        "namer = ipywidgets.Button(); namer.on_click(lambda _: names.append(execution(shell)))\n"
        "print(namer.comm.comm_id)"
    )
    code = (
        "names = [execution(shell)]; pump = opened(); train(pump, lambda: len(names) == 2)\n"
        "tell = lambda: names.append(execution(shell))\n"
        "thread = threading.Thread(target=contextvars.copy_context().run, args=(tell,))\n"
        "thread.start(); thread.join(); print(*names)"
    )
    executions = []
    for _ in range(2):
        cell = widgets.start(code)
        widgets.kernel.click(made.stdout.strip())
        names = widgets.kernel.finish(cell).stdout.splitlines()[-1].split()
        assert names == [cell] * 3
        executions.append(names[0])
    assert executions[0] != executions[1]
