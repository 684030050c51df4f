"""Hooks for sessions that know none: attach() runs them around a raw tf.compat.v1.Session."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import (
    CoordinatedSession,
    HookedSession,
    MonitoredSession,
    SessionInterface,
    require,
    tf,
    train,
)
from nbhooks.hooks.debugger import with_debugger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from typing_extensions import Self

require("attach")

GRACE = 120
"""Seconds that threads of the coordinator may take to stop, as in TensorFlow's sessions."""


class attach(SessionInterface):  # noqa: N801 - used as a function is
    """Run hooks around a raw session, by TensorFlow's rules for a MonitoredSession.

    Within the block ``run`` calls the hooks; what should run without them goes to the session itself. When
    the block ends so do the hooks: after an ``OutOfRangeError`` or a ``StopIteration`` too, which end the
    block quietly, and not after any other error. The session stays open and the graph is not finalized: both
    are yours. Of the queue runners none is started.

    Args:
        session: whose variables are initialised.
        hooks: of any kind.
        debug: whether to add a `NotebookDebugHook` where there is none among the hooks.

    Raises:
        TypeError: if `session` is no raw session, or `hooks` no iterable of hooks.
        RuntimeError: if the graph is final and a hook must add to it; the message names the hook.

    Example:
        >>> with tf.compat.v1.Session() as session:  # doctest: +SKIP
        ...     session.run(tf.compat.v1.global_variables_initializer())
        ...     with attach(session, [StepCounterHook()]) as session:
        ...         for _ in range(1000):
        ...             session.run(train_op)
    """

    def __init__(
        self, session: tf.compat.v1.Session, hooks: Iterable[train.SessionRunHook], *, debug: bool = False
    ) -> None:
        self._raw = _checked_session(session)
        self._hooks = _checked_hooks(hooks)
        if debug:
            self._hooks = with_debugger(self._hooks)
        self._coordinator: tf.train.Coordinator | None = None
        self._hooked: Any = None

    def __enter__(self) -> Self:
        """Begin the hooks, and call their ``after_create_session``."""
        if self._hooked is not None:
            raise RuntimeError("these hooks are attached already; call attach() anew for another block")
        graph = self._raw.graph
        with graph.as_default():
            for hook in self._hooks:
                _begin(hook, graph)
            # As TensorFlow's sessions: what a thread raises comes out of the next run.
            self._coordinator = tf.train.Coordinator(clean_stop_exception_types=[])
            try:
                for hook in self._hooks:
                    hook.after_create_session(self._raw, self._coordinator)
            except BaseException:
                self._join()
                raise
        hooked = HookedSession(self._raw, self._hooks)
        self._hooked = CoordinatedSession(hooked, self._coordinator)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """End the hooks, unless an error says that the work is not done."""
        ended = kind is None or kind in (tf.errors.OutOfRangeError, StopIteration)
        try:
            if ended:
                with self._raw.graph.as_default():
                    for hook in self._hooks:
                        hook.end(self._raw)
        finally:
            self._hooked = None
            self._join()
        return ended

    def _join(self) -> None:
        if self._coordinator is not None:
            coordinator, self._coordinator = self._coordinator, None
            coordinator.request_stop()
            coordinator.join(stop_grace_period_secs=GRACE, ignore_live_threads=True)

    # What a session can do

    def run(
        self,
        fetches: Any,
        feed_dict: Any = None,
        options: tf.compat.v1.RunOptions | None = None,
        run_metadata: tf.compat.v1.RunMetadata | None = None,
    ) -> Any:
        """Run with the hooks, as ``tf.compat.v1.Session.run`` else.

        Raises:
            RuntimeError: after a stop was requested, and outside the block.
        """
        return self._within().run(fetches, feed_dict, options=options, run_metadata=run_metadata)

    def run_step_fn(self, step_fn: Callable[..., Any]) -> Any:
        """Call `step_fn` with a context that runs with or without the hooks, as a MonitoredSession does.

        Raises:
            ValueError: as TensorFlow's, unless `step_context` is its one argument.
        """
        inner = SimpleNamespace(_sess=self._within(), _tf_sess=lambda: self._raw)
        return MonitoredSession.run_step_fn(inner, step_fn)  # with its checks

    def should_stop(self) -> bool:
        """Whether a hook, or somebody through the coordinator, has asked for a stop."""
        return self._hooked is None or bool(self._hooked.should_stop())

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> Any:
        """Do as the session itself, without the hooks."""
        return self._raw.partial_run_setup(fetches, feeds)

    def partial_run(self, handle: Any, fetches: Any, feed_dict: Any = None) -> Any:
        """Do as the session itself, without the hooks."""
        return self._raw.partial_run(handle, fetches, feed_dict)

    @property
    def graph(self) -> tf.Graph:
        """The session's graph."""
        return self._raw.graph

    @property
    def sess_str(self) -> Any:
        """The session's target, as bytes."""
        return self._raw.sess_str

    def __getattr__(self, name: str) -> Any:
        """Everything else is the session's own."""
        return getattr(self.__dict__["_raw"], name)

    def _within(self) -> Any:
        if self._hooked is None:
            raise RuntimeError(
                "run() was called outside the block of attach(): call it within "
                "`with attach(...) as session:`, or run the session that was given to attach()"
            )
        return self._hooked


def _checked_session(session: Any) -> Any:
    if isinstance(session, SessionInterface) and not isinstance(session, attach):
        return session
    raise TypeError(
        f"attach() takes a tf.compat.v1.Session, not {type(session).__name__}; a MonitoredSession is given "
        f"its hooks when it is made"
    )


def _checked_hooks(hooks: Any) -> list[Any]:
    try:
        listed = list(hooks)
    except TypeError:
        raise TypeError(f"attach() takes a list of hooks, not {type(hooks).__name__}") from None
    for hook in listed:
        if not isinstance(hook, train.SessionRunHook):
            raise TypeError(f"attach() takes hooks of tf.compat.v1.train, not {type(hook).__name__}")
    return listed


def _begin(hook: train.SessionRunHook, graph: tf.Graph) -> None:
    try:
        hook.begin()
    except RuntimeError as error:
        if graph.finalized and "finalized" in str(error):
            raise RuntimeError(
                f"{type(hook).__name__} must add to the graph, which is final already. Call attach() before "
                f"graph.finalize(), or use this hook with a graph that it has been used with before. "
                f"TensorFlow says: {error}"
            ) from error
        raise
