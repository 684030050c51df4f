"""A small training under a debugger, and a script of what to do at each pause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

import nbhooks
from nbhooks.model.debugging import Debugging

if TYPE_CHECKING:
    from collections.abc import Callable

v1 = tf.compat.v1


class Script:
    """What to do at each pause where nobody is there: the first act at the first one, and so on.

    Attributes:
        pauses: the global step and the reason of each.
    """

    def __init__(self, *acts: Callable[[Any], object]) -> None:
        self.pauses: list[tuple[int | None, str]] = []
        self._acts = list(acts)

    def __call__(self, hook: nbhooks.NotebookDebugHook) -> None:
        assert hook.paused
        self.pauses.append((hook.global_step, hook.reason))
        if self._acts:
            self._acts.pop(0)(hook)

    @property
    def steps(self) -> list[int | None]:
        return [step for step, _ in self.pauses]

    @property
    def reasons(self) -> list[str]:
        return [reason for _, reason in self.pauses]


def build(rate: float = 0.125) -> tuple[Any, Any]:
    """Build a model with one weight in the default graph: what trains it, and its loss before the update."""
    step = v1.train.get_or_create_global_step()
    x = v1.placeholder_with_default(1.0, [], name="x")
    w = v1.get_variable("w", initializer=1.0, use_resource=True)
    loss = tf.square(w * x - 3.0, name="loss")
    with tf.control_dependencies([loss]):
        train = v1.train.GradientDescentOptimizer(rate).minimize(loss, global_step=step, name="train")
    return train, loss


def train(hooks: list[Any], fetches: Any = ("train", "loss:0"), last: int = 6, **options: Any) -> list[Any]:
    """Train in the default graph until a step, or until a hook asks for a stop; return what the runs gave."""
    graph = v1.get_default_graph()
    asked = [graph.as_graph_element(name) for name in fetches]
    hooks = [*hooks, v1.train.StopAtStepHook(last_step=last)]
    given = []
    with nbhooks.MonitoredTrainingSession(hooks=hooks, **options) as session:
        while not session.should_stop():
            given.append(session.run(asked))
    return given


def state(hook: nbhooks.NotebookDebugHook) -> Debugging:
    """What the hook has reported last."""
    recording, source = hook._joined[-1]
    view = next(view for view in recording.store.snapshot().sources if view.source == source)
    latest = view.latest(Debugging)
    assert latest is not None
    return latest


def events(hook: nbhooks.NotebookDebugHook, kind: str) -> list[str]:
    """The details of the events of a kind, in order."""
    from nbhooks import frames
    from nbhooks.model.events import Event

    frame = frames.live(Event, [recording.store.columns() for recording, _ in hook._joined])
    return frame[frame["kind"] == kind]["detail"].tolist()
