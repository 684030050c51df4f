"""A hook is given back as it was: its user's methods, and nothing of the session or the graph is kept."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf

import nbhooks
from nbhooks.hooks import instrument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1
METHODS = ("before_run", "after_run")


class Model:
    """A graph with a global step, a loss, and an input that breaks the run."""

    def __init__(self) -> None:
        self.graph = tf.Graph()
        with self.graph.as_default():
            step = v1.train.get_or_create_global_step()
            self.x = v1.placeholder_with_default(1.0, [], name="x")
            self.loss = tf.debugging.check_numerics(self.x, "broken", name="loss")
            self.fed = v1.placeholder_with_default(0.0, [], name="fed")
            with tf.control_dependencies([self.loss]):
                self.train = v1.assign_add(step, 1).op


@pytest.fixture
def model() -> Iterator[Model]:
    model = Model()
    with model.graph.as_default():
        yield model


def hooks_of(model: Model, directory: Path | None = None) -> list[Any]:
    """Make hooks that lead, feed the step, fetch it beside, and hold what they feed."""
    hooks = [
        nbhooks.NanTensorHook(model.loss),
        nbhooks.StepCounterHook(2),
        nbhooks.LoggingTensorHook({"x": "x:0"}, every_n_iter=2),
        nbhooks.FeedFnHook(lambda: {"fed:0": 1.0}),
        nbhooks.StopAtStepHook(last_step=10**6),
    ]
    return (
        hooks
        if directory is None
        else [*hooks, nbhooks.CheckpointSaverHook(str(directory), save_steps=9, saver=v1.train.Saver())]
    )


def set_methods(hook: Any) -> tuple[list[str], dict[str, Any]]:
    """Set methods on the instance as a user would; return what they note, and what was set."""
    calls: list[str] = []
    inherited = {name: getattr(hook, name) for name in METHODS}

    def before_run(run_context: Any) -> Any:
        calls.append("before_run")
        return inherited["before_run"](run_context)

    def after_run(run_context: Any, run_values: Any) -> None:
        calls.append("after_run")
        inherited["after_run"](run_context, run_values)

    hook.before_run, hook.after_run = before_run, after_run
    return calls, {"before_run": before_run, "after_run": after_run}


def methods_set(hook: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(hook).items() if name in METHODS}


def run(
    model: Model, hooks: list[Any], feeds: Any = ({}, {}), inspect: Callable[[], None] = gc.collect
) -> None:
    with v1.train.MonitoredSession(hooks=hooks) as session:
        for feed in feeds:
            session.run(model.train, feed)
        inspect()


ENDS: dict[str, Callable[[Model, list[Any]], None]] = {}


def end(function: Callable[[Model, list[Any]], None]) -> Callable[[Model, list[Any]], None]:
    ENDS[function.__name__] = function
    return function


@end
def well(model: Model, hooks: list[Any]) -> None:
    run(model, hooks)


@end
def error_in_run(model: Model, hooks: list[Any]) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="broken"):
        run(model, hooks, ({}, {model.x: float("nan")}))


@end
def interrupted(model: Model, hooks: list[Any]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(model, hooks, inspect=interrupt)


class Aborts(v1.train.SessionRunHook):
    """Raises once what makes a MonitoredSession create its session anew."""

    raised = False

    def after_run(self, run_context: Any, run_values: Any) -> None:
        del run_context, run_values
        if not self.raised:
            self.raised = True
            raise tf.errors.AbortedError(None, None, "the worker restarts")


@end
def recovered(model: Model, hooks: list[Any]) -> None:
    run(model, [*hooks, Aborts()])


@end
def attached(model: Model, hooks: list[Any]) -> None:
    with v1.Session() as session:
        session.run(v1.global_variables_initializer())
        with nbhooks.attach(session, hooks) as watched:
            watched.run(model.train)


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("ends", ENDS)
def test_what_a_user_has_set_is_called_and_given_back(model: Model, ends: str, place: int) -> None:
    hooks = hooks_of(model)
    calls, given = set_methods(hooks[place])
    for again in (1, 2):
        ENDS[ends](model, hooks)
        assert methods_set(hooks[place]) == given
        assert calls[:2] == ["before_run", "after_run"]
        assert len(calls) >= 2 * again
        assert [methods_set(hook) for hook in hooks if hook is not hooks[place]] == [{}] * 4


@pytest.mark.parametrize("ends", ENDS)
def test_nothing_is_left_on_a_hook(model: Model, ends: str, tmp_path: Path) -> None:
    hooks = hooks_of(model, tmp_path)
    seen = []

    class Looks(v1.train.SessionRunHook):
        def before_run(self, run_context: Any) -> None:
            del run_context
            seen.extend(name for hook in hooks for name in methods_set(hook))

    ENDS[ends](model, [*hooks, Looks()])
    assert seen  # there were layers
    assert [methods_set(hook) for hook in hooks] == [{}] * 6


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("deleted", ["within the session", "after it", "never"])
@pytest.mark.parametrize("place", range(3))
def test_a_method_may_be_set_and_deleted_while_the_session_runs(
    model: Model, name: str, deleted: str, place: int
) -> None:
    hooks = hooks_of(model)
    hook, calls = hooks[place], []
    with v1.train.MonitoredSession(hooks=hooks) as session:
        session.run(model.train)
        below = getattr(hook, name)

        def method(*arguments: Any) -> Any:
            if name == "after_run":
                calls.append(arguments[1].results)
            else:
                calls.append(None)
            return below(*arguments)

        setattr(hook, name, method)
        session.run(model.train)
        session.run(model.train)
        if deleted == "within the session":
            delattr(hook, name)
        session.run(model.train)
    assert len(calls) == (2 if deleted == "within the session" else 3)
    assert all(not isinstance(result, list) for result in calls)  # as TensorFlow's hook fetches it
    assert methods_set(hook) == ({} if deleted == "within the session" else {name: method})
    if deleted == "after it":
        delattr(hook, name)
        assert methods_set(hook) == {}
    run(model, hooks)
    assert methods_set(hook) == ({name: method} if deleted == "never" else {})


def test_a_method_that_is_a_property_is_left_alone(model: Model) -> None:
    class Odd(nbhooks.StepCounterHook):  # type: ignore[misc]
        @property
        def before_run(self) -> Any:
            return super().before_run

    hook, states = Odd(1), []
    with pytest.warns(RuntimeWarning, match=r"Odd\.before_run was left alone: Odd defines it as a property"):
        run(
            model,
            [hook, nbhooks.LoggingTensorHook({"x": "x:0"}, 1)],
            inspect=lambda: states.append(hook._recording.state),
        )
    assert len(hook.to_pandas()) == 1
    assert states == ["running"]  # the next hook reports the runs


def references(model: Model, hooks: list[Any], ends: str) -> list[weakref.ref[Any]]:
    found = []

    class Sees(v1.train.SessionRunHook):
        def before_run(self, run_context: Any) -> None:
            found.append(weakref.ref(run_context.session))

    ENDS[ends](model, [*hooks, Sees()])
    return [*found, weakref.ref(model.graph)]


@pytest.mark.parametrize("ends", ENDS)
def test_session_and_graph_are_gone_with_the_error(ends: str, tmp_path: Path) -> None:
    def trains() -> list[weakref.ref[Any]]:
        model = Model()
        with model.graph.as_default():
            return references(model, hooks_of(model, tmp_path), ends)

    found = trains()
    gc.collect()
    assert len(found) > 1
    assert [reference() for reference in found] == [None] * len(found)


@pytest.mark.parametrize("ends", ENDS)
def test_a_hook_that_is_kept_keeps_no_session(model: Model, ends: str) -> None:
    hooks = hooks_of(model)
    *found, _ = references(model, hooks, ends)
    gc.collect()
    assert [reference() for reference in found] == [None] * len(found)


@pytest.mark.parametrize("ends", ENDS)
def test_a_hook_that_holds_no_tensor_keeps_no_graph(ends: str) -> None:
    hook = nbhooks.FeedFnHook(lambda: {v1.get_default_graph().get_tensor_by_name("fed:0"): 1.0})

    def trains() -> list[weakref.ref[Any]]:
        model = Model()
        with model.graph.as_default():
            return references(model, [hook], ends)

    found = trains()
    gc.collect()
    assert [reference() for reference in found] == [None] * len(found)
    assert hook._fed is None


def tracing(calls: list[str]) -> Callable[[instrument.Layer], Any]:
    """Make a layer as a tracer would."""

    def make(layer: instrument.Layer) -> Any:
        def traced(*arguments: Any) -> Any:
            if layer.live:
                calls.append(layer.name)
            return layer.below(*arguments)

        return traced

    return make


@pytest.mark.parametrize("when", ["before the session", "within it"])
def test_a_layered_hook_still_fetches_the_global_step(model: Model, when: str) -> None:
    hook, calls, fetched = nbhooks.NanTensorHook(model.loss), [], []
    layers = []

    def trace() -> None:
        layers.extend(instrument.wrap(hook, name, tracing(calls)) for name in METHODS)

    if when == "before the session":
        trace()
    with v1.train.MonitoredSession(hooks=[hook]) as session:
        if when == "within it":
            trace()

        def seeing(layer: instrument.Layer) -> Any:
            def ran(fetches: Any, *arguments: Any, **options: Any) -> Any:
                if isinstance(fetches, dict):  # else the step is read
                    fetched.append(fetches[hook])
                return layer.below(fetches, *arguments, **options)

            return ran

        on_run = instrument.wrap(session._tf_sess(), "run", seeing)
        session.run(model.train)
        session.run(model.train)
        on_run.remove()
    assert calls == [*METHODS] * 2
    assert [len(fetches) for fetches in fetched] == [2, 2]  # the loss, and the global step beside it
    for layer in layers:
        layer.remove()
    assert methods_set(hook) == {}
    assert hook.to_pandas().step.tolist() == [1, 2]


@pytest.mark.parametrize("kind", ["MonitoredSession", "attach"])
def test_a_layer_on_the_raw_session_sees_what_each_hook_asks_for_and_what_is_raised(
    model: Model, kind: str
) -> None:
    hooks, seen, raised = hooks_of(model)[:2], [], []

    def make(layer: instrument.Layer) -> Any:
        def ran(fetches: Any, *arguments: Any, **options: Any) -> Any:
            seen.append(list(fetches) if isinstance(fetches, dict) else fetches)
            try:
                return layer.below(fetches, *arguments, **options)
            except tf.errors.OpError as error:
                raised.append(type(error))
                raise

        return ran

    raw = v1.Session()
    raw.run(v1.global_variables_initializer())
    layer = instrument.wrap(raw, "run", make)
    watched = nbhooks.attach(raw, hooks) if kind == "attach" else v1.train.MonitoredSession(Gives(raw), hooks)
    with pytest.raises(tf.errors.InvalidArgumentError), watched as session:
        session.run(model.train, {model.x: float("nan")})
    layer.remove()
    assert seen[-1] == ["caller", *hooks]
    assert raised == [tf.errors.InvalidArgumentError]
    assert "run" not in vars(raw)


class Gives(v1.train.SessionCreator):
    """Gives a session that is there already."""

    def __init__(self, session: v1.Session) -> None:
        self._session = session

    def create_session(self) -> v1.Session:
        return self._session
