"""Alerts from the user's own hooks: alert() shows one on the board."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING

from nbhooks.hooks._tensorflow import tf
from nbhooks.hooks.base import global_step_of
from nbhooks.model import registry
from nbhooks.model.events import Alert
from nbhooks.model.kinds import AlertLevel

if TYPE_CHECKING:
    from typing import Literal

    from nbhooks.model.recording import Recording


def alert(title: str, text: str = "", level: Literal["info", "warning", "error"] = "info") -> None:
    """Show an alert on the board of the default graph's session, from a hook of your own or from the loop.

    It is shown at once, and is a row of the board's `events` with kind ``"alert"``, the global step as it is
    then, and level, title and text as its detail. Of alerts with one title the board shows the latest. Where
    no session is watched it is warned once, and nothing else happens.

    Args:
        title: what it is about, in a few words.
        text: the rest.
        level: how urgent it is: ``"info"``, ``"warning"`` or ``"error"``.

    Raises:
        ValueError: if there is no such level.

    Example:
        >>> class Plateau(tf.compat.v1.train.SessionRunHook):
        ...     def before_run(self, run_context):
        ...         return tf.compat.v1.train.SessionRunArgs("loss:0")
        ...
        ...     def after_run(self, run_context, run_values):
        ...         if run_values.results > 10:
        ...             alert("the loss is large", f"it is {run_values.results:.3g}", level="warning")
    """
    try:
        known = AlertLevel(level)
    except ValueError as error:
        allowed = ", ".join(repr(one.value) for one in AlertLevel)
        raise ValueError(f"alert({str(title)!r}, …) takes a level of {allowed}, not {level!r}") from error
    graph = tf.compat.v1.get_default_graph()
    recording = registry.current(graph)
    if recording is None:
        warnings.warn(
            f"alert({str(title)!r}, …) found no session that has hooks of nbhooks: open one with "
            "nbhooks.MonitoredTrainingSession or with a hook of nbhooks, and call it while its graph is the "
            "default graph, in the thread that runs it",
            RuntimeWarning,
            stacklevel=2,
        )
        return
    recording.write(Alert(known, str(title), str(text), _step(recording, graph), time.time()))


def _step(recording: Recording, graph: tf.Graph) -> int | None:
    """Read the global step anew: what the hooks know may be that of a run before."""
    run_context, tensor = recording.run_context, global_step_of(graph)
    if run_context is None or tensor is None:
        return recording.step
    try:
        return int(run_context.session.run(tensor))
    except Exception:  # noqa: BLE001 - the session may be closed, or broken: an alert must not add to that
        return recording.step
