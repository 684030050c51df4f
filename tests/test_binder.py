"""Does what a Binder link would do, without Docker: a clean environment, notebook 01, 1 GB for it all."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "01_quickstart.ipynb"
# What Binder guarantees a session; over 2 GB it restarts the kernel.
MEMORY = 1e9
# Between two looks at the memory.
SECONDS = 0.1


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a clean environment made from binder/requirements.txt."""
    folder = tmp_path_factory.mktemp("binder") / "venv"
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert uv is not None, "uv is missing here; `make test` installs it"
    subprocess.run([uv, "venv", "--quiet", "--seed", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    wanted = ROOT / "binder" / "requirements.txt"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "-r", wanted], check=True)
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))
    }
    return {
        **inherited,
        "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]]),
        "VIRTUAL_ENV": str(folder),
    }


def memory(process: psutil.Process) -> int:
    """Bytes that a process and all it started hold just now; what they share is counted for each."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            total += one.memory_info().rss
    return total


@pytest.mark.notebook
@pytest.mark.timeout(900)
def test_the_quickstart_runs_on_binder(environment: dict[str, str], tmp_path: Path) -> None:
    subprocess.run([ROOT / "binder" / "postBuild"], cwd=ROOT, env=environment, check=True)
    subprocess.run(["python", "-m", "pip", "check"], env=environment, check=True)  # noqa: S607 - the one first on PATH
    shutil.copy(NOTEBOOK, tmp_path)
    # nbconvert stands for the server that runs beside the kernel on Binder: they need about the same.
    command = ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "run", NOTEBOOK.name]
    peak = 0
    with psutil.Popen(command, cwd=tmp_path, env=environment) as run:
        while run.poll() is None:
            peak = max(peak, memory(run))
            time.sleep(SECONDS)
    assert run.returncode == 0
    assert peak < MEMORY, f"{NOTEBOOK.name} needed {peak / 1e9:.2f} GB"
    sys.stdout.write(f"{NOTEBOOK.name}: {peak / 1e9:.2f} GB at its peak\n")
