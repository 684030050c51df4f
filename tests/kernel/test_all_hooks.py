"""All eleven hooks in a real kernel, and sessions as people open them: raw, across cells, in a row."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from page import Page

pytestmark = [pytest.mark.kernel, pytest.mark.tensorflow]

SETUP = """
from tensorflow.python.training import evaluation

class Others(tf1.train.SessionRunHook):
    "Trains in the place of other workers: so many steps each time, until `last`."
    def __init__(self, by, last):
        self.by, self.last = by, last
    def begin(self):
        self.more = tf1.assign_add(tf1.train.get_global_step(), self.by)
    def after_create_session(self, session, coord):
        self.coord = coord
        def work():
            while session.run(self.more) < self.last and not coord.wait_for_stop(0.1):
                pass
        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()

def eleven(wait=0, others=(), last=400):
    made, op, loss, weights = graph()
    with made.as_default():
        folder = tempfile.mkdtemp()
        fed = tf1.placeholder_with_default(np.zeros(2, np.float32), [None], name="fed")
        summary = tf1.summary.merge([
            tf1.summary.scalar("error", loss), tf1.summary.histogram("spread", weights + loss),
            tf1.summary.image("noise", tf.random.uniform([1, 16, 16, 3])),
        ])
        evaluations = nbhooks.StopAfterNEvalsHook(10**6, log_progress=False)
        evaluations._set_evals_completed_tensor(tf.identity(tf1.train.get_global_step()))
        ours = hooks(loss, weights, last, folder) + [
            nbhooks.GlobalStepWaiterHook(wait), nbhooks.FinalOpsHook({"weights": weights, "error": loss}),
            evaluations, nbhooks.SummarySaverHook(5, output_dir=folder, summary_op=summary),
            nbhooks.FeedFnHook(lambda: {fed: np.ones(5, np.float32)}),
            nbhooks.ProfilerHook(save_steps=50, output_dir=folder),
        ]
        with tf1.train.MonitoredSession(hooks=[*others, *ours]) as session:
            while not session.should_stop() and not clicks:
                session.run(op)
    return {type(hook).__name__: hook for hook in ours}
"""


@pytest.fixture(autouse=True)
def _set_up(page: Page) -> None:
    page.run(SETUP)
    page.forget()


def test_each_of_the_eleven_shows_what_it_has_while_the_cell_is_busy(page: Page) -> None:
    cell = page.kernel.start("eleven(last=10**9)")
    page.hello()
    for words in ("nothing to wait for", "fed:0", "histogram", "timeline-", "evaluation ", "at the end"):
        page.wait_for_html(words)
    page.wait_for_html('<img class="nbhooks-thumbnail" alt="the image" src="data:image/png;base64,')
    assert page.kernel.statuses(cell)[-1] == "busy"
    page.click_stop()
    assert page.kernel.finish(cell).error is None
    page.wait_for_html('<tr data-tag="error">')
    assert "at the end" not in page.html()


def test_the_wait_for_others_is_shown_and_serves_the_page(page: Page) -> None:
    cell = page.kernel.start("made = eleven(wait=3000, others=[Others(20, 3100)], last=3200)")
    page.kernel.wait_for(lambda: page.state_is("waiting"))
    page.kernel.wait_for(lambda: "waiting for global step 3,000" in (page.trait(page.status(), "text") or ""))
    page.wait_for_html("waiting for global step 3,000, now ")
    state = page.kernel.send_comm(page.status(), {"method": "request_state"})  # as a reload asks
    page.kernel.wait_for(lambda: "idle" in page.kernel.statuses(state))
    assert page.kernel.statuses(cell)[-1] == "busy"
    assert page.kernel.finish(cell).error is None
    page.wait_for_html("for global step 3,000; it was 3,")
    waited = json.loads(page.value("made['GlobalStepWaiterHook'].to_pandas().step.tolist()"))
    assert waited == sorted(waited)
    assert waited[0] < 3000 <= waited[-1]


def test_a_stop_request_ends_the_wait(page: Page) -> None:
    cell = page.kernel.start(
        "class Stops(Others):\n"
        "    def after_create_session(self, session, coord):\n"
        "        stop.on_click(lambda _: coord.request_stop())\n"
        "eleven(wait=10**6, others=[Stops(0, 0)])"
    )
    page.wait_for_html("waiting for global step 1,000,000, now 0")
    page.click_stop()
    assert page.kernel.finish(cell).error is None
    assert page.state_is("stopped")
    page.wait_for_html("stopped waiting for global step 1,000,000")


def test_an_interrupt_ends_the_wait(page: Page) -> None:
    cell = page.kernel.start("eleven(wait=10**6)")
    page.wait_for_html("waiting for global step 1,000,000, now 0")
    page.kernel.interrupt()
    page.kernel.finish(cell)
    page.kernel.wait_for(lambda: page.state_is("interrupted"))


def test_one_name_changed_brings_the_board(page: Page) -> None:
    page.run(
        "made, op, loss, _ = graph()\n"
        "with made.as_default(), nbhooks.MonitoredTrainingSession(checkpoint_dir=tempfile.mkdtemp(),\n"
        "        log_step_count_steps=5, save_checkpoint_steps=20, save_summaries_steps=5) as session:\n"
        "    for _ in range(40):\n"
        "        session.run(op)"
    )
    page.kernel.wait_for(lambda: page.state_is("finished"))
    for name in ("StepCounterHook", "SummarySaverHook", "CheckpointSaverHook"):
        assert f'<div class="nbhooks-heading">{name}</div>' in page.html()


def test_a_session_without_any_hook_shows_its_state_and_step(page: Page) -> None:
    page.run(
        "made, op, loss, _ = graph()\n"
        "with made.as_default(), nbhooks.MonitoredTrainingSession() as session:\n"
        "    for _ in range(40):\n"
        "        session.run(op)"
    )
    page.kernel.wait_for(lambda: page.state_is("finished"))
    assert page.trait(page.status(), "text") == "finished · step 40"


def test_a_raw_session_is_shown_when_hooks_are_attached(page: Page) -> None:
    page.run(
        "made, op, loss, weights = graph()\n"
        "with made.as_default(), tf1.Session() as session:\n"
        "    session.run(tf1.global_variables_initializer())\n"
        "    with nbhooks.attach(session, hooks(loss, weights)) as hooked:\n"
        "        for _ in range(40):\n"
        "            hooked.run(op)\n"
        "    print(session.run(loss))"
    )
    page.kernel.wait_for(lambda: page.state_is("finished"))
    assert page.trait(page.status(), "text") == "finished · step 40"


def test_a_session_stays_open_across_cells_on_one_board(page: Page) -> None:
    page.run(
        "made, op, loss, _ = graph()\n"
        "with made.as_default():\n"
        "    session = nbhooks.MonitoredTrainingSession(hooks=[nbhooks.StepCounterHook(5)])"
    )
    page.run("with made.as_default():\n    for _ in range(20): session.run(op)")
    page.kernel.wait_for(lambda: page.state_is("open"))
    page.run("with made.as_default():\n    for _ in range(20): session.run(op)\n    session.close()")
    page.kernel.wait_for(lambda: page.state_is("finished"))
    assert len(page.models("with a button that stops it")) == 1
    assert page.trait(page.status(), "text") == "finished · step 40"


def test_train_evaluate_train_in_one_cell(page: Page) -> None:
    page.run(
        """
folder = tempfile.mkdtemp()
def more(steps):
    made, op, loss, _ = graph()
    with made.as_default(), nbhooks.MonitoredTrainingSession(checkpoint_dir=folder,
            save_checkpoint_steps=10, hooks=[nbhooks.StopAtStepHook(num_steps=steps)]) as session:
        while not session.should_stop():
            session.run(op)
def evaluate():
    made, op, loss, _ = graph()
    with made.as_default():
        return evaluation._evaluate_once(tf.train.latest_checkpoint(folder), eval_ops=[loss],
            final_ops={"loss": loss}, hooks=[nbhooks.StopAfterNEvalsHook(4)])
more(20); print(evaluate()); more(20)
"""
    )
    page.kernel.wait_for(lambda: len(page.models("with a button that stops it")) == 3)
    texts = [page.trait(page.status(number), "text") for number in range(3)]
    assert [text.partition(" · ")[0] for text in texts] == ["session 0", "session 1", "session 2"]
    assert "stopped by StopAtStepHook · step 20" in texts[0]
    assert "stopped by StopAfterNEvalsHook" in texts[1]
    assert "stopped by StopAtStepHook · step 40" in texts[2]
    assert "evaluation 4 of 4" in page.html()
    assert page.value("len(open_boards())") == "1"


def test_a_step_of_thirty_seconds_is_waited_for(page: Page) -> None:
    begin = time.monotonic()
    cell = page.kernel.start(
        "class Slow(tf1.train.SessionRunHook):\n"
        "    runs = 0\n"
        "    def before_run(self, run_context):\n"
        "        self.runs += 1\n"
        "        if self.runs == 10:\n"
        "            time.sleep(30)\n"
        "made_ = train(last=20, also=[Slow()])"
    )
    page.kernel.wait_for(lambda: page.state_is("running"))
    result = page.kernel.finish(cell, timeout=90)
    assert result.error is None
    assert time.monotonic() - begin > 30
    assert "failed" not in result.stderr
    assert page.trait(page.status(), "text") == "stopped by StopAtStepHook · step 20"


def test_nothing_is_left_of_the_eleven(page: Page) -> None:
    page.run("eleven(last=60)")
    before = json.loads(page.value("[threads(), widgets(), handlers()]").replace("'", '"'))
    page.run("close_boards()\neleven(last=60)")
    after = json.loads(page.value("[threads(), widgets(), handlers()]").replace("'", '"'))
    assert before[0] == []
    assert after == before
