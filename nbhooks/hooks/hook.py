"""What every notebook-aware hook shares: it joins a session and reports to it without ever failing a run."""

from __future__ import annotations

import contextlib
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from nbhooks import frames, sessions
from nbhooks.hooks._tensorflow import tf, train, training_util

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from nbhooks.records import Record, Sink
    from nbhooks.sessions import Session
    from nbhooks.store import Columns


EAGER = (
    "Eager execution is on, and session hooks need a graph: call tf.compat.v1.disable_eager_execution() "
    "before anything else, or build the model and open the session within `with tf.Graph().as_default():`."
)


class NotebookHook(train.SessionRunHook):
    """Mixed in before a TensorFlow hook: the TensorFlow hook acts, this one tells.

    Everything is first done by TensorFlow's method, with TensorFlow's errors; what is told afterwards
    happens under `_observe`, where an error is warned once and otherwise ignored.
    """

    kind: ClassVar[str]
    feeds: bool = False
    """Whether TensorFlow's hook fetches the global step in every run."""
    frame: ClassVar[staticmethod[[Sequence[Columns]], pd.DataFrame]] = staticmethod(frames.scalars)
    """Makes a frame of what it reported."""
    stale_step: ClassVar[staticmethod[[Any], int]] = staticmethod(int)
    """Finds the global step in what it fetched."""

    _dashboard: Sink | None = None
    _session: Session | None = None
    _source: str = ""
    _step_tensor: Any = None
    _joined: tuple[tuple[Session, str], ...] = ()
    _inserted: tuple[str, ...] = ()

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
        if self._session is not None and self._session.has(self._source):
            self._session.complain(
                f"{self._source} is in a session that is still open, and now in another, too. "
                "It belongs to the new one from here on: make a hook for each session, and close each session"
            )
            self._observe(self._tell_left)
        self._session = None
        self._observe(self._join)

    def _join(self) -> None:
        session = sessions.of(tf.compat.v1.get_default_graph(), self._dashboard)
        feeds = self.feeds and self._untouched()
        self._source = session.join(self.kind, type(self).__name__, feeds=feeds, **self._announce())
        self._session = session
        self._joined = (*self._joined, (session, self._source))

    def _announce(self) -> dict[str, object]:
        """Give what can be told before the first run."""
        return {}

    def after_create_session(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator) -> None:
        """Note that an attempt begins, then do as TensorFlow's hook."""
        self._observe(self._note_creation, session, coord)
        try:
            super().after_create_session(session, coord)
        except BaseException as error:
            self._observe(self._note_death, error)
            raise

    def _note_creation(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator) -> None:
        if self._session is None:
            return
        self._take_out()
        self._step_tensor = global_step_of(session.graph)
        untouched = self._untouched()
        read = partial(self._read_step, session)
        if self._session.created(coord, self._source, read):
            self._insert("before_run", self._lead(self._session, read, self.before_run))
        if self.feeds and untouched and self._session.feed_by(self._source):
            self._insert("after_run", self._feed(self._session, read, self.after_run))

    def _note_death(self, error: BaseException) -> None:
        self._take_out()
        if self._session is not None:
            self._session.died(error)

    def end(self, session: tf.compat.v1.Session) -> None:
        """Do as TensorFlow's hook, then leave the session."""
        self._observe(self._tell_held, session)
        super().end(session)
        self._observe(self._leave, session)

    def _leave(self, session: tf.compat.v1.Session) -> None:
        self._take_out()
        self._tell_held(session)
        if self._session is not None:
            self._session.leave(self._source)

    def _tell_held(self, session: tf.compat.v1.Session) -> None:
        if self._session is not None:
            self._session.tell_held(partial(self._read_step, session))

    def _tell_left(self) -> None:
        """Tell what the session that is left behind still holds: nobody will any more."""
        if self._session is not None and self._session.run_context is not None:
            self._tell_held(self._session.run_context.session)

    def _read_step(self, session: tf.compat.v1.Session) -> int | None:
        return None if self._step_tensor is None else int(session.run(self._step_tensor))

    # In the run. A frame more in each of five hooks would cost a small model two per cent of its speed. So
    # what one hook does for all is inserted into that one, around the method it has, its user's included.

    def _insert(self, name: str, method: Callable[..., Any]) -> None:
        setattr(self, name, method)
        self._inserted = (*self._inserted, name)

    def _take_out(self) -> None:
        for name in self._inserted:
            self.__dict__.pop(name, None)
        self._inserted = ()

    def _lead(
        self, watched: Session, read: Callable[[], int | None], before_run: Callable[..., Any]
    ) -> Callable[..., Any]:
        """Say when a run begins; the first hook of a session does."""

        def led(run_context: train.SessionRunContext) -> Any:
            try:
                if watched.idle():
                    watched.run_context = run_context
                else:
                    watched.run_begins(run_context, read)
            except Exception as error:  # noqa: BLE001 - as in _observe, without its frame
                watched.fault(self._source, error)
            return before_run(run_context)

        return led

    def _feed(
        self, watched: Session, read: Callable[[], int | None], after_run: Callable[..., Any]
    ) -> Callable[..., Any]:
        """Say what was fetched for the global step; one that fetches it anyway does."""
        stale_step = self.stale_step

        def feeding(run_context: train.SessionRunContext, run_values: train.SessionRunValues) -> None:
            after_run(run_context, run_values)
            try:
                watched.global_step.after(run_context, stale_step(run_values.results), read)
            except Exception as error:  # noqa: BLE001 - as in _observe, without its frame
                watched.fault(self._source, error)

        return feeding

    def _untouched(self) -> bool:
        """Whether the methods that see what is fetched are this package's or TensorFlow's."""
        return all(
            name not in vars(self)
            and getattr(type(self), name).__module__.partition(".")[0] in ("nbhooks", "tensorflow")
            for name in ("before_run", "after_run")
        )

    def to_pandas(self) -> pd.DataFrame:
        """Give everything that this hook has reported a row, scalars unless its class says otherwise.

        Returns:
            Of scalars the columns run, tag, step, wall_time, value, session and orphaned, as in
            `nbhooks.frames.scalars`.

        Raises:
            RuntimeError: if it has never been in a session.
        """
        return self.frame(self._columns())

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
        return [session.store.columns(source) for session, source in self._joined]

    # Telling

    def _tell(self, record: Record) -> None:
        if self._session is not None:
            self._session.write(record)

    def _observe(self, tell: Callable[..., object], *arguments: object) -> None:
        """Call `tell`; what it raises is warned once and does not reach the training."""
        try:
            tell(*arguments)
        except Exception as error:  # noqa: BLE001 - watching a run must not end it
            if self._session is not None:
                self._session.fault(self._source or type(self).__name__, error)

    def _note_stop(self) -> None:
        """Note that this hook asked for the stop."""
        if self._session is not None:
            self._session.stop_requested(self._source, self._session.step)


class SteppedHook(NotebookHook):
    """Mixed in before a TensorFlow hook that does not fetch the global step: does so where nobody else does.

    Who looks at what is fetched must not find one more. So it is not fetched where a subclass has a
    `before_run` or an `after_run` of its own; the step is then read when it is needed.
    """

    every_run: ClassVar[bool] = False
    """Whether TensorFlow's hook fetches something in every run, and so can tell the step of each."""

    _beside: bool = False

    def begin(self) -> None:
        """Do as TensorFlow's hook, then join the session of the default graph."""
        self._beside = False
        super().begin()

    def _note_creation(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator) -> None:
        self._take_out()
        untouched = self._untouched()
        super()._note_creation(session, coord)
        if self._session is None or self._step_tensor is None or not untouched:
            return
        if self._beside or not self._session.fed:  # again after a recovery
            self._beside = True
            self._session.fed = self._session.fed or self.every_run
            self._fetch_beside(self._session, partial(self._read_step, session))

    def _fetch_beside(self, watched: Session, read: Callable[[], int | None]) -> None:
        before_run, after_run, beside = self.before_run, self.after_run, False

        def asking(run_context: train.SessionRunContext) -> train.SessionRunArgs | None:
            nonlocal beside
            request = before_run(run_context)
            beside = request is not None and request.fetches is not None
            return request._replace(fetches=[request.fetches, self._step_tensor]) if beside else request

        def answered(run_context: train.SessionRunContext, run_values: train.SessionRunValues) -> None:
            if beside:
                results, stale = run_values.results
                run_values = run_values._replace(results=results)
                self._observe(watched.global_step.after, run_context, int(stale), read)
            after_run(run_context, run_values)

        self._insert("before_run", asking)
        self._insert("after_run", answered)


def step_in_dict(results: Any) -> int:
    """Find the global step where a hook fetches it among others, as two of TensorFlow's do."""
    return int(results["global_step"])


def global_step_of(graph: tf.Graph) -> Any:
    """Find what to fetch for the global step, without adding to the graph; None where there is none.

    TensorFlow's hooks add one tensor that reads the step and share it. Where none of them has, the
    variable itself does. What TensorFlow does not take for a global step is none: of its hooks those that
    need no step run without a word where there are two, or where one is of another type.
    """
    read = training_util._get_global_step_read(graph)  # noqa: SLF001 - TensorFlow keeps it under a private key
    if read is not None:
        return read
    if len(graph.get_collection(tf.compat.v1.GraphKeys.GLOBAL_STEP)) > 1:
        return None
    try:
        return train.get_global_step(graph)
    except TypeError:
        return None
