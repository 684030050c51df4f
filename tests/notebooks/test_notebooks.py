"""Runs the notebooks as readers do, and as tools do that run them unattended, and looks at what is left."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.notebook

PROJECT = Path(__file__).parents[2]
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
QUICKSTART = PROJECT / "notebooks" / "01_quickstart.ipynb"
REPLAY = PROJECT / "notebooks" / "03_replay.ipynb"
# Seconds after which a cell counts as hung: many times what it takes on a machine with nothing else to do.
HUNG = 240
WIDGET = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

# Small, but with every hook: what a runner may stumble over is the board and its threads, not the model.
TRAIN = """
import nbhooks
import tensorflow as tf

with tf.Graph().as_default():
    step = tf.compat.v1.train.get_or_create_global_step()
    weight = tf.Variable(1.0)
    loss = weight * weight
    train_op = tf.compat.v1.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
    hooks = [
        nbhooks.StepCounterHook(every_n_steps=10),
        nbhooks.LoggingTensorHook({"loss": loss}, every_n_iter=10),
        nbhooks.NanTensorHook(loss),
        nbhooks.CheckpointSaverHook("checkpoints", save_steps=20),
        nbhooks.StopAtStepHook(last_step=50),
    ]
    with tf.compat.v1.train.MonitoredTrainingSession(hooks=hooks) as session:
        while not session.should_stop():
            session.run(train_op)
"""
COMMANDS = {
    "papermill": ["papermill", "before.ipynb", "after.ipynb"],
    "nbconvert": ["nbconvert", "--to", "notebook", "--execute", "before.ipynb", "--output", "after.ipynb"],
}


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's own kernels and settings out, and let a kernel import this checkout."""
    folder = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(folder / name.lower()))
        patch.setenv("PYTHONPATH", str(PROJECT), prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def execute(jupyter: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Any]:  # noqa: ARG001 - it sets the environment
    """Run a notebook from top to bottom, once, in a kernel and a folder of its own; an error raises."""

    @cache
    def run(path: Path) -> Any:
        notebook = nbformat.read(path, as_version=4)
        folder = tmp_path_factory.mktemp(path.stem)
        shutil.copytree(path.parent / "runs", folder / "runs")  # what lies beside the notebooks
        resources = {"metadata": {"path": str(folder)}}
        return NotebookClient(notebook, timeout=HUNG, resources=resources).execute()

    return run


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def executed(request: pytest.FixtureRequest, execute: Callable[[Path], Any]) -> Any:
    """Each notebook after it has run."""
    return execute(request.param)


def code_cells(notebook: Any) -> list[Any]:
    """The cells that run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def cell_named(notebook: Any, name: str) -> Any:
    """The cell of an id."""
    return next(cell for cell in notebook.cells if cell.id == name)


def shown(cell: Any) -> list[dict[str, Any]]:
    """The mimebundles below a cell, in order."""
    return [output["data"] for output in cell.outputs if "data" in output]


def said(cell: Any, stream: str) -> str:
    """What a cell has written to ``"stdout"`` or ``"stderr"``."""
    return "".join(output["text"] for output in cell.outputs if output.get("name") == stream)


def boards(notebook: Any) -> dict[str, str]:
    """The static HTML right behind the widgets of each board, by the id of its cell."""
    found = {}
    for cell in code_cells(notebook):
        bundles = shown(cell)
        for number, bundle in enumerate(bundles):
            if WIDGET in bundle:
                found[cell.id] = bundles[number + 1]["text/html"]
    return found


def assert_pictured(static: str) -> None:
    """Hold that a reader without widgets sees the charts of the run."""
    assert 'class="nbhooks-static ' in static
    images = re.findall(r'<img alt="the charts of the run" src="data:image/png;base64,([^"]+)"', static)
    assert len(images) == 1
    assert base64.b64decode(images[0]).startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_source_names_its_cells_and_a_kernel_that_everyone_has(path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec == KERNELSPEC
    # A name says what the cell is for and stays when it is saved; a random id would differ with each rewrite.
    names = [cell.id for cell in notebook.cells]
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []
    assert len(set(names)) == len(names)


def test_every_cell_runs_in_order_and_none_warns(executed: Any) -> None:
    cells = code_cells(executed)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    # A panel that failed, or a call that is about to go away, says so here.
    assert {cell.id: said(cell, "stderr") for cell in cells if "Warning" in said(cell, "stderr")} == {}


def test_it_ends_on_a_figure_and_a_frame(executed: Any) -> None:
    figure, frame = (shown(cell)[-1] for cell in code_cells(executed)[-2:])
    assert figure["text/plain"].startswith("<Figure")
    assert base64.b64decode(figure["image/png"]).startswith(b"\x89PNG\r\n")
    assert '<table border="1" class="dataframe">' in frame["text/html"]


def test_every_board_leaves_a_picture_in_the_file(executed: Any) -> None:
    statics = boards(executed)
    assert statics
    for static in statics.values():
        assert_pictured(static)


def test_the_quickstart_teaches_what_it_says(execute: Callable[[Path], Any]) -> None:
    executed = execute(QUICKSTART)
    statics = boards(executed)
    assert list(statics) == ["train", "nan"]
    assert "stopped by StopAtStepHook" in statics["train"]
    assert "stopped by NanTensorHook" in statics["nan"]
    assert 'data-level="calm"' in statics["train"]
    assert 'data-level="alert"' in statics["nan"]
    exam = re.search(r"([\d.]+)%", said(cell_named(executed, "exam"), "stdout"))
    assert exam is not None
    assert float(exam[1]) > 95


def test_the_replay_answers_what_it_asks(execute: Callable[[Path], Any]) -> None:
    executed = execute(REPLAY)
    assert "3 runs" in shown(cell_named(executed, "load"))[-1]["text/plain"]
    assert "10 rows, from step 601 to 781" in said(cell_named(executed, "lost"), "stdout")
    assert "at step 16." in said(cell_named(executed, "last-finite"), "stdout")
    assert list(boards(executed)) == ["board", "watch"]
    for static in boards(executed).values():
        for run in ("steady", "resumed", "too_fast"):
            assert f"{run} · saved run · last written" in static
    assert "image/png" in shown(cell_named(executed, "filters"))[-1]


def test_the_replay_needs_no_tensorflow(execute: Callable[[Path], Any], tmp_path: Path) -> None:
    notebook = execute(REPLAY)
    assert not any("tensorflow" in cell.source for cell in code_cells(notebook))
    code = "\n".join(cell.source for cell in code_cells(notebook))
    shutil.copytree(REPLAY.parent / "runs", tmp_path / "runs")
    script = f"{code}\nimport sys\nprint('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.usefixtures("jupyter")
@pytest.mark.parametrize("runner", COMMANDS)
def test_a_runner_comes_to_an_end_and_the_picture_is_in_its_file(runner: str, tmp_path: Path) -> None:
    before = new_notebook(
        cells=[new_code_cell(TRAIN, id="train"), new_code_cell("hooks[0].to_pandas()", id="steps")],
        metadata={"kernelspec": KERNELSPEC},
    )
    nbformat.write(before, tmp_path / "before.ipynb")
    command = [sys.executable, "-m", *COMMANDS[runner]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HUNG, check=False)
    assert done.returncode == 0, done.stderr
    after = nbformat.read(tmp_path / "after.ipynb", as_version=4)
    statics = boards(after)
    assert list(statics) == ["train"]
    assert_pictured(statics["train"])
    assert "stopped by StopAtStepHook" in statics["train"]
    assert 'class="dataframe"' in shown(cell_named(after, "steps"))[-1]["text/html"]
