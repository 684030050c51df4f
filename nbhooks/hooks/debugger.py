"""Pause, step, watch, break and change a running session: NotebookDebugHook."""

from __future__ import annotations

import operator
import threading
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from nbhooks import frames
from nbhooks.hooks import elements, instrument
from nbhooks.hooks._tensorflow import tf, train
from nbhooks.hooks.base import NotebookHook
from nbhooks.hooks.debug_session import DebugSession, check_numeric
from nbhooks.hooks.name_index import NameIndex
from nbhooks.hooks.run_in_thread import attended_from_main
from nbhooks.hooks.turns import text_of
from nbhooks.model import commands, registry
from nbhooks.model.armed_conditions import ArmedConditions
from nbhooks.model.commands import RefusedError
from nbhooks.model.conditions import Condition
from nbhooks.model.kinds import SourceKind
from nbhooks.model.stepping import Stepping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy.typing as npt
    import pandas as pd

    from nbhooks.hooks.instrument import Layer
    from nbhooks.model.commands import Command
    from nbhooks.model.sink import Sink

EVERY = 0.1
"""Seconds from one look at whether the session is still there to the next, for a thread that waits for it."""


def _nothing() -> None:
    """Stand for a layer that is not there."""


class NotebookDebugHook(NotebookHook):
    """Controls for a running session: on its board, and as methods that any thread may call.

    A command takes effect between two runs, in the order in which it was given. While the session is paused
    the hooks wait before a run, within the first notebook-aware hook's ``before_run``; where no run comes any
    more, they wait in ``end``, the session open. A method that is called on the thread that trains acts at
    once, as within `on_pause` or between two runs of your own loop; on another thread it waits until the
    training thread has carried it out, and raises what that raised.

    Unused it adds nothing to a run, but for the global step where no other hook fetches it.

    Args:
        watch: a tensor or its name, or several, to watch from the first run on.
        break_on: a condition, or several, to pause at: `break_when`, `break_at`, `break_on_nonfinite`,
            `break_on_error`, `break_if`.
        start_paused: whether to pause before the first run.
        on_pause: called with the hook where a pause would wait for nobody: no page shows the board, and no
            other thread has called the hook. Without it training goes on then, and the pause is recorded.
        checkpoint_dir: where to save to; by default where the session's CheckpointSaverHook saves to.
        dashboard: where to show it; the cell's own dashboard by default.

    Raises:
        TypeError: for an argument of another type.

    Example:
        >>> hook = NotebookDebugHook(watch="loss", break_on=break_when("loss", ">", 3))  # doctest: +SKIP
        >>> with MonitoredTrainingSession(hooks=[hook]) as session:  # doctest: +SKIP
        ...     while not session.should_stop():
        ...         session.run(train_op)
    """

    kind = SourceKind.DEBUG

    _session: DebugSession | None = None
    _thread: threading.Thread | None = None
    """The thread that trains."""
    _around: Callable[[], Layer | None] = staticmethod(_nothing)

    def __init__(
        self,
        watch: Any = None,
        break_on: Condition | Iterable[Condition] | None = None,
        *,
        start_paused: bool = False,
        on_pause: Callable[[NotebookDebugHook], object] | None = None,
        checkpoint_dir: str | None = None,
        dashboard: Sink | None = None,
    ) -> None:
        """Take what to watch and where to pause."""
        if on_pause is not None and not callable(on_pause):
            raise TypeError(f"on_pause takes a function that is given the hook, not {on_pause!r}")
        self._watched: tuple[str, ...] = _names(watch)
        self._armed = ArmedConditions(_conditions(break_on))
        self._fed: dict[str, npt.NDArray[Any]] = {}
        self._start_paused = start_paused
        self._on_pause = on_pause
        self._checkpoint_dir = checkpoint_dir
        self._dashboard = dashboard
        self._stepping = Stepping()
        self._callers: weakref.WeakSet[threading.Thread] = weakref.WeakSet()

    # What a person asks for

    def pause(self) -> None:
        """Pause before the next run.

        Raises:
            RuntimeError: if the hook is in no session, or its session has ended; as every method here.
        """
        self._ask(commands.Pause())

    def step(self, count: int = 1) -> None:
        """Make some runs through the hooks, then pause. What ``run_step_fn`` runs by itself does not count.

        Args:
            count: how many runs. Steps that are still to be made add up.

        Raises:
            ValueError: if it is less than 1.
            TypeError: if it is no whole number.
        """
        whole = _whole("step", count)
        if whole < 1:
            raise ValueError(f"step() makes at least 1 run, not {whole}; resume() runs on")
        self._ask(commands.Step(whole))

    def until_step(self, step: int) -> None:
        """Run until a global step is reached, then pause.

        Args:
            step: the global step, beyond the one at hand.

        Raises:
            TypeError: if it is no whole number.
        """
        self._ask(commands.UntilStep(_whole("until_step", step)))

    def resume(self) -> None:
        """Run on."""
        self._ask(commands.Resume())

    def stop(self) -> None:
        """End the session as ``run_context.request_stop()`` does. A run that has begun is still made."""
        self._ask(commands.Stop())

    def save(self) -> None:
        """Write a checkpoint, as the session's CheckpointSaverHook does; its listeners are called too.

        Raises:
            RuntimeError: if there is none, and no `checkpoint_dir` was given.
        """
        self._ask(commands.Save())

    def watch(self, tensor: Any) -> None:
        """Fetch a tensor with every run from now on, and show its values.

        Only what a run computes anyway is fetched: what its own fetches need, outside loops and branches.

        Args:
            tensor: or its name, or a variable.

        Raises:
            RuntimeError: if the latest run could not give its value; the message says why.
        """
        self._ask(commands.Watch(_name(tensor)))

    def unwatch(self, tensor: Any) -> None:
        """Watch a tensor no more.

        Args:
            tensor: or its name.
        """
        self._ask(commands.Unwatch(_name(tensor)))

    def set(self, name: Any, value: Any) -> None:
        """Load a variable with a value, or feed another tensor with it from the next run on.

        A learning rate that is a constant is such a tensor.

        Args:
            name: of the variable or the tensor, or either itself.
            value: of its shape, and of a type that it can hold.

        Raises:
            RuntimeError: if it does not fit, or if the program feeds the tensor by itself.
        """
        named = _name(name)
        shown = value if isinstance(value, (bool, int, float, str)) else text_of(value)
        self._ask(commands.SetValue(named, shown), lambda session: session.set(named, value))

    def unset(self, name: Any) -> None:
        """Feed a tensor no more, so that it has its own value again.

        Args:
            name: as of `set`.
        """
        self._ask(commands.Unset(_name(name)))

    def eval(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        """Evaluate what the graph has, between two runs and without moving it.

        Args:
            fetches: as ``session.run`` takes them.
            feed_dict: what to feed; by default what the latest run was fed with.

        Returns:
            As ``session.run`` does.

        Raises:
            RuntimeError: if it would draw from an iterator, assign to a variable or change another state; the
                message names the operation.
        """
        return self._ask(
            commands.Evaluate(_fetched(fetches)), lambda session: session.evaluate(fetches, feed_dict)
        )

    def add_condition(self, condition: Condition | str) -> None:
        """Pause whenever a condition holds after a run.

        Args:
            condition: or its text, as in ``"loss > 3"``.

        Raises:
            RuntimeError: if it needs a tensor that is not there, or whose values are no numbers.
        """
        self._ask(commands.AddCondition(_checked(condition)))

    def remove_condition(self, condition: Condition | str) -> None:
        """Undo `add_condition`, or take out one of `break_on`.

        Args:
            condition: or its text.
        """
        self._ask(commands.RemoveCondition(_checked(condition)))

    def history(self) -> pd.DataFrame:
        """Give every command a row, however it was given.

        Returns:
            Columns step, wall_time, command, by, outcome (``done``, ``refused`` or ``failed``) and reason.
        """
        return frames.history(entry for recording, _ in self._joined for entry in recording.control.history)

    @property
    def paused(self) -> bool:
        """Whether the session is paused."""
        session = self._session
        return session is not None and session.paused

    @property
    def reason(self) -> str:
        """Why the session is paused, in words, or was last."""
        session = self._session
        return "" if session is None else session.reason

    @property
    def global_step(self) -> int | None:
        """The latest global step known, which is exact while the session is paused."""
        return None if self._recording is None else self._recording.step

    def _ask(self, command: Command, act: Callable[[DebugSession], Any] | None = None) -> Any:
        recording = self._recording
        if recording is None or self._thread is None:
            raise RuntimeError(
                f"{command} cannot be carried out: this NotebookDebugHook is in no session yet. Give it to "
                "one, as in nbhooks.MonitoredTrainingSession(hooks=[hook])"
            )
        here = threading.current_thread() is self._thread
        if not here:
            self._callers.add(threading.current_thread())
        submission = recording.control.submit(command, act=act and partial(self._act, act))
        if here:
            recording.control.carry_out()
        while not submission.wait(EVERY):
            if recording.lost or not self._thread.is_alive():
                recording.control.release()
        return submission.outcome()

    def _handle(self, command: Command) -> None:
        if self._session is None:
            raise RefusedError("the session has ended")
        self._session.handle(command)

    def _act(self, act: Callable[[DebugSession], Any]) -> Any:
        if self._session is None:
            raise RefusedError("the session has ended")
        return self._session.carry_out(act, self._session)

    def _attended(self) -> bool:
        """Whether somebody is there during a pause."""
        recording = self._recording
        if recording is not None and recording.control.live():
            return True
        if attended_from_main():
            return True
        here = threading.current_thread()
        return any(thread is not here and thread.is_alive() for thread in self._callers)

    # In the session

    def begin(self) -> None:
        """Join the session of the default graph, and check what was named.

        Raises:
            ValueError: if there is another debugger, or no tensor of a name.
        """
        graph = tf.compat.v1.get_default_graph()
        recording = registry.current(graph)
        if recording is not None and recording.joinable and recording.debugger:
            raise ValueError(
                "this session has a NotebookDebugHook already, and takes one: leave one out, and debug=True "
                "where a hook is given"
            )
        try:
            for name in self._watched:
                elements.tensor_of(graph, name)
            for condition in self._armed:
                for name in condition.names:
                    check_numeric(condition, name, elements.values_of(graph, name)[0])
        except RefusedError as refused:
            raise ValueError(f"NotebookDebugHook: {refused}") from refused
        self._stepping.resume()
        super().begin()

    def _join(self) -> None:
        super()._join()
        if self._recording is not None:
            self._recording.debugger = self._source
            self._recording.complete = NameIndex(tf.compat.v1.get_default_graph()).find
        if self._start_paused:
            self._stepping.pause("before the first run")

    def _begin_attempt(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        super()._begin_attempt(session, coord)
        recording = self._recording
        if recording is None:
            return
        self._thread = threading.current_thread()
        debugged = DebugSession(
            graph=session.graph,
            recording=recording,
            source=self._source,
            session=weakref.ref(session),
            read=self._reader(session),
            stepping=self._stepping,
            armed=self._armed,
            attended=self._attended,
            on_pause=None if self._on_pause is None else partial(self._on_pause, self),
            directory=self._checkpoint_dir,
        )
        if self._step_tensor is not None and not recording.step_is_fetched:
            debugged.step_tensor, recording.step_is_fetched = self._step_tensor, True
        for name in self._watched:
            debugged.watches.add(name)
        for name, value in self._fed.items():
            debugged.set(name, value)
        self._session = debugged
        for kind in debugged.kinds:
            recording.control.handle(kind, self._handle)
        debugged.connect()
        # Weakly: the session holds its layer, and a layer its session, which this hook must not keep alive.
        self._around = weakref.ref(instrument.wrap(session, "run", debugged.probe.layer))

    def before_run(self, run_context: train.SessionRunContext) -> None:  # noqa: ARG002
        """Note the thread that trains; the pause is in the layer over the first hook's method."""
        self._thread = threading.current_thread()

    def end(self, session: tf.compat.v1.Session) -> None:
        """Pause where a pause is due and no run comes any more, then leave the session."""
        self._observe(self._pause_at_end, session)
        super().end(session)

    def _pause_at_end(self, session: tf.compat.v1.Session) -> None:
        self._write_pending(session)
        if self._session is not None:
            self._session.close()

    def _leave(self, session: tf.compat.v1.Session) -> None:
        super()._leave(session)
        self._release()

    def _release(self) -> None:
        super()._release()
        session, self._session = self._session, None
        around, self._around = self._around, _nothing
        layer = around()
        if layer is not None:
            layer.remove()
        if session is not None:
            session.disconnect()
            self._watched = tuple(session.watches)
            self._fed = {name: value for name, (_, value) in session.given.fed.items()}

    def _afresh(self) -> dict[str, Any]:
        return {
            "_session": None,
            "_thread": None,
            "_stepping": Stepping(),
            "_armed": ArmedConditions(self._armed),
            "_callers": weakref.WeakSet(),
            "_around": _nothing,
        }


def with_debugger(
    hooks: Iterable[train.SessionRunHook], others: Iterable[train.SessionRunHook] | None = ()
) -> list[train.SessionRunHook]:
    """Return the hooks, and before them a debugger where there is none.

    Args:
        hooks: of a session.
        others: further ones of it.
    """
    listed = list(hooks)
    if any(isinstance(hook, NotebookDebugHook) for hook in (*listed, *(others or ()))):
        return listed
    return [NotebookDebugHook(), *listed]


def _names(watch: Any) -> tuple[str, ...]:
    if watch is None:
        return ()
    several = isinstance(watch, (list, tuple, set, frozenset))
    return tuple(_name(tensor) for tensor in (watch if several else (watch,)))


def _name(tensor: Any) -> str:
    name = getattr(tensor, "name", tensor)
    if not isinstance(name, str) or not name:
        raise TypeError(f"a tensor or its name is needed, not {tensor!r}")
    return name


def _conditions(break_on: Condition | Iterable[Condition] | None) -> list[Condition]:
    if break_on is None:
        return []
    several = [break_on] if isinstance(break_on, (Condition, str)) else list(break_on)
    for condition in several:
        if not isinstance(condition, Condition):
            raise TypeError(f"break_on takes conditions, as break_when('loss', '>', 3), not {condition!r}")
    return several


def _checked(condition: Condition | str) -> Condition | str:
    if not isinstance(condition, (Condition, str)):
        raise TypeError(f"a condition such as break_when('loss', '>', 3) is needed, not {condition!r}")
    return condition


def _whole(method: str, number: int) -> int:
    try:
        return operator.index(number)
    except TypeError:
        raise TypeError(f"{method}() takes a whole number, not {number!r}") from None


def _fetched(fetches: Any) -> tuple[str, ...]:
    return tuple(str(getattr(leaf, "name", leaf)) for leaf in tf.nest.flatten(fetches))
