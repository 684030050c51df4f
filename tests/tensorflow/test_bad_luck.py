"""What can go wrong in a run: files, listeners, sessions and hooks; its record comes out well."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf
from drawn_boards import panel_text
from training import KITS, After, Once, fail, faults, raised, states, train

import nbhooks

if TYPE_CHECKING:
    import pandas as pd

v1 = tf.compat.v1

pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("loss")]


def test_a_directory_under_a_file(board: nbhooks.Dashboard, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    directory = str(tmp_path / "file" / "checkpoints")
    theirs = raised([v1.train.CheckpointSaverHook(directory, save_steps=1)])
    rates = nbhooks.StepCounterHook(1, dashboard=board)
    saver = nbhooks.CheckpointSaverHook(directory, save_steps=1, dashboard=board)
    ours = raised([rates, saver], board=board)
    assert type(ours) is type(theirs)
    assert str(ours) == str(theirs)
    assert len(rates.to_pandas()) == 0
    assert len(board.checkpoints) == 0
    assert board.state == "died"


def test_a_directory_that_becomes_a_file(board: nbhooks.Dashboard, tmp_path: Path) -> None:
    errors = []
    for name, kit in KITS.items():
        directory = tmp_path / name

        def replace(directory: Path = directory) -> None:
            shutil.rmtree(directory)
            directory.write_text("here")

        hook = kit.CheckpointSaverHook(str(directory), save_steps=1)
        hook._dashboard = board
        errors.append(raised([hook, Once(replace)]))
    assert type(errors[1]) is type(errors[0])
    assert hook.to_pandas()["step"].tolist() == [0]
    assert panel_text(board, "CheckpointSaverHook").count('data-state="failed"') == 1


ALONE = """
import resource, sys, warnings
import tensorflow as tf
import nbhooks
from nbhooks.view import blocks

v1 = tf.compat.v1
try:
    nbhooks.LoggingTensorHook([tf.constant(1.0)], 1)
except TypeError as error:
    print("a tensor:", error)
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    try:
        with nbhooks.MonitoredTrainingSession(hooks=[nbhooks.NanTensorHook(tf.constant(1.0))]):
            pass
    except RuntimeError as error:
        print("a loss:", error)
print("warned:", *(one.message for one in warned))
for name, kit in {"theirs": v1.train, "ours": nbhooks}.items():
    # Eager execution is on here.
    try:
        with v1.train.MonitoredTrainingSession(hooks=[kit.StepCounterHook(1)]):
            pass
    except Exception as error:
        print(f"{name} eager:", type(error).__name__)
        print(f"{name} words:", str(error).replace("\\n", " "))
    # No file may grow beyond 50 kB, once the first checkpoint is there.
    board = nbhooks.Dashboard()
    with tf.Graph().as_default():
        step = v1.train.get_or_create_global_step()
        v1.get_variable("w", [100_000], initializer=v1.random_normal_initializer())
        train = v1.assign_add(step, 1)
        hooks = [
            kit.CheckpointSaverHook(f"{sys.argv[1]}/{name}", save_steps=2),
            nbhooks.StepCounterHook(1, dashboard=board),
        ]
        try:
            with board, v1.train.MonitoredTrainingSession(hooks=hooks) as session:
                resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
                for _ in range(6):
                    try:
                        session.run(train)
                    except Exception as error:
                        print(f"{name} error:", type(error).__name__)
                        raise
        except Exception as error:
            print(f"{name} raised:", type(error).__name__)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(f"{name} steps:", hooks[1].to_pandas()["step"].tolist())
print("state:", board.events["detail"].tolist()[-1])
print("kept:", hooks[0].to_pandas()["step"].tolist(), board.checkpoints["kept"].tolist())
panel = board.panel("CheckpointSaverHook")
print("failed:", blocks.to_html(panel.content(print)).count('data-state="failed"'))
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is printed by a program that may spoil its process."""
    pytest.importorskip("resource")
    run = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path_factory.mktemp("full"))],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert run.returncode == 0, run.stderr
    return dict(line.split(": ", 1) for line in run.stdout.splitlines() if ": " in line)


def test_a_disk_that_fills_up(alone: dict[str, str]) -> None:
    assert alone["ours error"] == alone["theirs error"]
    # TensorFlow takes some errors for the end of the data, and does not raise them out of the block.
    assert alone.get("ours raised") == alone.get("theirs raised")
    assert alone["state"] == f"died: {alone['ours error']}"
    assert alone["kept"] == "[0] [True]"  # the one before the disk was full
    assert alone["failed"] == "1"


class Listener(v1.train.CheckpointSaverListener):
    """Raises after a save at a step."""

    def __init__(self, at: int) -> None:
        self.at = at

    def after_save(self, session: v1.Session, global_step_value: int) -> None:
        del session
        if global_step_value == self.at:
            fail()


@pytest.mark.parametrize(("at", "kept"), [(0, [0]), (4, [0, 2, 4])])
def test_a_listener_that_raises_after_the_save(
    board: nbhooks.Dashboard, tmp_path: Path, at: int, kept: list[int]
) -> None:
    for name, kit in KITS.items():
        hook = kit.CheckpointSaverHook(str(tmp_path / name), save_steps=2, listeners=[Listener(at)])
        hook._dashboard = board
        error = raised([hook], 9, board if kit is nbhooks else None)
        assert isinstance(error, ZeroDivisionError)
    assert states(board)[-1] == "died: ZeroDivisionError"
    # The checkpoint itself is there: a run that goes on from it must find it in the record.
    left = hook.to_pandas()
    assert left["step"].tolist() == kept
    assert left["kept"].all()
    assert (left["bytes"] > 0).all()
    assert tf.train.latest_checkpoint(str(tmp_path / "ours")) == left["path"].iloc[-1]


def test_a_saver_that_cannot_be_found(board: nbhooks.Dashboard, tmp_path: Path) -> None:
    hook = nbhooks.CheckpointSaverHook(str(tmp_path), save_steps=2, dashboard=board)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # ours; old widgets have others
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            with (
                pytest.raises(RuntimeError, match="No items in collection savers"),
                nbhooks.attach(session, [hook]),
            ):
                pass
    assert states(board)[-1] == "died: RuntimeError"
    assert faults(board) == []
    assert "data-state" not in panel_text(board, "CheckpointSaverHook")


@pytest.mark.parametrize("place", ["before ours", "after ours"])
def test_a_step_that_goes_back(loss: tf.Tensor, board: nbhooks.Dashboard, tmp_path: Path, place: str) -> None:
    saver, seen, turns = v1.train.Saver(), [], []
    step = v1.train.get_global_step()

    def go_back(run_context: v1.train.SessionRunContext) -> None:
        session = run_context.session
        seen.append(int(session.run(step)))
        if len(seen) == 2:
            turns.append(saver.save(session, str(tmp_path / "model")))
        if len(seen) == 6:
            saver.restore(session, turns[0])

    ours = [
        nbhooks.StepCounterHook(1, dashboard=board),
        nbhooks.LoggingTensorHook({"logged": loss}, 1, dashboard=board),
        nbhooks.NanTensorHook(loss, dashboard=board),
        nbhooks.StopAtStepHook(last_step=7, dashboard=board),
    ]
    restoring = [After(go_back)]
    with v1.train.MonitoredSession(
        hooks=restoring + ours if place == "before ours" else ours + restoring
    ) as session:
        while not session.should_stop():
            session.run("train")
            panel = panel_text(board, "StopAtStepHook")
            assert "nbhooks-fault" not in panel
            assert "<progress" in panel
    assert seen == [1, 2, 3, 4, 5, 6, 3, 4, 5, 6, 7]
    for hook in ours[1:3]:
        frame = hook.to_pandas()
        assert frame["value"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 2.0, 3.0, 4.0, 5.0, 6.0]
        labels = frame["step"].tolist()
        # The run at whose end the step was put back may carry either.
        assert labels[5] in (6, 2)
        assert labels[:5] + labels[6:] == [1, 2, 3, 4, 5, 3, 4, 5, 6, 7]
    assert "step 7 of 7" in panel
    assert board.state == "stopped"
    assert faults(board) == []


@pytest.mark.parametrize("place", ["before ours", "after ours"])
def test_a_session_that_dies_when_it_was_created(board: nbhooks.Dashboard, place: str) -> None:
    ours = [nbhooks.StepCounterHook(1), nbhooks.StopAtStepHook(last_step=5)]
    error = raised([Once(fail), *ours] if place == "before ours" else [*ours, Once(fail)], board=board)
    assert isinstance(error, ZeroDivisionError)
    assert states(board)[-1] == "died: ZeroDivisionError"
    assert len(ours[0].to_pandas()) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        train(ours)
    assert ours[0].to_pandas()["step"].tolist() == [2, 3, 4, 5]


class Broken(nbhooks.StopAtStepHook):
    def after_create_session(self, session: v1.Session, coord: tf.train.Coordinator) -> None:
        super().after_create_session(session, coord)
        fail()


def test_a_hook_of_ours_that_dies_when_the_session_was_created(board: nbhooks.Dashboard) -> None:
    hooks = [nbhooks.StepCounterHook(1), Broken(last_step=3)]
    assert isinstance(raised(hooks, board=board), ZeroDivisionError)
    assert states(board)[-1] == "died: ZeroDivisionError"


def all_hooks(loss: tf.Tensor, directory: Path, board: nbhooks.Dashboard) -> dict[str, Any]:
    """One of each, all at work."""
    from tensorflow.python.training import evaluation

    v1.summary.scalar("loss", loss)
    fed = v1.placeholder_with_default(0.0, [], name="fed")
    train = loss.graph.get_operation_by_name("train")
    counter = evaluation._get_or_create_eval_step()
    with tf.control_dependencies([train]):
        update = tf.group(v1.assign_add(counter, 1), name="all")
    made = [
        nbhooks.CheckpointSaverHook(str(directory), save_steps=1000, dashboard=board),
        nbhooks.FeedFnHook(lambda: {fed: 1.0}, dashboard=board),
        nbhooks.FinalOpsHook({"loss": loss}, dashboard=board),
        nbhooks.GlobalStepWaiterHook(0, dashboard=board),
        nbhooks.LoggingTensorHook({"loss": loss}, 10, dashboard=board),
        nbhooks.NanTensorHook(loss, dashboard=board),
        nbhooks.ProfilerHook(save_steps=1000, output_dir=str(directory), dashboard=board),
        nbhooks.StepCounterHook(100, dashboard=board),
        nbhooks.StopAfterNEvalsHook(None, log_progress=False, dashboard=board),
        nbhooks.StopAtStepHook(last_step=2000, dashboard=board),
        nbhooks.SummarySaverHook(
            100, output_dir=str(directory), summary_op=v1.summary.merge_all(), dashboard=board
        ),
    ]
    evals = next(hook for hook in made if type(hook).__name__ == "StopAfterNEvalsHook")
    evals._set_evals_completed_tensor(evaluation._get_latest_eval_step_value([update]))
    return {type(hook).__name__: hook for hook in made}


def rows(frame: pd.DataFrame) -> list[int]:
    return frame["step"].tolist()


def test_many_short_steps_with_every_hook(loss: tf.Tensor, board: nbhooks.Dashboard, tmp_path: Path) -> None:
    hooks = all_hooks(loss, tmp_path, board)
    assert set(hooks) == set(nbhooks.HOOKS)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with v1.train.MonitoredSession(hooks=list(hooks.values())) as session:
            while not session.should_stop():
                session.run("all")
    left = {name: hook.to_pandas() for name, hook in hooks.items()}
    assert rows(left["CheckpointSaverHook"]) == [0, 1000, 2000]
    assert left["FeedFnHook"].to_numpy().tolist() == [["fed:0", "float32", ()]]
    assert left["FinalOpsHook"].to_numpy().tolist() == [["loss", 2000.0]]
    assert rows(left["LoggingTensorHook"]) == list(range(1, 2000, 10))
    assert rows(left["NanTensorHook"]) == list(range(1, 2001))
    assert left["NanTensorHook"]["value"].tolist() == list(range(2000))
    # Which of two steps these see is a matter of chance in TensorFlow's hooks: they race with the update.
    assert rows(left["StepCounterHook"])[-1] >= 1900
    assert rows(left["StopAfterNEvalsHook"])[-1] == 2000
    assert rows(left["StopAtStepHook"])[-1] == 2000
    assert rows(left["SummarySaverHook"])[-1] >= 1900
    assert len(left["ProfilerHook"]) >= 1
    assert board.state == "stopped"
    assert faults(board) == []


def test_eager_execution_that_is_still_on(alone: dict[str, str]) -> None:
    assert alone["ours eager"] == alone["theirs eager"]
    assert alone["ours words"].startswith(alone["theirs words"])
    assert "Eager execution is on" in alone["ours words"]
    assert "tf.compat.v1.disable_eager_execution()" in alone["ours words"]
    assert "with tf.Graph().as_default():" in alone["ours words"]
    assert "Eager execution is on" in alone["a tensor"]
    assert "not compatible with eager execution" in alone["a loss"]  # TensorFlow's, who has the last word
    assert "Eager execution is on" in alone["warned"]


def test_hooks_that_never_were_in_a_session(
    loss: tf.Tensor, board: nbhooks.Dashboard, tmp_path: Path
) -> None:
    for name, hook in all_hooks(loss, tmp_path, board).items():
        with pytest.raises(RuntimeError, match=f"this {name} has not been in any session yet") as caught:
            hook.to_pandas()
        assert "Give it to the session" in str(caught.value)


def test_a_hook_in_two_sessions_at_once(loss: tf.Tensor) -> None:
    hook = nbhooks.LoggingTensorHook([loss], 1)
    first = v1.train.MonitoredSession(hooks=[hook])
    for _ in range(3):
        first.run("train")
    with pytest.warns(RuntimeWarning, match="LoggingTensorHook is in a session that is still open") as caught:
        second = v1.train.MonitoredSession(hooks=[hook])
    assert len(caught) == 1
    for _ in range(2):
        second.run("train")
    second.close()
    frame = hook.to_pandas()
    assert frame["session"].tolist() == [0, 0, 0, 1, 1]
    assert frame["step"].tolist() == [1, 2, 3, 1, 2]
    first.close()


def test_the_end_of_an_earlier_session_leaves_the_hook_to_its_later_one(loss: tf.Tensor) -> None:
    hook = nbhooks.LoggingTensorHook([loss], 1)
    first = v1.train.MonitoredSession(hooks=[hook])
    first.run("train")
    with pytest.warns(RuntimeWarning, match="LoggingTensorHook is in a session that is still open"):
        second = v1.train.MonitoredSession(hooks=[hook])
    second.run("train")
    del first
    gc.collect()
    for _ in range(2):
        second.run("train")
    second.close()
    assert hook.to_pandas()["step"].tolist() == [1, 1, 2, 3]


@pytest.mark.parametrize("end", ["closed", "died", "died at once", "forgotten"])
def test_a_hook_used_again_when_its_session_is_over(loss: tf.Tensor, end: str) -> None:
    hook = nbhooks.LoggingTensorHook([loss], 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        if end == "closed":
            train([hook], 3)
        elif end == "died":
            assert isinstance(raised([hook, After(fail)]), ZeroDivisionError)
        elif end == "died at once":
            assert isinstance(raised([hook, Once(fail)]), ZeroDivisionError)
        else:
            v1.train.MonitoredSession(hooks=[hook]).run("train")
        train([hook], 3)
    frame = hook.to_pandas()
    assert frame["step"].tolist()[-3:] == [1, 2, 3]
    assert frame["session"].tolist()[-3:] == [1, 1, 1]
