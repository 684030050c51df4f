"""In a kernel: after an error, session and graph are gone, and a hook's own methods are back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from page import Page

pytestmark = [pytest.mark.kernel, pytest.mark.tensorflow]

PROLOGUE = """
import gc, weakref
import nbhooks

def mine(run_context):
    return None

def fails(hooks, found):
    with tf.Graph().as_default() as graph:
        step = tf.compat.v1.train.get_or_create_global_step()
        x = tf.compat.v1.placeholder_with_default(1.0, [], name="x")
        loss = tf.debugging.check_numerics(x, "broken")
        op = tf.group(loss, tf.compat.v1.assign_add(step, 1))
        hooks += [nbhooks.NanTensorHook(loss), nbhooks.StepCounterHook(1), nbhooks.FeedFnHook(dict)]
        hooks[2].before_run = mine
        with tf.compat.v1.train.MonitoredTrainingSession(hooks=hooks) as session:
            found += [weakref.ref(session._tf_sess()), weakref.ref(graph)]
            session.run(op)
            session.run(op, {x: float("nan")})

def methods(hooks):
    return [sorted({"before_run", "after_run"} & set(vars(hook))) for hook in hooks]
"""
CAUGHT = """
def catches(found):
    hooks = []
    try:
        fails(hooks, found)
    except tf.errors.InvalidArgumentError:
        pass
    return methods(hooks), hooks[2].before_run is mine

found = []
left, given = catches(found)
"""


def test_session_and_graph_are_gone_after_an_error_that_was_caught(page: Page) -> None:
    page.run(PROLOGUE)
    page.run(CAUGHT)
    assert page.value("gc.collect() and 0, [one() for one in found], left, given") == (
        "0 [None, None] [[], [], ['before_run']] True"
    )


def test_methods_are_given_back_after_a_cell_that_raises(page: Page) -> None:
    """IPython keeps its traceback, and with that the session: the end of the cell gives them back."""
    page.run(PROLOGUE)
    result = page.ended("kept = []\nfails(kept, [])")
    assert result.error is not None
    assert result.error[0] == "InvalidArgumentError"
    assert page.value("methods(kept), kept[2].before_run is mine") == "[[], [], ['before_run']] True"
