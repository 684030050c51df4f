"""The pump in a real kernel: what arrives while a cell is busy is served, and the rest is as without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipykernel
import pytest

if TYPE_CHECKING:
    from widgets import Widgets

pytestmark = pytest.mark.kernel


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
        "print(kept() is None, any(thing is shell.kernel for thing in vars(pump).values()), has_socket(pump))"
    )
    assert said.stdout.split() == ["True", "False", "False"]


def test_an_execution_has_one_name_in_the_cell_its_callbacks_and_its_threads(widgets: Widgets) -> None:
    made = widgets.kernel.run(
        "namer = ipywidgets.Button(); namer.on_click(lambda _: names.append(execution(shell)))\n"
        "print(namer.comm.comm_id)"
    )
    code = (
        "names = [execution(shell)]; pump = opened(); train(pump, lambda: len(names) == 2)\n"
        "note = lambda: names.append(execution(shell))\n"
        "thread = threading.Thread(target=contextvars.copy_context().run, args=(note,))\n"
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
