"""What every notebook-aware hook shares: it joins a session and reports to it without ever failing a run."""

from __future__ import annotations

import contextlib
import copy
import operator
import sys
import warnings
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, SupportsIndex

from nbhooks import frames
from nbhooks.hooks import instrument
from nbhooks.hooks._tensorflow import get_global_step_read, require, tf, train
from nbhooks.model import registry
from nbhooks.model.commands import Stop
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from typing_extensions import Self

    from nbhooks.hooks.instrument import Layer
    from nbhooks.model.record import Record
    from nbhooks.model.recording import Recording
    from nbhooks.model.sink import Sink
    from nbhooks.model.snapshot import Columns


EAGER = (
    "Eager execution is on, and session hooks need a graph: call tf.compat.v1.disable_eager_execution() "
    "before anything else, or build the model and open the session within `with tf.Graph().as_default():`."
)


LATE_RUN = (
    "nbhooks: the stop was requested by {by}. A loop that asks `while not session.should_stop():` ends "
    "without this error."
)

STATE = 2
"""Where the attributes stand in what `__reduce_ex__` returns."""

OF_A_SESSION = frozenset({"_joined", "_layers", "_recording", "_source", "_step_tensor"})
"""Attributes that a copy of a hook does not get: the class has a default for each."""


class NotebookHook(train.SessionRunHook):
    """Mixed in before a TensorFlow hook: the TensorFlow hook acts, this one reports.

    Everything is first done by TensorFlow's method, with TensorFlow's errors; what is reported afterwards
    happens under `_observe`, where an error is warned once and otherwise ignored.
    """

    kind: ClassVar[str]
    fetches_step: bool = False
    """Whether TensorFlow's hook fetches the global step in every run."""
    reports: ClassVar[type[Record]] = Scalar
    """The class of records that `to_pandas` makes a frame of."""
    stale_step: ClassVar[staticmethod[[Any], int]] = staticmethod(operator.index)
    """Finds the global step in what it fetched. `operator.index` takes a third of the time of `int`."""

    _dashboard: Sink | None = None
    _recording: Recording | None = None
    _source: str = ""
    _step_tensor: Any = None
    _joined: tuple[tuple[Recording, str], ...] = ()
    _layers: tuple[Layer, ...] = ()

    def __new__(cls, *_arguments: Any, **_named: Any) -> Self:
        """Check that TensorFlow has the private names that this hook needs."""
        require(*(base.__name__ for base in cls.__mro__))
        made: Self = super().__new__(cls)
        return made

    def begin(self) -> None:
        """Do as TensorFlow's hook, then join the session of the default graph.

        Raises:
            RuntimeError, ValueError: as TensorFlow's; where eager execution is on, they say what to do.
        """
        try:
            super().begin()
        except (RuntimeError, ValueError) as error:
            if type(error) in (RuntimeError, ValueError) and tf.executing_eagerly():
                raise type(error)(f"{error} {EAGER}") from error
            raise
        if tf.executing_eagerly():  # what TensorFlow says later names anything but the reason
            with contextlib.suppress(Warning):
                warnings.warn(EAGER, RuntimeWarning, stacklevel=2)
        if self._recording is not None and self._recording.present(self._source):
            self._recording.warn(
                f"{self._source} is in a session that is still open, and now in another, too. "
                "It belongs to the new one from here on: make a hook for each session, and close each session"
            )
            self._observe(self._leave_behind)
        self._release()
        self._recording = None
        self._observe(self._join)

    def _join(self) -> None:
        recording = registry.join(tf.compat.v1.get_default_graph(), self._dashboard)
        fetches_step = self.fetches_step and self._untouched()
        self._source = recording.join(
            self.kind, type(self).__name__, fetches_step=fetches_step, **self._announce()
        )
        self._recording = recording
        self._joined = (*self._joined, (recording, self._source))

    def _announce(self) -> dict[str, object]:
        """Return what is known before the first run."""
        return {}

    def after_create_session(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        """Note that an attempt begins, then do as TensorFlow's hook. Like that, it needs no coordinator."""
        self._observe(self._begin_attempt, session, coord)
        try:
            super().after_create_session(session, coord)
        except BaseException as error:
            self._observe(self._record_death, error)
            raise

    def _begin_attempt(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        if self._recording is None:
            return
        self._release()
        self._step_tensor = global_step_of(session.graph)
        read = self._reader(session)
        recording = self._recording
        recording.begin_attempt(coord, self._source, read, session)
        recording.at_release(partial(self._release_from, recording))
        if not recording.leader:
            self._wrap("before_run", self._lead(recording, read))  # which raises where it takes no layer
            recording.leader = self._source
            recording.control.handle(Stop, stop_handler(recording, coord))
        if self.fetches_step and self._untouched() and recording.provides_step(self._source):
            self._wrap("after_run", self._provide_step(recording, read))

    def _record_death(self, error: BaseException) -> None:
        self._release()
        if self._recording is not None:
            self._recording.die(error)

    def end(self, session: tf.compat.v1.Session) -> None:
        """Do as TensorFlow's hook, then leave the session."""
        self._observe(self._write_pending, session)
        super().end(session)
        self._observe(self._leave, session)

    def _leave(self, session: tf.compat.v1.Session) -> None:
        self._remove_layers()
        self._write_pending(session)
        if self._recording is not None:
            self._recording.leave(self._source)

    def _write_pending(self, session: tf.compat.v1.Session) -> None:
        if self._recording is not None:
            self._recording.write_pending(partial(self._read_step, session))

    def _leave_behind(self) -> None:
        """Write what is pending of the session that is left behind: no later run does."""
        if self._recording is not None and self._recording.run_context is not None:
            self._write_pending(self._recording.run_context.session)

    def _read_step(self, session: tf.compat.v1.Session) -> int | None:
        return None if self._step_tensor is None else int(session.run(self._step_tensor))

    def _reader(self, session: tf.compat.v1.Session) -> Callable[[], int | None]:
        """Make a function that reads the global step and does not keep the session alive."""
        weakly = weakref.ref(session)

        def read() -> int | None:
            alive = weakly()
            return None if alive is None else self._read_step(alive)

        return read

    def _release_from(self, recording: Recording) -> None:
        """Do `_release` at the end of a session, unless the hook is in another one by then."""
        if self._recording is recording:
            self._release()

    def _release(self) -> None:
        """Drop what belongs to one TensorFlow session. May come at any time, so it must take no lock."""
        self._remove_layers()
        self._step_tensor = None

    # In the run. A frame more in each of five hooks would cost a small model two per cent of its speed. So
    # what one hook does for all is a layer around the method of that one, its user's included.

    def _wrap(self, name: str, make: Callable[[Layer], Any]) -> None:
        self._layers = (*self._layers, instrument.wrap(self, name, make))

    def _remove_layers(self) -> None:
        for layer in self._layers:
            layer.remove()
        self._layers = ()

    def _lead(self, recording: Recording, read: Callable[[], int | None]) -> Callable[[Layer], Any]:
        """Report when a run begins; the first hook of a session does."""
        pending, control, lifecycle = recording.pending, recording.control, recording.lifecycle
        queue, running = control.queue, Phase.RUNNING

        def make(layer: Layer) -> Any:
            def led(run_context: train.SessionRunContext) -> Any:
                if layer.live:
                    try:
                        if (
                            pending
                            or queue
                            or recording.hold is not None
                            or lifecycle.phase is not running
                            or (control.poll is not None and control.clock() >= control.poll_due)
                        ):
                            recording.begin_run(run_context, read)
                        else:
                            recording.run_context = run_context
                    except Exception as error:  # noqa: BLE001 - as in _observe, without its frame
                        recording.report_fault(self._source, error)
                return layer.below(run_context)

            return led

        return make

    def _provide_step(self, recording: Recording, read: Callable[[], int | None]) -> Callable[[Layer], Any]:
        """Report what was fetched for the global step; one that fetches it anyway does."""
        stale_step = self.stale_step

        def make(layer: Layer) -> Any:
            def providing(run_context: train.SessionRunContext, run_values: train.SessionRunValues) -> None:
                layer.below(run_context, run_values)
                if layer.live:
                    try:
                        recording.global_step.after(run_context, stale_step(run_values.results), read)
                    except Exception as error:  # noqa: BLE001 - as in _observe, without its frame
                        recording.report_fault(self._source, error)

            return providing

        return make

    def _untouched(self) -> bool:
        """Whether the methods that see what is fetched are this package's or TensorFlow's."""
        return all(
            instrument.own(self, name) is instrument.MISSING
            and _package_of(getattr(type(self), name)) in {"nbhooks", "tensorflow"}
            for name in ("before_run", "after_run")
        )

    # Copies

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        """Copy and pickle what TensorFlow's hook has: a copy has been in no session and has no layers."""
        reduced: str | tuple[Any, ...] = super().__reduce_ex__(protocol)
        if isinstance(reduced, str) or len(reduced) <= STATE:
            return reduced
        state = reduced[STATE]
        # Of a class with slots it is two: what __dict__ holds, and what they hold.
        copied = tuple(map(self._copied, state)) if isinstance(state, tuple) else self._copied(state)
        return (*reduced[:STATE], copied, *reduced[STATE + 1 :])

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy deeply, but for the dashboard: the copy is shown where this hook is."""
        memo[id(self._dashboard)] = self._dashboard
        twin = memo[id(self)] = copy.copy(self)
        twin.__dict__.update(copy.deepcopy(twin.__dict__, memo))
        return twin

    def _copied(self, state: Any) -> Any:
        if not isinstance(state, dict):
            return state  # none, or what the user's class makes of it
        kept = instrument.own_attributes(state)
        return {**{name: value for name, value in kept.items() if name not in OF_A_SESSION}, **self._afresh()}

    def _afresh(self) -> dict[str, Any]:
        """Give the attributes that a copy begins with, where the class has no default for them."""
        return {}

    def to_pandas(self) -> pd.DataFrame:
        """Give everything that this hook has reported a row, scalars unless its class says otherwise.

        Returns:
            Of scalars the columns run, tag, step, wall_time, value, session and orphaned, as in
            `nbhooks.frames.of_points`.

        Raises:
            RuntimeError: if it has never been in a session.
        """
        return frames.live(self.reports, self._columns())

    def _check_joined(self) -> None:
        if not self._joined:
            name = type(self).__name__
            raise RuntimeError(
                f"this {name} has not been in any session yet, so there is nothing to show. Give it to the "
                f"session that is to be watched, as in nbhooks.MonitoredTrainingSession(hooks=[...])."
            )

    def _columns(self) -> list[Columns]:
        """Copy what this hook reported to each session it has been in."""
        self._check_joined()
        return [recording.store.columns(source) for recording, source in self._joined]

    # Reporting

    def _write(self, record: Record) -> None:
        if self._recording is not None:
            self._recording.write(record)

    def _observe(self, report: Callable[..., object], *arguments: object) -> None:
        """Call `report`; what it raises is warned of once and does not reach the training."""
        try:
            report(*arguments)
        except Exception as error:  # noqa: BLE001 - watching a run must not end it
            if self._recording is not None:
                self._recording.report_fault(self._source or type(self).__name__, error)

    def _record_stop(self) -> None:
        """Note that this hook asked for the stop."""
        if self._recording is not None:
            self._recording.record_stop(self._source, self._recording.step)


class SteppedHook(NotebookHook):
    """Mixed in before a TensorFlow hook that does not fetch the global step: does so where nobody else does.

    Who looks at what is fetched must not find one more. So it is not fetched where a subclass has a
    `before_run` or an `after_run` of its own; the step is then read when it is needed.
    """

    every_run: ClassVar[bool] = False
    """Whether TensorFlow's hook fetches something in every run, and so knows the step of each."""

    _beside: bool = False

    def begin(self) -> None:
        """Do as TensorFlow's hook, then join the session of the default graph."""
        self._beside = False
        super().begin()

    def _begin_attempt(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator | None) -> None:
        super()._begin_attempt(session, coord)
        if self._recording is None or self._step_tensor is None or not self._untouched():
            return
        if self._beside or not self._recording.step_is_fetched:  # again after a recovery
            self._beside = True
            self._recording.step_is_fetched = self._recording.step_is_fetched or self.every_run
            self._fetch_beside(self._recording, self._reader(session))

    def _fetch_beside(self, recording: Recording, read: Callable[[], int | None]) -> None:
        step_tensor, beside, alone = self._step_tensor, False, False
        attributes = self.__dict__
        layers: tuple[Layer, ...] = ()
        outermost: tuple[Any, Any] = (None, None)

        def make_asking(layer: Layer) -> Any:
            def asking(run_context: train.SessionRunContext) -> train.SessionRunArgs | None:
                nonlocal beside, alone, outermost
                request, beside = layer.below(run_context), False
                if request is None or request.fetches is None:
                    return request
                now = attributes.get("before_run"), attributes.get("after_run")
                if now[0] is not outermost[0] or now[1] is not outermost[1]:
                    # Since the last run the user, or a layer, has come or gone.
                    outermost, alone = now, all(each.uncovered for each in layers)
                beside = alone
                return request._replace(fetches=[request.fetches, step_tensor]) if beside else request

            return asking

        def make_answered(layer: Layer) -> Any:
            def answered(run_context: train.SessionRunContext, run_values: train.SessionRunValues) -> None:
                nonlocal beside
                if beside:
                    beside = False
                    results, stale = run_values.results
                    run_values = run_values._replace(results=results)
                    self._observe(recording.global_step.after, run_context, operator.index(stale), read)
                layer.below(run_context, run_values)

            return answered

        self._wrap("after_run", make_answered)
        self._wrap("before_run", make_asking)
        layers = self._layers[-2:]


def _package_of(method: Any) -> str:
    return str(getattr(method, "__module__", "")).partition(".")[0]


def stop_handler(recording: Recording, coord: tf.train.Coordinator | None) -> Callable[[Stop], None]:
    """Make what carries out a `Stop`; it does not keep the coordinator alive.

    A loop that does not ask ``should_stop()`` runs into TensorFlow's "Run called even after should_stop
    requested". The error then has a note that says what requested the stop, as shown from Python 3.11 on.
    """
    coordinator = (lambda: None) if coord is None else weakref.ref(coord)

    def stop(_: Stop) -> None:
        by = recording.control.by
        recording.request_stop(by)
        alive = coordinator()
        if alive is not None:
            layer = instrument.wrap(alive, "raise_requested_exception", partial(_annotate_late_run, by))
            recording.at_release(partial(_remove, weakref.ref(layer)))

    return stop


def _remove(reference: weakref.ref[Layer]) -> None:
    layer = reference()
    if layer is not None:
        layer.remove()


def _annotate_late_run(by: str, layer: Layer) -> Any:
    """Add a note to the error of a run after the stop; TensorFlow calls this for every error of a run."""

    def annotating(*arguments: Any, **named: Any) -> Any:
        error, below = sys.exc_info()[1], layer.below
        if layer.live and isinstance(error, RuntimeError) and "should_stop" in str(error):
            with contextlib.suppress(AttributeError):  # before Python 3.11
                error.add_note(LATE_RUN.format(by=by))
            layer.remove()  # else the coordinator would hold itself
        return below(*arguments, **named)

    return annotating


def step_in_dict(results: Any) -> int:
    """Find the global step where a hook fetches it among others, as two of TensorFlow's do."""
    return operator.index(results["global_step"])


def global_step_of(graph: tf.Graph) -> Any:
    """Find what to fetch for the global step, without adding to the graph; None where there is none.

    TensorFlow's hooks add one tensor that reads the step and share it. Where none of them has, the
    variable itself does. What TensorFlow does not take for a global step is none: of its hooks those that
    need no step run without a word where there are two, or where one is of another type.
    """
    read = get_global_step_read(graph)
    if read is not None:
        return read
    if len(graph.get_collection(tf.compat.v1.GraphKeys.GLOBAL_STEP)) > 1:
        return None
    try:
        return train.get_global_step(graph)
    except TypeError:
        return None
