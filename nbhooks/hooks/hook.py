"""What every notebook-aware hook shares: it joins a session and reports to it without ever failing a run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from nbhooks import frames, sessions
from nbhooks.hooks._tensorflow import tf, train, training_util

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from nbhooks.records import Record, Sink
    from nbhooks.sessions import Session
    from nbhooks.store import Columns


class NotebookHook(train.SessionRunHook):
    """Mixed in before a TensorFlow hook: the TensorFlow hook acts, this one tells.

    Everything is first done by TensorFlow's method, with TensorFlow's errors; what is told afterwards
    happens under `_observe`, where an error is warned once and otherwise ignored.
    """

    kind: ClassVar[str]

    _dashboard: Sink | None = None
    _session: Session | None = None
    _source: str = ""
    _leads: bool = False
    _run_context: train.SessionRunContext | None = None
    _joined: tuple[tuple[Session, str], ...] = ()

    def begin(self) -> None:
        """Do as TensorFlow's hook, then join the session of the default graph."""
        super().begin()
        self._session = None
        self._observe(self._join)

    def _join(self) -> None:
        session = sessions.of(tf.compat.v1.get_default_graph(), self._dashboard)
        self._source = session.join(self.kind, type(self).__name__, **self._announce())
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
        if self._session is not None:
            tensor = global_step_of(session.graph)
            read = (lambda: None) if tensor is None else (lambda: int(session.run(tensor)))
            self._leads = self._session.created(coord, self._source, read)

    def _note_death(self, error: BaseException) -> None:
        if self._session is not None:
            self._session.died(error)

    def before_run(self, run_context: train.SessionRunContext) -> train.SessionRunArgs | None:
        """Let clicks in between two steps, then do as TensorFlow's hook."""
        if self._leads and self._session is not None:
            self._run_context = run_context
            self._session.runs()
            self._session.control.between_steps()
        return super().before_run(run_context)

    def end(self, session: tf.compat.v1.Session) -> None:
        """Do as TensorFlow's hook, then leave the session."""
        super().end(session)
        self._observe(self._leave)

    def _leave(self) -> None:
        run_context, self._run_context = self._run_context, None
        if self._session is not None:
            stopped = run_context is not None and run_context.stop_requested
            self._session.leave(self._source, stopped=stopped)

    def to_pandas(self) -> pd.DataFrame:
        """Give every scalar that this hook has reported a row.

        Returns:
            Columns run, tag, step, wall_time, value, session and orphaned, as in `nbhooks.frames.scalars`.
        """
        return frames.scalars(self._columns())

    def _columns(self) -> list[Columns]:
        """Copy what this hook reported to each session it has been in."""
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

    def _note_stop(self, run_context: train.SessionRunContext, before: bool) -> None:
        """Note that this hook asked for the stop, unless that was done `before` its turn."""
        if run_context.stop_requested and not before and self._session is not None:
            self._session.stop_requested(self._source, self._session.step)

    def _step_after(self, run_context: train.SessionRunContext, stale: Any, tensor: Any) -> int:
        """Tell the global step after the run.

        Args:
            run_context: of the run.
            stale: the value of `tensor` as fetched in it, None where it was not.
            tensor: the global step.
        """
        read = partial(_read, run_context.session, tensor)
        if self._session is None:
            return read()
        return self._session.global_step.after_run(run_context, None if stale is None else int(stale), read)


class SteppedHook(NotebookHook):
    """Mixed in before a TensorFlow hook that does not fetch the global step: fetches it beside.

    Who looks at the fetches must not find one more. So it is left out where a subclass has a `before_run` or
    an `after_run` of its own, and the step is then read anew when it is needed.
    """

    _step_tensor: Any = None
    _fetched_beside: bool = False

    def after_create_session(self, session: tf.compat.v1.Session, coord: tf.train.Coordinator) -> None:
        """Do as TensorFlow's hook; the graph is final, so the global step can be looked up."""
        super().after_create_session(session, coord)
        self._step_tensor = None
        self._observe(self._find_step, session.graph)

    def _find_step(self, graph: tf.Graph) -> None:
        self._step_tensor = global_step_of(graph)

    def before_run(self, run_context: train.SessionRunContext) -> train.SessionRunArgs | None:
        """Fetch what TensorFlow's hook fetches, and the global step beside it."""
        request = super().before_run(run_context)
        self._fetched_beside = (
            request is not None
            and request.fetches is not None
            and self._step_tensor is not None
            and self._untouched()
        )
        if request is None or not self._fetched_beside:
            return request
        return request._replace(fetches=[request.fetches, self._step_tensor])

    def _untouched(self) -> bool:
        """Whether the methods that see the fetches are those of this package."""
        return all(
            name not in vars(self) and getattr(type(self), name).__module__.startswith("nbhooks.")
            for name in ("before_run", "after_run")
        )

    def _apart(self, run_values: train.SessionRunValues) -> tuple[train.SessionRunValues, Any]:
        """Take the global step out of what was fetched; None where it was not in it."""
        if not self._fetched_beside:
            return run_values, None
        results, stale = run_values.results
        return run_values._replace(results=results), stale


def _read(session: tf.compat.v1.Session, tensor: Any) -> int:
    return int(session.run(tensor))


def global_step_of(graph: tf.Graph) -> Any:
    """Find what to fetch for the global step, without adding to the graph; None where there is none.

    TensorFlow's hooks add one tensor that reads the step and share it. Where none of them has, the
    variable itself does.
    """
    read = training_util._get_global_step_read(graph)  # noqa: SLF001 - TensorFlow keeps it under a private key
    return read if read is not None else train.get_global_step(graph)
