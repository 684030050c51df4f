"""The board in a real kernel: what it shows while a cell is busy, how it ends, and what it leaves behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from page import Page

pytestmark = [pytest.mark.kernel, pytest.mark.tensorflow]


def test_the_board_appears_once_and_leaves_a_picture(page: Page) -> None:
    result = page.run("hooks_ = train(last=60)")
    views = [data for data in result.displays if "application/vnd.jupyter.widget-view+json" in data]
    pictures = [data["text/html"] for data in result.displays if "text/html" in data]
    assert len(views) == 1
    assert pictures[0] == ""
    assert len(pictures) == 2
    assert 'class="nbhooks-static ' in pictures[1]
    assert '<img alt="the charts of the run" src="data:image/png;base64,iVBOR' in pictures[1]
    assert "stopped by StopAtStepHook · step 60" in pictures[1]
    assert "model.ckpt-60" in pictures[1]


def test_cards_are_drawn_while_the_cell_is_busy(page: Page) -> None:
    cell = page.kernel.start("hooks_ = train(pause=0.002)")
    board = page.hello().wait(lambda it: len(it.updates()) > 4)
    assert page.kernel.statuses(cell)[-1] == "busy"
    page.click_stop()
    assert page.kernel.finish(cell).error is None
    held = page.board.line("global_step/sec").x
    rates = page.value("hooks_[0].to_pandas().step.tolist()")
    assert held.tolist() == json.loads(rates)
    assert {card["tag"] for card in board.cards["p0"]} == {"global_step/sec", "loss"}


def test_the_state_is_shown_while_it_is_so(page: Page) -> None:
    cell = page.kernel.start("hooks_ = train(pause=0.002)")
    page.hello()
    page.kernel.wait_for(lambda: page.state_is("running"))
    first = page.board.status()
    page.kernel.wait_for(lambda: page.board.status() != first)
    page.click_stop()
    page.kernel.finish(cell)
    assert page.state_is("finished")


def test_a_board_is_drawn_before_any_page_has_answered(page: Page) -> None:
    """In some kernels what a page sends arrives when the cell has ended, and no earlier."""
    cell = page.kernel.start("hooks_ = train(pause=0.002)")
    full = page.kernel.wait_for(lambda: [one for one in page.board.messages if one.get("full")])
    page.kernel.wait_for(lambda: page.board.points and page.board.texts())
    assert not page.board.updates()
    page.kernel.wait_for(lambda: len(page.board.messages) > len(full) + 1)
    page.click_stop()
    page.kernel.finish(cell)


def test_a_reload_in_mid_cell_is_answered_in_full(page: Page) -> None:
    cell = page.kernel.start("hooks_ = train(pause=0.002)")
    board = page.hello().wait(lambda it: any(one["tag"] == "loss" for one in it.cards.get("p0", ())))
    board.ready()  # the card is still in sight
    board.wait(lambda it: any(len(line.x) > 2 for line in it.points.values()))
    assert ("p0", board.card("loss"), 0) in board.points
    state = page.kernel.send_comm(board.model, {"method": "request_state"})
    page.kernel.wait_for(lambda: "idle" in page.kernel.statuses(state))
    answers = [message for message in page.kernel.answers(state) if message.kind == "comm_msg"]
    assert any("_esm" in message.content["data"].get("state", {}) for message in answers)
    assert page.kernel.statuses(cell)[-1] == "busy"
    page.click_stop()
    page.kernel.finish(cell)


def test_a_reload_after_the_end_is_answered_in_full(page: Page) -> None:
    page.run("hooks_ = train(last=60)")
    board = page.shown()
    assert len(board.line("global_step/sec").x) > 9
    assert page.value("threads()") == "[]"


def test_values_are_shown_on_demand(page: Page) -> None:
    cell = page.kernel.start("hooks_ = train(pause=0.002)")
    board = page.hello().wait(lambda it: "show the values of" in it.texts())
    board.send(type="choose", part="p0", section="LoggingTensorHook", name="values", value="weights")
    board.wait(lambda it: "[[0. 0.]\n [0. 0.]\n [0. 0.]]" in it.texts())
    assert page.kernel.statuses(cell)[-1] == "busy"
    page.click_stop()
    page.kernel.finish(cell)


def test_checkpoints_are_listed_kept_and_deleted(page: Page) -> None:
    page.run("hooks_ = train(last=60)")
    board = page.shown()
    assert (board.rows("kept"), board.rows("deleted")) == (2, 2)
    frame = page.value("hooks_[3].to_pandas()[['step', 'kept']].values.tolist()")
    assert frame == "[[0, False], [20, False], [40, True], [60, True]]"


@pytest.mark.parametrize(
    ("cell", "state", "text"),
    [
        ("train(last=30)", "stopped", "stopped by StopAtStepHook · step 30"),
        ("train(also=[Probe(at=12, stops=True)])", "stopped", "stopped: a stop was requested · step 12"),
        ("train(also=[Probe(at=12, what=StopIteration())])", "finished", "finished · step 12"),
        (
            "train(also=[Probe(at=12, what=tf.errors.OutOfRangeError(None, None, 'over'))])",
            "finished",
            "finished · step 12",
        ),
    ],
)
def test_how_it_ends(page: Page, cell: str, state: str, text: str) -> None:
    page.run(f"hooks_ = {cell}")
    board = page.hello()
    assert board.head()["state"] == state
    assert board.status() == text
    assert page.value("threads()") == "[]"


def test_a_run_that_raises_died_of_its_error(page: Page) -> None:
    result = page.ended("train(also=[Probe(at=12, what=ValueError('no'))])")
    assert result.error == ("ValueError", "no")
    assert page.hello().status() == "died of ValueError · step 12"
    assert any("died of ValueError" in data.get("text/html", "") for data in result.displays)
    assert page.value("threads()") == "[]"


def test_an_error_that_was_caught_is_still_a_death(page: Page) -> None:
    page.run("try: train(also=[Probe(at=12, what=ValueError('no'))])\nexcept ValueError: print('caught')")
    assert page.hello().head()["state"] == "died"


def test_an_interrupt_differs_from_an_error(page: Page) -> None:
    cell = page.kernel.start("train(pause=0.002)")
    page.kernel.wait_for(lambda: page.state_is("running"))
    page.kernel.interrupt()
    result = page.kernel.finish(cell)
    assert result.error is not None
    assert result.error[0] == "KeyboardInterrupt"
    assert page.hello().head()["state"] == "interrupted"
    assert page.value("threads()") == "[]"


def test_nan_is_an_alert_with_the_value_before_and_the_way_back(page: Page) -> None:
    result = page.ended("train(nan_at=30)")
    assert result.error is not None
    assert result.error[0] == "NanLossDuringTrainingError"
    board = page.shown()
    [notice] = board.attention["p0"]
    assert (notice["level"], notice["title"]) == ("error", "NaN at step 31")
    assert "it was 0.0333333 at step 30" in notice["text"]
    assert "model.ckpt-20" in notice["text"]
    assert board.head()["health"] == {"level": "nan", "words": "NaN at step 31", "tag": "loss:0"}
    assert any(block["level"] == "alert" for block in board.contents["p0"]["NanTensorHook"])
    assert page.hello().status() == "died of NanLossDuringTrainingError · step 31"


def test_a_session_that_never_came_up_died(page: Page) -> None:
    page.run(
        "class Bad(tf1.train.SessionRunHook):\n"
        "    def after_create_session(self, session, coord): raise ValueError('no')"
    )
    result = page.ended("train(also=[Bad()])")
    assert result.error == ("ValueError", "no")
    assert page.hello().status().startswith("died of ValueError")


def test_a_session_open_across_cells_keeps_its_board(page: Page) -> None:
    page.run(
        "made, op, loss, weights = graph()\n"
        "with made.as_default():\n"
        "    open_ = tf1.train.MonitoredSession(hooks=hooks(loss, weights))\n"
        "for _ in range(10): open_.run(op)"
    )
    assert page.hello().status() == "open: the cell has ended, the session has not · step 10"
    assert page.value("threads()") == "[]"
    cell = page.kernel.start(
        "with made.as_default():\n    while not clicks: open_.run(op); time.sleep(0.002)"
    )
    page.kernel.wait_for(lambda: page.state_is("running"))
    page.hello().wait(lambda board: len(board.updates()) > 1)
    page.click_stop()
    assert page.kernel.finish(cell).error is None
    assert page.state_is("open")
    result = page.run("with made.as_default(): open_.close()")
    assert page.state_is("finished")
    assert any("finished" in data.get("text/html", "") for data in result.displays)
    assert len(page.boards()) == 1


def test_sessions_of_one_cell_share_a_board_and_the_next_cell_has_its_own(page: Page) -> None:
    result = page.run("first = train(last=30); second = train(last=40)")
    assert sum("application/vnd.jupyter.widget-view+json" in data for data in result.displays) == 1
    board = page.hello()
    assert [board.status(number) for number in range(2)] == [
        "session 0 · stopped by StopAtStepHook · step 30",
        "session 1 · stopped by StopAtStepHook · step 40",
    ]
    page.run("the_board = open_boards()[0]")
    assert page.value("the_board.scalars.groupby('session').step.max().tolist()") == "[30, 40]"
    assert page.value("the_board.scalars[the_board.scalars.orphaned].session.unique().tolist()") == "[0]"
    again = page.run("third = train(last=20)")
    assert sum("application/vnd.jupyter.widget-view+json" in data for data in again.displays) == 1


def test_ten_runs_of_a_cell_leave_as_much_as_one(page: Page) -> None:
    page.run("train(last=30)")
    first = page.value("(widgets(), threads(), handlers(), len(open_boards()))")
    for _ in range(9):
        page.run("train(last=30)")
    page.run("gc.collect()")
    assert page.value("(widgets(), threads(), handlers(), len(open_boards()))") == first
    page.run("close_boards()")
    before = page.value("widgets()")
    page.run("bare = nbhooks.Dashboard(); bare.close()")
    assert page.value("widgets()") == before


def test_ten_runs_that_die_leave_as_much_as_one(page: Page) -> None:
    for number in range(10):
        assert page.ended("train(also=[Probe(at=12, what=ValueError('no'))])").error is not None
        if number == 0:
            first = page.value("(widgets(), threads(), handlers())")
    assert page.value("(widgets(), threads(), handlers())") == first


def test_two_boards_by_hand(page: Page) -> None:
    page.run("left, right = nbhooks.Dashboard(), nbhooks.Dashboard()")
    shown = page.run("left").displays + page.run("right").displays
    assert sum("application/vnd.jupyter.widget-view+json" in data for data in shown) == 2
    result = page.run("a = train(last=30, dashboard=left); b = train(last=40, dashboard=right)")
    assert not any("application/vnd.jupyter.widget-view+json" in data for data in result.displays)
    assert page.value("left.scalars.step.max(), right.scalars.step.max()") == "30 40"
    assert page.value("left.state, right.state") == "stopped stopped"


def test_a_with_block_takes_what_begins_in_it(page: Page) -> None:
    result = page.run("with nbhooks.Dashboard() as mine:\n    a = train(last=30)")
    assert sum("application/vnd.jupyter.widget-view+json" in data for data in result.displays) == 1
    assert page.value("mine.checkpoints.step.tolist(), len(mine.figure().axes)") == "[0, 20, 30] 2"


def test_a_panel_that_throws_shows_it_and_training_goes_on(page: Page) -> None:
    page.run(
        "from nbhooks.view.panels.progress import ProgressPanel\n"
        "kept_body = ProgressPanel.body\n"
        "def broken(self, view, snapshot): raise ZeroDivisionError('<b>broken</b>')\n"
        "ProgressPanel.body = broken"
    )
    try:
        result = page.run("hooks_ = train(last=300, pause=0.002)")
    finally:
        page.run("ProgressPanel.body = kept_body")
    static = result.displays[-1]["text/html"]
    assert static.count("could not be drawn") == 1
    assert "&lt;b&gt;broken&lt;/b&gt;" in static
    assert "<b>broken" not in static
    assert result.stderr.count("RuntimeWarning") == 1
    board = page.hello()
    assert board.status() == "stopped by StopAtStepHook · step 300"
    assert [notice["title"] for notice in board.attention["p0"]] == ["a fault in what is shown"]


def test_nothing_of_the_run_is_kept_alive(page: Page) -> None:
    page.run(
        "made, op, loss, weights = graph()\n"
        "ref = weakref.ref(made)\n"
        "with made.as_default():\n"
        "    with tf1.train.SingularMonitoredSession(hooks=hooks(loss, weights, 30)) as session:\n"
        "        raw = weakref.ref(session.raw_session())\n"
        "        while not session.should_stop(): session.run(op)\n"
    )
    page.run("del made, op, loss, weights, session; gc.collect()")
    assert page.value("len(open_boards()), ref(), raw(), joinable()") == "1 None None 0"


def test_hostile_tags_stay_text(page: Page) -> None:
    tag = '<img src=x onerror="alert(1)">'
    result = page.run(
        "made, op, loss, weights = graph()\n"
        "with made.as_default():\n"
        f"    hook = nbhooks.LoggingTensorHook({{{tag!r}: loss, {tag!r} + 'w': weights}}, every_n_iter=5,\n"
        f"        formatter=lambda values: {tag!r})\n"
        "    stop_hook = nbhooks.StopAtStepHook(last_step=30)\n"
        "    with tf1.train.MonitoredSession(hooks=[hook, stop_hook]) as session:\n"
        "        while not session.should_stop(): session.run(op)"
    )
    static = next(
        data["text/html"] for data in result.displays if "nbhooks-static" in data.get("text/html", "")
    )
    assert "<img src=x" not in static
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in static
    assert tag in page.shown().texts()  # text, which a page sets as such


def test_refreshes_stay_within_the_traffic(page: Page) -> None:
    cell = page.kernel.start("hooks_ = train(pause=0.0005)")
    board = page.hello().wait(lambda it: any(card["tag"] == "loss" for card in it.cards["p0"]))
    board.send(type="sight", page="page", cards=[["p0", board.card("loss")]], sections=[], log=False)
    begin = len(board.update().messages)
    page.kernel.wait_for(lambda: len(board.update().messages) > begin + 20)
    page.click_stop()
    page.kernel.finish(cell)
    sent = list(zip(board.messages, board.wire, strict=True))
    small = [size for one, size in sent[begin:] if not one.get("full")]
    assert np.median(small) <= 2000
    assert max(size for one, size in sent if one.get("full")) <= 64_000


def test_four_messages_a_second_at_most_where_nobody_acts(page: Page) -> None:
    cell = page.kernel.start("hooks_ = train(pause=0.0005)")
    board = page.hello().wait(lambda it: len(it.updates()) > 2)
    begin = len(page.kernel.comms)
    page.kernel.wait_for(lambda: len(page.kernel.comms) > begin + 12)
    times = [message.time for message in page.kernel.comms[begin : begin + 12]]
    page.click_stop()
    page.kernel.finish(cell)
    assert {message.content["comm_id"] for message in page.kernel.comms[begin : begin + 12]} == {board.model}
    assert times[-1] - times[0] >= 11 * 0.25 * 0.9
