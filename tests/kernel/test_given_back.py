"""In a kernel: after a cell with an error, session and graph are gone, and a hook's own methods are back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from page import Page

pytestmark = [pytest.mark.kernel, pytest.mark.tensorflow]

CELL = """
import gc, weakref
import nbhooks

def fails():
    with tf.Graph().as_default() as graph:
        step = tf.compat.v1.train.get_or_create_global_step()
        x = tf.compat.v1.placeholder_with_default(1.0, [], name="x")
        loss = tf.debugging.check_numerics(x, "broken")
        op = tf.group(loss, tf.compat.v1.assign_add(step, 1))
        hooks = [nbhooks.NanTensorHook(loss), nbhooks.StepCounterHook(1), nbhooks.FeedFnHook(dict)]
        hooks[2].before_run = mine
        try:
            with tf.compat.v1.train.MonitoredSession(hooks=hooks) as session:
                found = [weakref.ref(session._tf_sess()), weakref.ref(graph)]
                session.run(op)
                session.run(op, {x: float("nan")})
        except tf.errors.InvalidArgumentError:
            pass
        return found, [dict(vars(hook)) for hook in hooks]

def mine(run_context):
    return None

found, attributes = fails()
left = [sorted({"before_run", "after_run"} & set(one)) for one in attributes]
given = attributes[2].get("before_run") is mine
del attributes
"""


def test_session_and_graph_are_gone_after_a_cell_with_an_error(page: Page) -> None:
    assert page.run(CELL).error is None
    assert page.value("gc.collect() and 0, [one() for one in found], left, given") == (
        "0 [None, None] [[], [], ['before_run']] True"
    )
