"""How a session gets a debugger: by a word, unedited, in a thread; and what the debugger leaves behind."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf
from debugged import Script, build, events, state, train

import nbhooks
from nbhooks.hooks.build import HOOKS
from nbhooks.model import pausing, registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1


@pytest.fixture(autouse=True)
def _graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pausing, "GRACE", 0.0)
    with tf.Graph().as_default():
        build()
        yield


def debuggers() -> list[str]:
    recording = registry.current(v1.get_default_graph())
    assert recording is not None
    return [view.source for view in recording.store.snapshot().sources if view.kind == "debug"]


# By a word


def test_one_word_adds_a_debugger_and_adds_none_where_one_is_given() -> None:
    for hooks in ([], [nbhooks.NotebookDebugHook()]):
        with nbhooks.MonitoredTrainingSession(hooks=hooks, debug=True) as session:
            session.run("train")
            assert debuggers() == ["NotebookDebugHook"]
    with nbhooks.MonitoredTrainingSession() as session:
        assert debuggers() == []


def test_one_among_the_chiefs_hooks_counts() -> None:
    with nbhooks.MonitoredTrainingSession(chief_only_hooks=[nbhooks.NotebookDebugHook()], debug=True):
        assert debuggers() == ["NotebookDebugHook"]


def test_attached_hooks_take_the_word_too() -> None:
    with v1.Session() as raw:
        raw.run(v1.global_variables_initializer())
        run = raw.run
        for hooks in ([], [nbhooks.NotebookDebugHook()]):
            with nbhooks.attach(raw, hooks, debug=True) as session:
                session.run("train")
                assert debuggers() == ["NotebookDebugHook"]
        assert raw.run == run  # as it was


def test_a_second_debugger_is_an_error() -> None:
    two = [nbhooks.NotebookDebugHook(), nbhooks.NotebookDebugHook()]
    with pytest.raises(ValueError, match="has a NotebookDebugHook already, and takes one"):
        nbhooks.MonitoredTrainingSession(hooks=two)


def test_two_sessions_have_one_each() -> None:
    first, second = nbhooks.NotebookDebugHook(watch="loss"), nbhooks.NotebookDebugHook(watch="loss")
    train([first])
    with tf.Graph().as_default():
        build()
        train([second], last=3)
    assert len(first.to_pandas()) == 6
    assert len(second.to_pandas()) == 3


@pytest.mark.parametrize(
    "options", [{"break_on": "loss > 3"}, {"break_on": [3]}, {"watch": 3}, {"on_pause": "stop"}]
)
def test_bad_arguments_are_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        nbhooks.NotebookDebugHook(**options)


# In code that cannot be edited


def test_installed_names_are_ours_and_are_given_back_exactly() -> None:
    before = dict(vars(v1.train))
    with nbhooks.installed():
        for name, hook in HOOKS.items():
            if name in before:
                assert getattr(v1.train, name) is hook
        assert v1.train.MonitoredTrainingSession is nbhooks.MonitoredTrainingSession
        with nbhooks.installed(debug=True):
            assert v1.train.MonitoredTrainingSession is not nbhooks.MonitoredTrainingSession
        assert v1.train.MonitoredTrainingSession is nbhooks.MonitoredTrainingSession
    assert dict(vars(v1.train)) == before


def test_they_are_given_back_after_an_error_and_what_others_set_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = v1.train.StopAtStepHook
    monkeypatch.setattr(v1.train, "NanTensorHook", v1.train.NanTensorHook)

    class Other:
        pass

    def fail() -> None:
        with nbhooks.installed():
            v1.train.NanTensorHook = Other
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert v1.train.StopAtStepHook is before
    assert v1.train.NanTensorHook is Other


def test_code_that_knows_nothing_of_it_is_debugged(tmp_path: Path) -> None:
    def main() -> list[Any]:
        hooks = [
            v1.train.StopAtStepHook(last_step=6),
            v1.train.NanTensorHook("loss:0"),
            v1.train.LoggingTensorHook(["loss"], every_n_iter=1),
            v1.train.FeedFnHook(dict),
        ]
        with v1.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path), hooks=hooks) as session:
            given.append(debuggers())
            while not session.should_stop():
                given.append(session.run("train"))
        return hooks

    given: list[Any] = []
    with nbhooks.installed(debug=True):
        hooks = main()
    assert given == [["NotebookDebugHook"], *[None] * 6]
    assert isinstance(hooks[0], nbhooks.StopAtStepHook)
    assert len(hooks[1].to_pandas()) == 6
    assert (tmp_path / "model.ckpt-6.index").exists()


# In a thread


def test_a_thread_trains_in_the_graph_of_who_started_it() -> None:
    run = nbhooks.run_in_thread(lambda: train([nbhooks.NotebookDebugHook(watch="loss")]))
    assert len(run.result(60)) == 6
    assert run.done()


def test_another_graph_may_be_given() -> None:
    graph = tf.Graph()
    run = nbhooks.run_in_thread(v1.get_default_graph, graph=graph)
    assert run.result(60) is graph


def test_the_session_that_is_the_default_one_is_the_threads_too() -> None:
    with v1.Session() as session:
        assert nbhooks.run_in_thread(v1.get_default_session).result(60) is session


def test_its_error_is_raised_by_result_and_names_the_death() -> None:
    def fail() -> None:
        with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
            session.run("train")
            raise ZeroDivisionError("bad luck")

    hook = nbhooks.NotebookDebugHook()
    run = nbhooks.run_in_thread(fail)
    with pytest.raises(ZeroDivisionError, match="bad luck"):
        run.result(60)
    assert events(hook, "state")[-1] == "died: ZeroDivisionError"


def test_a_pause_lasts_while_the_main_thread_is_free_and_ends_by_its_commands() -> None:
    hook = nbhooks.NotebookDebugHook(start_paused=True)
    run = nbhooks.run_in_thread(lambda: train([hook]))
    deadline = threading.Event()
    for _ in range(6000):
        if hook.paused:
            break
        deadline.wait(0.01)
    deadline.wait(0.2)
    assert hook.paused
    with pytest.raises(TimeoutError, match="was not over after 0 s"):
        run.result(0)
    hook.step(2)
    assert hook.eval("loss:0") >= 0
    hook.resume()
    assert len(run.result(60)) == 6


def test_while_the_main_thread_waits_for_the_result_nobody_is_there() -> None:
    def on_pause(_: Any) -> None:
        calls.append(1)

    calls: list[int] = []
    hook = nbhooks.NotebookDebugHook(break_on=nbhooks.break_at(3), on_pause=on_pause)
    begin = threading.Event()

    def wait_and_train() -> Any:
        begin.wait(60)
        return train([hook])

    run = nbhooks.run_in_thread(wait_and_train)
    threading.Timer(0.2, begin.set).start()
    assert len(run.result(60)) == 6
    assert calls == [1]


def test_it_is_stopped() -> None:
    begun = threading.Event()

    def loop() -> int:
        steps = 0
        with nbhooks.MonitoredTrainingSession(debug=True) as session:
            while not session.should_stop():
                session.run("train")
                steps += 1
                begun.set()
        return steps

    run = nbhooks.run_in_thread(loop)
    begun.wait(60)
    run.stop()
    assert run.result(60) > 0
    with pytest.raises(RuntimeError, match="no session of this training can be stopped"):
        run.stop()


def test_a_cell_that_ends_does_not_end_what_goes_on_in_a_thread() -> None:
    hook = nbhooks.NotebookDebugHook(start_paused=True)
    run = nbhooks.run_in_thread(lambda: train([hook]))
    while not hook.paused:
        threading.Event().wait(0.01)
    recording = hook._joined[-1][0]
    recording.cell_ended(ValueError("of another matter"))
    assert recording.state == "paused"
    hook.resume()
    run.result(60)
    assert recording.state == "stopped"


def test_only_a_function_can_be_run() -> None:
    with pytest.raises(TypeError, match="takes a function without arguments, not 3"):
        nbhooks.run_in_thread(3)  # type: ignore[arg-type]


# What it leaves


@pytest.mark.parametrize("ends", ["well", "with an error"])
def test_nothing_is_kept_alive(ends: str) -> None:
    sessions: list[Any] = []

    class Sees(v1.train.SessionRunHook):
        def after_create_session(self, session: Any, coord: Any) -> None:
            del coord
            sessions.append(weakref.ref(session))

        def after_run(self, run_context: Any, run_values: Any) -> None:
            del run_context, run_values
            if ends == "with an error":
                raise ZeroDivisionError

    def run() -> weakref.ref[Any]:
        with tf.Graph().as_default() as graph:
            build()
            try:
                train([hook, Sees()])
            except ZeroDivisionError:
                assert ends == "with an error"
            return weakref.ref(graph)

    script = Script(lambda hook: (hook.set("x", 1.0), hook.step()))
    hook = nbhooks.NotebookDebugHook(
        "loss", nbhooks.break_when("loss", ">", 1e9), start_paused=True, on_pause=script
    )
    graph = run()
    gc.collect()
    assert sessions[0]() is None
    assert graph() is None
    assert not hook.history().empty


def test_the_raw_session_is_as_it_was() -> None:
    with v1.Session() as raw:
        raw.run(v1.global_variables_initializer())
        before = dict(vars(raw))
        with nbhooks.attach(raw, [nbhooks.NotebookDebugHook(watch="loss")]) as session:
            session.run(["train", "loss:0"])
            assert "run" in vars(raw)
        assert dict(vars(raw)) == before


def test_a_hook_goes_on_with_its_watches_in_the_next_session() -> None:
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=Script(lambda hook: hook.watch("loss")))
    train([hook])
    train([hook], last=3)
    assert hook.to_pandas().session.value_counts().to_dict() == {0: 6, 1: 3}


def test_idle_nothing_is_fetched_where_another_hook_has_the_step() -> None:
    hook = nbhooks.NotebookDebugHook()
    asked: list[Any] = []

    class Sees(v1.train.SessionRunHook):
        def before_run(self, run_context: Any) -> None:
            del run_context
            probe = hook._session.probe
            asked.append((probe.active, hook._joined[-1][0].hold))

    train([hook, nbhooks.StepCounterHook(), Sees()])
    assert asked == [(False, None)] * 6
    assert not state(hook).paused
