"""attach: hooks on a raw session do what TensorFlow's do in a session of theirs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from harness import trace
from hook_sets import eleven, evals, fed, none, six, six_backwards
from scenarios import TENSORFLOW, Bench, RaiseOnce, Scenario, complete, regression
from traces import Same, Trace, calls, differences

import nbhooks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

v1 = tf.compat.v1

pytestmark = pytest.mark.tensorflow


def attached(same: Same, build: Any, **scenario: Any) -> tuple[Trace, bool]:
    """Compare hooks attached to a raw session with TensorFlow's; also return whether it is still open."""
    benches: list[Bench] = []

    def noted(kit: Any, bench: Bench) -> list[Any]:
        benches.append(bench)
        return build(kit, bench)

    described = {"own": True, "session": "SingularMonitoredSession", "scaffold": complete, "pace": 1}
    left = same(noted, **{**described, **scenario})
    with benches[-1].opened as session:
        return left, not session._closed


def eleven_attached(kit: Any, bench: Bench) -> list[Any]:
    *others, saver, stop = eleven(kit, bench)
    del saver
    saver = kit.CheckpointSaverHook(
        bench.path, save_steps=3, scaffold=bench.scaffold, listeners=[bench.listener()]
    )
    return [*others, saver, stop]


@pytest.mark.parametrize("build", [none, six, six_backwards, eleven_attached])
def test_attach(same: Same, build: Any) -> None:
    left, is_open = attached(same, build, steps=20)
    assert left.error is None
    assert left.stop_seen() == {eleven_attached: [7]}.get(build, [] if build is none else [20])
    assert calls(left)[-1] == "end"
    assert is_open


def test_attach_in_which_a_run_is_made_after_a_stop(same: Same) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        values = session.run(fetches, feed)
        if session.should_stop():
            session.run(fetches, feed)
        return values

    left, is_open = attached(same, lambda kit, _: [kit.StopAtStepHook(last_step=3)], drive=drive)
    text = "Run called even after should_stop requested."
    assert left.error == ("attempt 0, run 3", "builtins.RuntimeError", text)
    assert "end" not in calls(left)
    assert is_open


def test_attach_with_data_that_ends(same: Same) -> None:
    left, is_open = attached(same, eleven_attached, model=partial(regression, examples=3))
    assert left.error is None
    assert len(left.returned) == 3
    assert calls(left)[-1] == "end"
    assert is_open


def test_attach_with_a_run_that_fails(same: Same) -> None:
    model = partial(regression, checked=True)
    left, is_open = attached(same, eleven_attached, model=model, disturbance={4: np.inf})
    assert left.error[0] == "attempt 0, run 4"
    assert "end" not in calls(left)
    assert is_open


@pytest.mark.parametrize("fail", [True, False])
def test_attach_with_a_loss_that_is_nan(same: Same, *, fail: bool) -> None:
    left, is_open = attached(
        same, lambda kit, _: [kit.NanTensorHook("loss:0", fail)], disturbance={3: np.nan}
    )
    assert (left.error is not None) == fail
    assert ("end" in calls(left)) != fail
    assert is_open


@pytest.mark.parametrize("call", ["after_create_session", "before_run", "after_run"])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt, StopIteration, ZeroDivisionError, tf.errors.AbortedError]
)
def test_attach_with_a_hook_that_raises(same: Same, call: str, error: type[BaseException]) -> None:
    arguments = (None, None, "preempted") if error is tf.errors.AbortedError else ()

    def build(kit: Any, bench: Bench) -> list[Any]:
        raises = RaiseOnce(call, 1 if call == "after_create_session" else 4, error(*arguments))
        hooks = eleven_attached(kit, bench)
        return [*hooks[:5], raises, *hooks[5:]]

    left, is_open = attached(same, build)
    quiet = error is StopIteration and call != "after_create_session"
    assert (left.error is None) == quiet
    assert ("end" in calls(left)) == quiet
    assert is_open


@pytest.mark.parametrize("where", ["begin", "end"])
def test_attach_with_a_hook_that_raises_at_its_ends(tmp_path: Path, where: str) -> None:
    def build(kit: Any, bench: Bench) -> list[Any]:
        bad = {
            "begin": lambda: kit.LoggingTensorHook(["nowhere"], 1),
            "end": lambda: kit.FinalOpsHook("nowhere:0"),
        }[where]()
        return [kit.StepCounterHook(2, output_dir=bench.path), bad, kit.StopAtStepHook(last_step=3)]

    scenario = Scenario(build=build, own=True, session="SingularMonitoredSession", scaffold=complete)
    theirs, ours = (
        trace(scenario, kit, tmp_path / str(number)) for number, kit in enumerate((TENSORFLOW, nbhooks))
    )
    assert theirs.error[0] == {"begin": "attempt 0, open", "end": "attempt 0, end"}[where]
    # The raw session is made before its hooks begin, TensorFlow's after: so much differs where they cannot.
    left_out = {"logs", "fetched"} if where == "begin" else set()
    found = [line for line in differences(theirs, ours) if line.split(":")[0] not in left_out]
    assert not found, "\n".join(found)


def test_attach_with_a_hook_that_raises_in_another_thread(same: Same) -> None:
    class Fails(v1.train.SessionRunHook):
        def after_create_session(self, session: Any, coord: Any) -> None:
            del session
            self._coord = coord

        def before_run(self, run_context: Any) -> None:
            del run_context
            thread = threading.Thread(target=self._fail)
            thread.start()
            thread.join()

        def _fail(self) -> None:
            with self._coord.stop_on_exception():
                raise OSError("no data")

    left, is_open = attached(same, lambda kit, bench: [*six(kit, bench), Fails()])
    assert left.error is not None
    assert is_open


@pytest.mark.parametrize("build", [six, eleven_attached])
def test_attach_with_step_functions(same: Same, build: Any) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        def step(step_context: Any) -> Any:
            step_context.session.run(fetches["loss"])
            return step_context.run_with_hooks(fetches, feed_dict=feed)

        return session.run_step_fn(step)

    left, _ = attached(same, build, drive=drive)
    assert left.error is None
    assert len(left.returned) > 6


BAD_STEP_FUNCTIONS: dict[str, Any] = {
    "no function": 3,
    "no argument": lambda: 1,
    "another argument": lambda mine: mine,
    "asks for a stop": lambda step_context: step_context.request_stop(),
}


@pytest.mark.parametrize("case", BAD_STEP_FUNCTIONS)
def test_attach_with_a_step_function_that_fails(same: Same, case: str) -> None:
    left, _ = attached(
        same,
        lambda kit, _: [kit.StopAtStepHook(last_step=3)],
        drive=lambda session, *_: session.run_step_fn(BAD_STEP_FUNCTIONS[case]),
    )
    quiet = case == "asks for a stop"
    assert (left.error is None) == quiet
    assert calls(left)[-1] == ("end" if quiet else "after_create_session")


def test_attach_passes_run_options_on(same: Same) -> None:
    def drive(session: Any, fetches: Any, feed: Any) -> Any:
        options = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
        return session.run(fetches, feed, options=options, run_metadata=v1.RunMetadata())

    left, _ = attached(same, lambda kit, _: [kit.LoggingTensorHook(["loss"], 3)], drive=drive, steps=3)
    seen = next(call for call in left.calls if call[:2] == ("last", "after_run"))
    assert seen[4:] == ("trace_level: FULL_TRACE\n", True)


def test_attach_twice_in_one_session(tmp_path: Path) -> None:
    with raw_session() as (session, model):
        for _ in range(2):
            hook = nbhooks.StepCounterHook(2, output_dir=str(tmp_path))
            with nbhooks.attach(session, [hook, nbhooks.StopAtStepHook(num_steps=4)]) as hooked:
                while not hooked.should_stop():
                    hooked.run(model.train)
            assert hooked.should_stop()
        assert session.run(v1.train.get_global_step()) == 8
        with pytest.raises(RuntimeError, match="outside the block"):
            hooked.run(model.train)


def test_attach_hooks_used_again(same: Same) -> None:
    left, is_open = attached(
        same,
        lambda kit, bench: [
            kit.GlobalStepWaiterHook(2),
            kit.SummarySaverHook(2, output_dir=bench.path, scaffold=bench.scaffold),
            fed(kit),
            evals(kit, 3),
        ],
        attempts=2,
        new_hooks=False,
        new_graph=False,
    )
    assert left.stop_seen() == [3, 6]
    assert is_open


@contextmanager
def raw_session(*, read_first: bool = True) -> Iterator[tuple[Any, Any]]:
    """Open a raw session of a graph of its own, initialised."""
    with tf.Graph().as_default():
        model = regression(read_first=read_first)
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            yield session, model


def test_attach_to_a_final_graph(tmp_path: Path) -> None:
    with raw_session(read_first=False) as (session, model):
        session.graph.finalize()
        with (
            pytest.raises(RuntimeError, match="StepCounterHook must add to the graph, which is final"),
            nbhooks.attach(session, [nbhooks.StepCounterHook()]),
        ):
            pass
    with raw_session() as (session, model):
        saver = v1.train.Saver()
        hooks = [
            nbhooks.StepCounterHook(2),
            nbhooks.NanTensorHook(model.loss),
            nbhooks.LoggingTensorHook(["loss"], 2),
            nbhooks.CheckpointSaverHook(str(tmp_path), save_steps=3, saver=saver),
            nbhooks.StopAtStepHook(last_step=4),
        ]
        session.graph.finalize()
        with nbhooks.attach(session, hooks) as hooked:
            while not hooked.should_stop():
                hooked.run(model.train)
        assert session.run(v1.train.get_global_step()) == 4
        assert hooks[1].to_pandas().step.tolist() == [1, 2, 3, 4]


def test_attach_refuses_what_is_no_session_and_what_are_no_hooks() -> None:
    hook = nbhooks.StepCounterHook()
    with raw_session() as (session, _):
        with v1.train.MonitoredSession() as monitored, pytest.raises(TypeError, match="not MonitoredSession"):
            nbhooks.attach(monitored, [hook])
        for given, name in (
            (v1.Session, "not type"),
            (None, "not NoneType"),
            (nbhooks.attach(session, []), "attach"),
        ):
            with pytest.raises(TypeError, match=name):
                nbhooks.attach(given, [hook])
        for hooks, name in (
            (hook, "a list of hooks, not StepCounterHook"),
            ([nbhooks.StepCounterHook], "not type"),
            (["StepCounterHook"], "not str"),
            (None, "not NoneType"),
        ):
            with pytest.raises(TypeError, match=name):
                nbhooks.attach(session, hooks)


def test_attach_is_a_session_to_others(tmp_path: Path) -> None:
    with raw_session() as (session, model):
        ours = nbhooks.attach(session, [nbhooks.StopAtStepHook(last_step=2)])
        assert ours.should_stop()
        with ours as hooked:
            assert hooked is ours
            assert hooked.graph is session.graph
            assert hooked.sess_str == session.sess_str
            assert hooked.list_devices()[0].device_type == "CPU"
            with pytest.raises(AttributeError, match="nowhere"):
                hooked.nowhere  # noqa: B018
            path = v1.train.Saver().save(hooked, str(tmp_path / "model"))
            assert tf.train.list_variables(path)
            with pytest.raises(RuntimeError, match="attached already"), ours:
                pass
            hooked.run(model.train)
            assert not hooked.should_stop()
            hooked.run(model.train)
            assert hooked.should_stop()
        assert session.run(v1.train.get_global_step()) == 2
