"""What is watched is fetched in the run that computes it; no batch is drawn, no run fails for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from debugged import Script, build, events, state, train

import nbhooks
from nbhooks import frames
from nbhooks.hooks.computed import Computed
from nbhooks.hooks.elements import tensor_of
from nbhooks.model import pausing
from nbhooks.model.values import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1


@pytest.fixture(autouse=True)
def _graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pausing, "GRACE", 0.0)
    with tf.Graph().as_default():
        yield


def test_a_watch_has_the_value_of_the_run_itself() -> None:
    build()
    hook = nbhooks.NotebookDebugHook(watch="loss")
    given = train([hook])
    frame = hook.to_pandas()
    assert frame.tag.unique().tolist() == ["loss"]
    assert frame.step.tolist() == [1, 2, 3, 4, 5, 6]
    assert frame.value.tolist() == [float(loss) for _, loss in given]


@pytest.mark.parametrize("kind", ["tensor", "name", "variable", "its name", "several"])
def test_tensors_are_watched_by_object_and_by_name(kind: str) -> None:
    _, loss = build()
    variable = v1.global_variables()[1]
    watch = {
        "tensor": loss,
        "name": "loss:0",
        "variable": variable,
        "its name": "w",
        "several": [loss, variable],
    }[kind]
    hook = nbhooks.NotebookDebugHook(watch=watch)
    train([hook])
    expected = {"tensor": ["loss"], "name": ["loss"], "several": ["loss", "w"]}.get(kind, ["w"])
    assert hook.to_pandas().tag.unique().tolist() == expected
    if "w" in expected:
        first = hook.to_pandas().query("tag == 'w'").iloc[0]
        assert (first.step, first.value) == (1, 1.0)  # as the run read it


def test_what_is_no_scalar_is_a_tensor() -> None:
    build()
    tf.identity(tf.stack([tensor_of(v1.get_default_graph(), "loss"), 1.0]), name="both")
    hook = nbhooks.NotebookDebugHook(watch="both")
    train([hook], fetches=("train", "both:0"))
    frame = frames.live(Tensor, [recording.store.columns() for recording, _ in hook._joined])
    assert set(frame.tag) == {"both"}
    assert frame.value[0].shape == (2,)


def test_watches_come_and_go_while_it_runs() -> None:
    build()
    script = Script(
        lambda hook: (hook.step(2), hook.watch("loss")),
        lambda hook: (hook.unwatch("loss:0"), hook.resume()),
    )
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    train([hook])
    assert hook.to_pandas().step.tolist() == [1, 2]
    assert hook.history().command.tolist()[:2] == ["Step(count=2)", "Watch(name='loss')"]
    with pytest.raises(RuntimeError):
        hook.unwatch("loss")


REFUSED = {
    "nope": "the graph has no tensor 'nope'",
    "train": "train is an operation without an output",
    "loss:3": "loss has 1 output, from 0, and none '3'",
    "aside": "this run does not compute it",
    "unfed": "a placeholder that this run does not feed",
    "needs_unfed": "this run does not compute it",
    "batch": "this run does not compute it",
    "iterator": "",
    "one_branch": "in a branch of a condition",
    "in_loop": "within a loop",
}


def test_what_may_not_be_fetched_is_refused_with_the_reason() -> None:
    _, loss = build()
    tf.add(loss, 1.0, name="aside")
    tf.identity(v1.placeholder(tf.float32, [], name="unfed"), name="needs_unfed")
    iterator = v1.data.make_one_shot_iterator(tf.data.Dataset.range(3))
    tf.identity(iterator.get_next(), name="batch")
    drawn: dict[str, str] = {}

    def ask(hook: Any) -> None:
        for name in ("nope", "train", "loss:3", "aside", "unfed", "needs_unfed", "batch"):
            with pytest.raises(RuntimeError) as raised:
                hook.watch(name)
            drawn[name] = str(raised.value)
            assert state(hook).note == drawn[name]

    script = Script(lambda hook: hook.step(), ask)
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    train([hook])
    for name, text in drawn.items():
        assert REFUSED[name] in text
    assert len(script.pauses) == 2
    assert hook.history().outcome.tolist().count("refused") == len(drawn)


def test_a_name_that_is_wrong_from_the_first_is_an_error_at_once() -> None:
    build()
    with pytest.raises(ValueError, match="NotebookDebugHook: the graph has no tensor 'nope'"):
        train([nbhooks.NotebookDebugHook(watch="nope")])


@pytest.mark.parametrize(
    "condition", [nbhooks.break_when("text", ">", 3), nbhooks.break_on_nonfinite("text")]
)
def test_words_in_a_numeric_condition_are_refused(condition: Any) -> None:
    _, loss = build()
    tf.strings.as_string(loss, name="text")
    with pytest.raises(ValueError, match="compares numbers, and text holds strings"):
        train([nbhooks.NotebookDebugHook(break_on=condition)])

    def ask(hook: Any) -> None:
        with pytest.raises(RuntimeError, match="compares numbers, and text holds strings"):
            hook.add_condition(condition)

    script = Script(ask)
    train([nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)])
    assert script.pauses


def test_an_unfed_placeholder_never_fails_the_run_of_the_user() -> None:
    """Where a run of one kind computes what is watched and one of another kind does not."""
    _, loss = build()
    other = v1.placeholder(tf.float32, [], name="other")
    tf.multiply(loss, other, name="scaled")
    hook = nbhooks.NotebookDebugHook(watch=["scaled", "loss"])
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        for number in range(6):
            if number % 2:
                session.run(["train", "loss:0"])
            else:
                session.run(["train", "scaled:0"], {other: 2.0})
    frame = hook.to_pandas()
    assert frame[frame.tag == "scaled"].step.tolist() == [1, 3, 5]
    assert frame[frame.tag == "loss"].step.tolist() == [1, 2, 3, 4, 5, 6]
    assert [watched.note for watched in state(hook).watched] == ["", ""]
    assert events(hook, "fault") == []


def test_no_batch_is_drawn_for_a_watch() -> None:
    build()
    batch = v1.data.make_one_shot_iterator(tf.data.Dataset.range(100)).get_next()
    tf.identity(batch, name="batch")
    hook = nbhooks.NotebookDebugHook(watch="batch")
    drawn = []
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        for number in range(6):
            if number % 2:
                session.run("train")
            else:
                drawn.append(int(session.run(["train", "batch:0"])[1]))
        # Fed, it is not drawn, and what comes before it is not computed.
        session.run(["train", "batch:0"], {"batch:0": np.int64(77)})
    assert drawn == [0, 1, 2]
    assert hook.to_pandas().value.tolist() == [0, 1, 2, 77]


def test_every_step_has_its_run_with_a_hook_that_feeds() -> None:
    """A hook feeds what lies between the iterator and the loss, which is seen in the run alone."""
    build()
    drawn = v1.data.make_one_shot_iterator(tf.data.Dataset.range(100)).get_next()
    raw = tf.identity(drawn, name="raw")
    tf.add(tf.cast(raw, tf.float32), 1.0, name="cooked")
    hook = nbhooks.NotebookDebugHook(watch="raw")
    feeds = nbhooks.FeedFnHook(lambda: {"cooked:0": 3.0})
    train([hook, feeds], fetches=("train", "loss:0", "cooked:0"))
    assert hook.to_pandas().empty
    assert "does not compute it" in state(hook).watched[0].note


# Branches and loops of TensorFlow 1


@pytest.fixture
def old_control_flow() -> Iterator[None]:
    before = v1.control_flow_v2_enabled()
    v1.disable_control_flow_v2()
    yield
    if before:
        v1.enable_control_flow_v2()


@pytest.mark.usefixtures("old_control_flow")
def test_every_tensor_that_may_be_fetched_can_be_in_every_run() -> None:
    """With a condition, one within it, a loop and the gradients of all of them; each branch is taken."""
    v1.train.get_or_create_global_step()
    x = v1.placeholder(tf.float32, [], name="x")
    w = v1.get_variable("w", initializer=1.0, use_resource=True)
    y = tf.multiply(x, w, name="y")

    def positive() -> Any:
        return tf.cond(y > 1, lambda: tf.square(y), lambda: tf.negative(y))

    c = tf.cond(y > 0, positive, lambda: tf.exp(y), name="c")
    _, looped = tf.while_loop(lambda i, _: i < 3, lambda i, a: (i + 1, a * w + 1.0), [0, c])
    loss = tf.identity(looped, name="loss")
    op = v1.train.GradientDescentOptimizer(0.0).minimize(loss)
    graph = v1.get_default_graph()
    computed = Computed(graph, [op, loss], {x: 0.0})
    tensors = [tensor for operation in graph.get_operations() for tensor in operation.outputs]
    fine = [tensor for tensor in tensors if not computed.refusal(tensor)]
    reasons = {computed.refusal(tensor) for tensor in tensors}
    assert any("branch" in reason for reason in reasons)
    assert any("loop" in reason for reason in reasons)
    assert {"y:0", "loss:0", "c/Merge:0", "x:0"} <= {tensor.name for tensor in fine}
    with v1.Session() as session:
        session.run(v1.global_variables_initializer())
        for value in (0.5, 2.0, -1.0):
            for tensor in fine:  # one by one: which of them would fail is what is asked
                session.run([op, loss, tensor], {x: value})


@pytest.mark.usefixtures("old_control_flow")
def test_branches_and_loops_are_named_as_the_reason() -> None:
    build()
    loss = tensor_of(v1.get_default_graph(), "loss")
    inner: dict[str, Any] = {}

    def keep(name: str, tensor: Any) -> Any:
        inner[name] = tensor
        return tensor

    branched = tf.cond(loss > 1, lambda: keep("one_branch", tf.square(loss)), lambda: loss)
    looped = tf.while_loop(
        lambda i, _: i < 3, lambda i, a: (i + 1, keep("in_loop", a + 1.0)), [0, branched], name="around"
    )[1]
    tf.identity(looped, name="all")
    reasons = {}

    def ask(hook: Any) -> None:
        for name, tensor in inner.items():
            with pytest.raises(RuntimeError) as raised:
                hook.watch(tensor)
            reasons[name] = str(raised.value)

    script = Script(lambda hook: hook.step(), ask)
    train([nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)], fetches=("train", "all:0"))
    assert set(reasons) == {"one_branch", "in_loop"}
    for name, text in reasons.items():
        assert REFUSED[name] in text


def test_what_a_function_computes_within_is_not_in_the_graph() -> None:
    build()
    with pytest.raises(ValueError, match=r"What a tf\.function, a tf\.cond or a loop"):
        train([nbhooks.NotebookDebugHook(watch="cond/then")])


# Completion


def test_names_are_completed() -> None:
    build()
    complete = None
    hook = nbhooks.NotebookDebugHook()
    with nbhooks.MonitoredTrainingSession(hooks=[hook]):
        complete = hook._joined[-1][0].complete
        assert complete("LOSS")[0] == "loss"
        assert "train" not in complete("train")  # which has no output
        assert complete("<img src=x>") == ()
        assert len(complete("")) == 20


def test_completion_keeps_no_graph_alive() -> None:
    from nbhooks.hooks.name_index import NameIndex

    graph = tf.Graph()
    with graph.as_default():
        tf.constant(1.0, name="one")
    index = NameIndex(graph)
    assert index.find("one") == ("one",)
    del graph
    import gc

    gc.collect()
    assert index.find("one") == ()
