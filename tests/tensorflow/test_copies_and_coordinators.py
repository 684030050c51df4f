"""What TensorFlow's hooks allow besides a session: to be copied and pickled, and to have no coordinator."""

from __future__ import annotations

import copy
import pickle
import time
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import tensorflow as tf
from harness import TENSORFLOW
from tensorflow.python.training import monitored_session

import nbhooks
from nbhooks.model import registry
from nbhooks.model.records import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.tensorflow

v1 = tf.compat.v1


def line_of(values: dict[str, Any]) -> str:
    return f"{len(values)} values"


def feed() -> dict[str, float]:
    return {"fed:0": 1.0}


HOOKS: dict[str, Callable[[Any], Any]] = {
    "CheckpointSaverHook": lambda kit: kit.CheckpointSaverHook("checkpoints", save_steps=10),
    "FeedFnHook": lambda kit: kit.FeedFnHook(feed),
    "FinalOpsHook": lambda kit: kit.FinalOpsHook({"loss": "loss:0"}),
    "GlobalStepWaiterHook": lambda kit: kit.GlobalStepWaiterHook(0),
    "LoggingTensorHook": lambda kit: kit.LoggingTensorHook(["loss:0"], every_n_iter=1, formatter=line_of),
    "NanTensorHook": lambda kit: kit.NanTensorHook("loss:0"),
    # Its writer may open the file when the test has left the folder.
    "ProfilerHook": lambda kit: kit.ProfilerHook(save_steps=10**6, output_dir=str(Path.cwd())),
    "StepCounterHook": lambda kit: kit.StepCounterHook(1),
    "StopAfterNEvalsHook": lambda kit: kit.StopAfterNEvalsHook(3),
    "StopAtStepHook": lambda kit: kit.StopAtStepHook(last_step=9),
    "SummarySaverHook": lambda kit: kit.SummarySaverHook(10**6, output_dir="logs", summary_op="summary:0"),
}
# Of TensorFlow's hooks those that hold a string where a tensor may stand run as these do.
RUNS = ("FeedFnHook", "GlobalStepWaiterHook", "LoggingTensorHook", "StepCounterHook", "StopAtStepHook")

COPIES = {
    "pickle": lambda hook: pickle.loads(pickle.dumps(hook)),  # noqa: S301 - made a line before
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.fixture
def train() -> Iterator[Any]:
    with tf.Graph().as_default():
        step = v1.train.get_or_create_global_step()
        v1.placeholder_with_default(0.0, [], name="fed")
        tf.constant(1.0, name="loss")
        yield v1.assign_add(step, 1).op


def plain(value: Any) -> Any:
    """Return an attribute as what can be compared."""
    if hasattr(value, "__dict__") and not isinstance(value, type) and not callable(value):
        return {name: plain(item) for name, item in vars(value).items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_can_be_copied_as_tensorflows(
    name: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with tf.Graph().as_default():
        theirs, ours = HOOKS[name](TENSORFLOW), HOOKS[name](nbhooks)
    try:
        expected = COPIES[how](theirs)
    except TypeError:
        assert name == "ProfilerHook"  # it holds an open file
        return
    copied = COPIES[how](ours)
    assert type(copied) is type(ours)
    for attribute, value in vars(expected).items():
        assert plain(getattr(copied, attribute)) == plain(value), attribute
    assert set(vars(copied)) == set(vars(ours))


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("moment", ["before a session", "within it", "after it"])
def test_a_copy_works_by_itself(train: Any, name: str, how: str, moment: str) -> None:
    hook, copied = HOOKS[name](nbhooks), None

    def make_copy(now: str) -> None:
        nonlocal copied
        if now == moment:
            # What a session gives to TensorFlow's own hooks cannot be pickled, nor copied deeply.
            copied = COPIES[how if now == "before a session" else "copy"](hook)

    make_copy("before a session")
    with v1.train.MonitoredSession(hooks=[hook]) as session:
        session.run(train)
        make_copy("within it")
        assert copied is None or not {"before_run", "after_run"} & set(vars(copied))
    make_copy("after it")
    assert copied is not None
    with pytest.raises(RuntimeError, match="has not been in any session yet"):
        copied.to_pandas()
    reported = len(hook.to_pandas())
    with v1.train.MonitoredSession(hooks=[copied]) as session:
        session.run(train)
        session.run(train)
    copied.to_pandas()
    assert len(hook.to_pandas()) == reported


def test_a_deep_copy_shares_the_dashboard() -> None:
    records: list[Any] = []
    sink = SimpleNamespace(write=records.append)
    hook = nbhooks.StepCounterHook(1, dashboard=sink)
    assert copy.deepcopy(hook)._dashboard is copy.copy(hook)._dashboard is sink


def test_the_formatter_stays_the_users(train: Any) -> None:
    hook = HOOKS["LoggingTensorHook"](nbhooks)
    assert hook._formatter is line_of
    with v1.train.MonitoredSession(hooks=[hook]) as session:
        session.run(train)
    assert hook._formatter is line_of
    [reported] = hook._joined[0][0].store.snapshot().sources
    assert reported.latest(Line).text == "1 values"


# No coordinator


@pytest.mark.parametrize("name", RUNS)
def test_there_need_not_be_a_coordinator(train: Any, name: str) -> None:
    hook = HOOKS[name](nbhooks)
    with warnings.catch_warnings(), v1.Session() as session:
        warnings.simplefilter("error")
        hook.begin()
        session.run(v1.global_variables_initializer())
        hook.after_create_session(session, None)
        watched = monitored_session._HookedSession(session, [hook])
        watched.run(train)
        watched.run(train)
        found = registry.current(v1.get_default_graph())
        assert found is not None
        assert (found.state, found.lost, found.stopping) == ("running", False, False)
        found.cell_ended(None)
        assert found.state == "open"
        watched.run(train)
        hook.end(session)
    assert found.state == "finished"
    assert not {"before_run", "after_run"} & set(vars(hook))


def test_without_a_coordinator_the_session_is_gone_after_the_cell(train: Any) -> None:
    hook = nbhooks.StepCounterHook(1)
    hook.begin()
    raw = v1.Session()
    raw.run(v1.global_variables_initializer())
    hook.after_create_session(raw, None)
    monitored_session._HookedSession(raw, [hook]).run(train)
    found = registry.current(v1.get_default_graph())
    assert found is not None
    del raw
    found.cell_ended(None)
    found.cell_ended(None)  # the first releases what is kept of the session, the next finds it gone
    assert found.state == "died"
    assert not {"before_run", "after_run"} & set(vars(hook))


# GlobalStepWaiterHook


def wait(live: bool, kit: Any, polls: int = 3) -> tuple[list[float], int]:  # noqa: FBT001 - of a helper
    """Wait for some polls; return what was slept, and how often clicks were served."""
    hook, slept, served = kit.GlobalStepWaiterHook(polls), [], []
    steps = iter(range(polls + 1))
    session = mock.Mock()
    session.graph = v1.get_default_graph()
    session.run.side_effect = lambda _: next(steps)
    hook.begin()
    hook.after_create_session(session, None)
    found = registry.current(v1.get_default_graph())
    if found is not None:
        found.control.poll = lambda: served.append(1)
        found.control.live = lambda: live
        found.control.clock = lambda: sum(slept)
        found.control.poll_due = 0.0
    with mock.patch.object(time, "sleep", slept.append):
        hook.before_run(SimpleNamespace(session=session, stop_requested=False, original_args=None))
    return slept, len(served)


@pytest.mark.usefixtures("train")
def test_the_waiter_sleeps_once_a_poll_where_no_page_is_live() -> None:
    theirs, _ = wait(live=False, kit=TENSORFLOW, polls=2)
    ours, served = wait(live=False, kit=nbhooks)
    assert theirs == ours == [0.5, 0.5]
    assert served >= 2  # a page that opens says so by the same way


@pytest.mark.usefixtures("train")
def test_the_waiter_serves_a_live_page_while_it_sleeps() -> None:
    slept, served = wait(live=True, kit=nbhooks)
    assert sum(slept) == pytest.approx(1.0)
    assert max(slept) <= 0.05
    assert served >= 20
