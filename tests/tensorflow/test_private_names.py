"""Every private name of TensorFlow is declared in one file; what lacks one says so, and the others work."""

from __future__ import annotations

import subprocess
import sys
from types import FunctionType

import pytest
import tensorflow as tf

import nbhooks
from nbhooks.hooks import _tensorflow as declared

pytestmark = pytest.mark.tensorflow

NAMES = [
    *declared.IMPORTED,
    *(f"{user}.{name}" for user, (_, names) in declared.USED.items() for name in names),
]


def private(names: set[str]) -> set[str]:
    """Those that a class keeps to itself."""
    return {name for name in names if name.startswith("_") and not name.endswith("__")}


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> object:
    """A function that lets a declared name be missing."""

    def take_away(name: str) -> tuple[str, ...]:
        """Returns what needs it."""
        if name in declared.IMPORTED:
            users = declared.IMPORTED[name]
            monkeypatch.setattr(declared, "IMPORTED", {f"{name}_that_is_gone": users})
        else:
            user, _, attribute = name.partition(".")
            users, owner = (user,), declared.USED[user][0]
            monkeypatch.setattr(declared, "USED", {user: (owner, (f"{attribute}_that_is_gone",))})
        monkeypatch.setattr(declared, "MISSING", declared.find_missing())
        return tuple(users)

    return take_away


def test_tensorflow_has_them_all() -> None:
    assert declared.find_missing() == declared.MISSING == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_missing_is_named_with_what_needs_it(name: str, without: object) -> None:
    users = without(name)
    for user in users:
        with pytest.raises(declared.MissingNameError) as raised:
            declared.require(user)
        assert f"{name.rpartition(':')[2].rpartition('.')[2]}_that_is_gone" in str(raised.value)
        assert str(raised.value).startswith(f"{user} cannot be used: TensorFlow {tf.__version__} lacks ")
        assert "supports TensorFlow 2.16 to 2.21" in str(raised.value)
    declared.require(*{"attach", "StateHook", *nbhooks.HOOKS} - {*users})


@pytest.mark.parametrize("name", nbhooks.HOOKS)
def test_what_a_hook_uses_of_its_base_is_declared(name: str) -> None:
    hook = nbhooks.HOOKS[name]
    [theirs] = [base for base in hook.__bases__ if base.__module__.startswith("tensorflow")]
    used = set()
    for base in hook.__mro__:
        if base.__module__.startswith("nbhooks"):
            used |= {*vars(base)}
            for member in vars(base).values():
                if isinstance(member, FunctionType):
                    used |= {*member.__code__.co_names}
    _, names = declared.USED.get(name, (None, ()))
    assert private(used & declared.names_used(theirs)) == {*names}


def test_only_the_hooks_that_lack_a_name_are_refused(without: object) -> None:
    without("StopAtStepHook._last_step")
    with pytest.raises(declared.MissingNameError, match=r"StopAtStepHook\._last_step_that_is_gone"):
        nbhooks.StopAtStepHook(last_step=5)
    with pytest.raises(declared.MissingNameError, match="StopAtStepHook cannot be used"):
        nbhooks.build([{"StopAtStepHook": {"last_step": 5}}])
    assert nbhooks.StopAfterNEvalsHook(5) is not None


def test_every_hook_is_refused_where_all_lack_a_name(without: object) -> None:
    without("tensorflow.python.training.training_util:_get_global_step_read")
    with pytest.raises(declared.MissingNameError, match="_get_global_step_read"):
        nbhooks.StopAtStepHook(last_step=5)
    with pytest.raises(declared.MissingNameError, match="_get_global_step_read"):
        nbhooks.MonitoredTrainingSession()


# TensorFlow renames a class, an attribute that __init__ sets, a method that a hook overrides and a function.
RENAMED = """
import inspect
import tensorflow as tf
from tensorflow.python.training import basic_session_run_hooks as hooks, evaluation, monitored_session

for name, old, new in [
    ("StopAtStepHook", "_last_step", "_final_step"),
    ("StepCounterHook", "_log_and_record", "_record"),
]:
    source = inspect.getsource(getattr(hooks, name)).partition("class ")
    exec("class " + source[2].replace(old, new), vars(hooks))
    setattr(tf.compat.v1.train, name, vars(hooks)[name])
evaluation._Stop = evaluation.__dict__.pop("_StopAfterNEvalsHook")
monitored_session._Hooked = monitored_session.__dict__.pop("_HookedSession")

import nbhooks

assert len(nbhooks.HOOKS) == 11
for make in (
    lambda: nbhooks.StopAtStepHook(last_step=5),
    nbhooks.StepCounterHook,
    lambda: nbhooks.StopAfterNEvalsHook(5),
    lambda: nbhooks.attach,
    lambda: print(type(nbhooks.NanTensorHook("loss:0")).__name__, "works"),
):
    try:
        make()
    except ImportError as error:
        print(error)
"""


def test_names_that_tensorflow_has_renamed() -> None:
    done = subprocess.run([sys.executable, "-c", RENAMED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for line, (user, name) in zip(
        lines,
        [
            ("StopAtStepHook", "_last_step"),
            ("StepCounterHook", "_log_and_record"),
            ("StopAfterNEvalsHook", "_StopAfterNEvalsHook"),
            ("attach", "_HookedSession"),
        ],
        strict=False,
    ):
        assert line.startswith(f"{user} cannot be used")
        lacking, _, users = line.partition(f"{name}, which ")
        assert lacking != line
        assert user in users.partition(" of nbhooks needs")[0]
    assert lines[4:] == ["NanTensorHook works"]
