"""Holds the public door: it opens without TensorFlow, names what is behind it, and says what is missing."""

import doctest
import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import nbhooks

HOOKS = [name for name in nbhooks.__all__ if name.endswith("Hook")]
HEAVY = ["tensorflow", "pandas", "matplotlib", "ipywidgets", "anywidget", "IPython", "tensorboard"]
ROOT = Path(nbhooks.__file__).parents[1]
ROOMS = sorted(
    module.name
    for module in pkgutil.walk_packages(nbhooks.__path__, "nbhooks.")
    if not module.name.startswith(("nbhooks.hooks", "nbhooks.view.dashboard"))
)

# A finder that knows no TensorFlow, before all that might.
WITHOUT_TENSORFLOW = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tensorflow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""


def run(code: str) -> list[str]:
    """Run code in a fresh interpreter and return the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, nbhooks; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert run(code) == ["[]"]


@pytest.mark.slow  # it imports TensorFlow
def test_a_session_in_a_script_imports_no_widgets() -> None:
    """Hooks do this in a script: open a session, write records, ask for frames and figures."""
    code = f"""
import io, sys
from nbhooks import figures, frames
from nbhooks.model import registry
from nbhooks.model.records import Scalar
class Graph: pass
graph = Graph()
session = registry.join(graph)
name = session.join("steps", "StepCounterHook")
session.write(Scalar(name, "global_step/sec", 1, 0.0, 1.0))
print([name for name in {HEAVY!r} if name in sys.modules])
print(len(frames.live(Scalar, [session.store.columns(name)])))
view = session.store.snapshot().sources[0]
figures.figure([figures.Plot("a", "b", view.series)]).savefig(io.BytesIO(), format="png")
print([name for name in [*{HEAVY!r}, "matplotlib.pyplot"] if name in sys.modules])
"""
    assert run(code) == ["[]", "1", "['pandas', 'matplotlib']"]


def test_without_tensorflow_the_first_hook_says_what_to_install() -> None:
    code = f"""{WITHOUT_TENSORFLOW}
import nbhooks
print(nbhooks.__version__)
for name in {HOOKS!r}:
    try:
        getattr(nbhooks, name)
    except ImportError as error:
        print(type(error).__name__, "nbhooks[tensorflow]" in str(error), "pip install" in str(error))
from nbhooks import Dashboard
print(Dashboard.__name__)
"""
    lines = run(code)
    assert lines[0] == nbhooks.__version__
    assert lines[-1] == "Dashboard"
    assert len(lines) == len(HOOKS) + 2
    for line in lines[1:-1]:
        assert line in ("ImportError True True", "ModuleNotFoundError True True")


def test_the_names_behind_the_door_are_there() -> None:
    assert len(set(nbhooks.__all__)) == len(nbhooks.__all__)  # their order is ruff's to hold
    assert set(nbhooks.__all__) <= set(dir(nbhooks))
    assert "__version__" in dir(nbhooks)
    assert set(nbhooks._ROOMS) == set(nbhooks.__all__)
    assert len(HOOKS) == 12  # the eleven of TensorFlow, and the debugger


def test_dir_names_nothing_twice() -> None:
    nbhooks.Dashboard  # noqa: B018 - looked up, and so remembered
    assert dir(nbhooks) == sorted(set(dir(nbhooks)))


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'StepCountHook'; it has .*StepCounterHook"):
        nbhooks.StepCountHook  # noqa: B018 - the looking up is what is tested
    assert not hasattr(nbhooks, "_anything")
    with pytest.raises(ImportError, match="StepCountHook"):
        exec("from nbhooks import StepCountHook")  # noqa: S102 - a linter would mend the wrong name


def test_a_name_is_looked_up_once() -> None:
    assert nbhooks.Dashboard is importlib.import_module("nbhooks.view.dashboard").Dashboard
    assert vars(nbhooks)["Dashboard"] is nbhooks.Dashboard


@pytest.mark.parametrize("name", ROOMS)
def test_the_examples_of_a_room_hold(name: str) -> None:
    room = importlib.import_module(name)
    assert doctest.testmod(room, optionflags=doctest.ELLIPSIS).failed == 0


def test_the_rooms_have_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = sum(len(test.examples) for name in ROOMS for test in finder.find(importlib.import_module(name)))
    assert found >= 20
