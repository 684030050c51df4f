"""What every notebook-aware hook shares: it joins a session and reports to it without ever failing a run."""

from __future__ import annotations

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
        """Tell the global step after the run from `stale`, the value of `tensor` fetched in it."""
        if self._session is None:
            return int(stale)
        return self._session.after_run(run_context, int(stale), lambda: int(run_context.session.run(tensor)))


def global_step_of(graph: tf.Graph) -> Any:
    """Find what to fetch for the global step, without adding to the graph; None where there is none.

    TensorFlow's hooks add one tensor that reads the step and share it. Where none of them has, the
    variable itself does.
    """
    read = training_util._get_global_step_read(graph)  # noqa: SLF001 - TensorFlow keeps it under a private key
    return read if read is not None else train.get_global_step(graph)
