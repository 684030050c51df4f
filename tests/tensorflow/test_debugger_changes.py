"""What is set, saved and evaluated while a session is paused, and what is refused with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tensorflow as tf
from debugged import Script, build, events, state, train

import nbhooks
from nbhooks.model import pausing
from nbhooks.model.debugging import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1
RATE = "train/learning_rate"


@pytest.fixture(autouse=True)
def _graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pausing, "GRACE", 0.0)
    with tf.Graph().as_default():
        build()
        yield


def paused(*acts: Callable[[Any], object], **options: Any) -> tuple[nbhooks.NotebookDebugHook, list[float]]:
    """Train six steps of which each begins with a pause; return the hook and the losses."""
    done: list[Any] = []

    def act(one: Callable[[Any], object], last: bool) -> Callable[[Any], object]:  # noqa: FBT001
        def acting(hook: Any) -> None:
            one(hook)
            done.append(one)
            hook.resume() if last else hook.step()

        return acting

    script = Script(*(act(one, one is acts[-1]) for one in acts))
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script, **options)
    given = train([hook])
    assert len(done) == len(acts)  # an assertion within an act would else be a warning only
    assert events(hook, "fault") == []
    return hook, [float(loss) for _, loss in given]


def refusal(act: Callable[[Any], object], match: str) -> Callable[[Any], None]:
    def ask(hook: Any) -> None:
        with pytest.raises(RuntimeError, match=match) as raised:
            act(hook)
        assert state(hook).note == str(raised.value)
        row = hook.history().iloc[-1]
        assert (row.outcome, row.reason) == ("refused", str(raised.value))

    return ask


# Set


def test_a_variable_is_loaded_between_two_steps() -> None:
    hook, losses = paused(lambda hook: hook.set("w", 2.0))
    assert losses[0] == 1.0
    assert hook.history().command.tolist()[0] == "SetValue(name='w', value=2.0)"
    assert "SetValue(name='w', value=2.0) by you: done" in events(hook, "command")
    assert state(hook).changes == ((0, "w = 2.0"),)


def test_a_constant_learning_rate_is_fed_until_it_is_unset() -> None:
    _, losses = paused(
        lambda hook: hook.set(RATE, 0.0),
        lambda _: None,
        lambda hook: hook.unset(RATE),
        lambda _: None,
    )
    assert losses[:4] == [4.0, 4.0, 4.0, 4.0 * 0.5625]


def test_what_is_set_is_a_field_with_its_value() -> None:
    seen = []
    paused(
        lambda hook: seen.append(state(hook).fields),
        lambda hook: (hook.set(RATE, 0.5), hook.set("w", 1.5), seen.append(state(hook).fields)),
    )
    assert seen[0] == (
        Field(RATE, "fed", "float32", 0.125),
        Field("global_step", "variable", "int64", 0),
        Field("w", "variable", "float32", 1.0),
    )
    assert seen[1][0] == Field(RATE, "fed", "float32", 0.5, set=True)
    assert seen[1][2] == Field("w", "variable", "float32", 1.5)


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("nope", 1.0, "the graph has no tensor 'nope'"),
        ("w", [1.0, 2.0], r"w has shape \(\), and the value has shape \(2,\)"),
        ("w", "fast", "w is of type float32, and the value is of type str"),
        ("w", 1e300, "too small for the value"),
        ("w", [[1.0], [1.0, 2.0]], "takes an array, and the value is none"),
        ("global_step", 1.5, "of type int64, and the value is of type float64"),
        ("global_step", 2**70, "of type int64"),
        (RATE, [0.1], "has shape"),
        (RATE, None, "of type float32, and the value is of type object"),
        ("train", 1.0, "an operation without an output"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, value: Any, match: str) -> None:
    _, losses = paused(refusal(lambda hook: hook.set(name, value), match))
    assert losses[0] == 4.0


def test_what_the_program_feeds_is_refused() -> None:
    ask = refusal(lambda hook: hook.set("x", 2.0), "x cannot be set: the program feeds it in its runs")
    script = Script(lambda hook: hook.step(), ask)
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        for _ in range(3):
            session.run("train", {"x:0": 1.0})
    assert len(script.pauses) == 2
    assert events(hook, "fault") == []


@pytest.mark.parametrize("by", ["the run", "a hook"])
def test_what_the_program_begins_to_feed_later_is_its_own(by: str) -> None:
    values: list[float] = [2.0]
    script = Script(lambda hook: hook.set("x", 0.0))
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    feeds = nbhooks.FeedFnHook(lambda: {"x:0": values[0]} if by == "a hook" and number > 1 else None)
    losses = []
    with nbhooks.MonitoredTrainingSession(hooks=[hook, feeds]) as session:
        for number in range(3):
            feed = {"x:0": 2.0} if by == "the run" and number > 1 else None
            losses.append(float(session.run("loss:0", feed)))
    assert losses == [9.0, 9.0, 1.0]


def test_what_was_not_set_cannot_be_unset() -> None:
    paused(
        refusal(lambda hook: hook.unset(RATE), "was not set; set is nothing"),
        refusal(lambda hook: hook.unset("w"), "w is a variable: it keeps the value"),
    )


def test_an_array_is_set_and_the_history_does_not_keep_it() -> None:
    v1.get_variable("many", initializer=np.zeros((100, 100), np.float32), use_resource=True)
    value = np.ones((100, 100))
    hook, _ = paused(lambda hook: hook.set("many", value))
    assert hook.history().command.tolist()[0] == "SetValue(name='many', value='float64 (100, 100)')"


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        (tf.bfloat16, 0.5),
        (tf.float16, 0.5),
        (tf.int32, 3),
        (tf.bool, True),
        (tf.complex64, 1j),
        (tf.string, "a"),
    ],
)
def test_every_type_of_variable_takes_its_values(dtype: Any, value: Any) -> None:
    initial = {tf.bool: False, tf.string: "b"}.get(dtype, 0)
    v1.get_variable("odd", initializer=tf.constant(initial, dtype), use_resource=True)
    read = "odd/Read/ReadVariableOp:0"
    got = []
    paused(lambda hook: (hook.set("odd", value), got.append(hook.eval(read))))
    assert got[0] == (b"a" if value == "a" else value)


def test_an_old_kind_of_variable_is_set_too() -> None:
    v1.get_variable("old", initializer=1.0, use_resource=False)
    got = []
    paused(lambda hook: (hook.set("old", 3.0), got.append(hook.eval("old/read:0"))))
    assert got == [3.0]


# Save


def test_a_checkpoint_is_written_as_the_saver_hook_does(tmp_path: Path) -> None:
    saved = []

    class Listener(v1.train.CheckpointSaverListener):
        def after_save(self, session: Any, global_step_value: int) -> None:
            del session
            saved.append(int(global_step_value))

    saver = nbhooks.CheckpointSaverHook(str(tmp_path), save_steps=1000, listeners=[Listener()])
    script = Script(lambda hook: hook.step(3), lambda hook: (hook.save(), saved.append("saved")))
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    train([hook, saver])
    assert saved == [0, 3, "saved", 6]
    assert saver.to_pandas().step.tolist() == [0, 3, 6]
    assert (tmp_path / "model.ckpt-3.index").exists()


def test_a_checkpoint_is_written_to_the_directory_given(tmp_path: Path) -> None:
    hook, _ = paused(lambda _: None, lambda hook: hook.save(), checkpoint_dir=str(tmp_path))
    assert (tmp_path / "model.ckpt-1.index").exists()
    recording = hook._joined[-1][0]
    [checkpoint] = [row for _, row in recording.store.columns().rows(nbhooks.CheckpointSaverHook.reports)]
    assert (checkpoint.step, checkpoint.kept, checkpoint.size > 0) == (1, True, True)


def test_without_a_directory_a_save_is_refused() -> None:
    paused(
        refusal(lambda hook: hook.save(), "no directory to save to: give NotebookDebugHook a checkpoint_dir")
    )


def test_a_directory_that_cannot_be_written_fails_the_command_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")

    def save(hook: Any) -> None:
        with pytest.raises((ValueError, tf.errors.OpError)):
            hook.save()
        assert hook.history().outcome.tolist()[-1] == "failed"

    _, losses = paused(save, checkpoint_dir=str(tmp_path / "file" / "below"))
    assert len(losses) == 6


# Evaluate


def test_tensors_are_evaluated_with_the_feeds_of_the_latest_run() -> None:
    got: list[Any] = []
    script = Script(lambda hook: hook.step(), lambda hook: got.append(hook.eval({"loss": "loss:0"})))
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    with nbhooks.MonitoredTrainingSession(hooks=[hook]) as session:
        session.run("train", {"x:0": 0.0})
        session.run("train", {"x:0": 0.0})
    assert got == [{"loss": 9.0}]


def test_given_feeds_are_in_their_place_and_what_is_set_is_fed_too() -> None:
    got: list[Any] = []
    paused(
        lambda hook: (hook.set("x", 3.0), got.append(hook.eval("loss:0"))),
        lambda hook: got.append(hook.eval("loss:0", {"w/Read/ReadVariableOp:0": 2.0})),
        lambda hook: got.append(hook.eval("loss:0", {"x:0": 2.0})),
    )
    assert got[0] == 0.0
    assert got[2] == 1.0


def test_an_evaluation_moves_nothing() -> None:
    batch = v1.data.make_one_shot_iterator(tf.data.Dataset.range(100)).get_next(name="draw")
    tf.identity(batch, name="batch")
    tf.identity(v1.random_normal([]), name="noise")
    tf.identity(v1.placeholder(tf.float32, [], name="unfed"), name="needs")
    old = v1.get_variable("old", initializer=1.0, use_resource=False)
    v1.assign(old, 2.0, name="assigned")
    for fetches, match in {
        "train": r"train.* \(\w+\) (would assign|has a state)",
        "batch:0": r"draw \(IteratorGetNext\) would draw the next batch",
        "noise:0": r"random_normal/RandomStandardNormal \(RandomStandardNormal\) has a state",
        "assigned:0": r"assigned \(Assign\) would assign to a variable",
        "needs:0": r"unfed \(Placeholder\) is a placeholder that the latest run did not feed",
        "nope:0": "cannot be fetched",
    }.items():
        paused(refusal(lambda hook, fetches=fetches: hook.eval(fetches), match))


def test_fed_it_need_not_move() -> None:
    batch = v1.data.make_one_shot_iterator(tf.data.Dataset.range(100)).get_next(name="draw")
    tf.identity(batch, name="batch")
    got: list[Any] = []
    paused(lambda hook: got.append(hook.eval("batch:0", {batch: np.int64(5)})))
    assert got == [5]


def test_what_a_page_evaluates_is_written_out() -> None:
    from nbhooks.model.commands import Evaluate

    seen = []

    def ask(hook: Any) -> None:
        control = hook._joined[-1][0].control
        control.submit(Evaluate(("w", "loss")))
        control.submit(Evaluate(("nope",)))
        control.carry_out()
        seen.append(state(hook))

    paused(lambda _: None, ask)
    assert dict(seen[0].evaluated)["loss"] == "2.25"
    assert seen[0].note.startswith("the graph has no tensor 'nope'")


def test_an_error_of_the_evaluation_is_raised_and_training_goes_on() -> None:
    tf.debugging.check_numerics(tf.math.log(v1.placeholder_with_default(-1.0, [])), "no", name="checked")

    def ask(hook: Any) -> None:
        with pytest.raises(tf.errors.InvalidArgumentError):
            hook.eval("checked:0")

    _, losses = paused(ask)
    assert len(losses) == 6


# Where am I


def test_what_each_hook_asked_for_and_got() -> None:
    seen = []
    script = Script(lambda hook: hook.step(), lambda hook: seen.append(state(hook).turns))
    hook = nbhooks.NotebookDebugHook(start_paused=True, on_pause=script)
    train([v1.train.LoggingTensorHook(["loss"], every_n_iter=1), hook, nbhooks.NanTensorHook("loss:0")])
    [turns] = seen
    assert [turn.hook for turn in turns] == [
        "session.run",
        "LoggingTensorHook",
        "NotebookDebugHook",
        "NanTensorHook",
        "StopAtStepHook",
    ]
    assert (turns[0].asked, turns[0].got) == ("train, loss", "None, 4.0")
    assert (turns[1].asked, turns[1].got) == ("loss", "'loss': 4.0")
    assert (turns[2].asked, turns[2].got) == ("", "")
    assert turns[3].got == "4.0"


def test_large_and_hostile_values_are_written_short() -> None:
    from nbhooks.hooks.turns import LONG, text_of

    for value in (
        np.zeros((1000, 1000)),
        b"x" * 10_000,
        ["a" * 1000] * 1000,
        {str(number): number for number in range(1000)},
        "line\nline",
    ):
        assert len(text_of(value)) <= LONG
        assert "\n" not in text_of(value)
