"""Training in the background: run_in_thread() leaves the notebook free for other cells."""

from __future__ import annotations

import contextvars
import threading
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import tf
from nbhooks.model import registry
from nbhooks.model.commands import Stop
from nbhooks.model.control import EVERY

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.model.recording import Recording


def run_in_thread(train: Callable[[], Any], *, graph: tf.Graph | None = None) -> Run:
    """Run a function that trains in a thread of its own.

    Graph and session context are the caller's, and what the thread prints goes to the cell that started it.
    Every control of the board works, as the main thread is free to serve it; so do the methods of a
    `NotebookDebugHook`, from any cell.

    Args:
        train: called without arguments.
        graph: the default graph of the thread; by default the one that is the default here. In eager
            execution there is none.

    Returns:
        What the training can be asked and waited for by.

    Raises:
        TypeError: if `train` cannot be called.

    Example:
        >>> run = run_in_thread(lambda: 6 * 7)  # doctest: +SKIP
        >>> run.result()  # doctest: +SKIP
        42
    """
    if not callable(train):
        raise TypeError(f"run_in_thread() takes a function without arguments, not {train!r}")
    if graph is None and not tf.executing_eagerly():
        graph = tf.compat.v1.get_default_graph()
    session = tf.compat.v1.get_default_session()
    run = Run(_within(train, graph, session))
    run.start()
    return run


class Run:
    """Training in a thread; made by `run_in_thread`."""

    def __init__(self, train: Callable[[], Any]) -> None:
        self._train = train
        self._thread = TrainingThread(contextvars.copy_context(), self._work)
        self._result: Any = None
        self._error: BaseException | None = None

    def start(self) -> None:
        """Begin. Called once, by `run_in_thread`."""
        self._thread.start()

    def done(self) -> bool:
        """Whether the training is over."""
        return not self._thread.is_alive()

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the end of the training, serving the page meanwhile.

        An interrupt of the kernel ends the waiting, and not the training: `stop` does that.

        Args:
            timeout: seconds to wait; None for as long as it takes.

        Returns:
            What the function returned.

        Raises:
            TimeoutError: if the training is not over by then; it goes on.
            BaseException: what the function raised.
        """
        thread = self._thread
        deadline = time.monotonic() + (threading.TIMEOUT_MAX if timeout is None else timeout)
        thread.waited_for = threading.current_thread() is threading.main_thread()
        try:
            while thread.is_alive() and time.monotonic() < deadline:
                self._serve()
                thread.join(max(min(EVERY, deadline - time.monotonic()), 0))
        finally:
            thread.waited_for = False
        if thread.is_alive():
            raise TimeoutError(f"the training was not over after {timeout:g} s; it goes on")
        if self._error is not None:
            raise self._error
        return self._result

    def stop(self) -> None:
        """Request the end of the session that is running, as its Stop button does.

        Raises:
            RuntimeError: if no session can be stopped.
        """
        for recording in self._recordings():
            if recording.can_stop:
                recording.control.submit(Stop())
                return
        raise RuntimeError(
            "no session of this training can be stopped: none with hooks of nbhooks is running, or a stop "
            "was requested already"
        )

    def _recordings(self) -> list[Recording]:
        return registry.recordings_of(self._thread)

    def _serve(self) -> None:
        for recording in self._recordings():
            poll = recording.control.poll
            if poll is not None:
                poll()

    def _work(self) -> None:
        try:
            self._result = self._train()
        except BaseException as error:  # noqa: BLE001 - raised by result()
            self._error = error
        finally:
            for recording in self._recordings():
                recording.die_with(self._error)
            del self._train


class TrainingThread(threading.Thread):
    """A thread that trains for `run_in_thread`.

    Args:
        context: of the cell, so that what is printed goes to it.
        work: what to do.

    Attributes:
        waited_for: whether the main thread waits for the end, and so can ask for nothing.
    """

    def __init__(self, context: contextvars.Context, work: Callable[[], object]) -> None:
        super().__init__(target=context.run, args=(work,), name="nbhooks training", daemon=True)
        self.waited_for = False


def attended_from_main() -> bool:
    """Return whether this is such a thread, and the main thread is free to ask for something."""
    thread = threading.current_thread()
    return isinstance(thread, TrainingThread) and not thread.waited_for


def _within(train: Callable[[], Any], graph: Any, session: Any) -> Callable[[], Any]:
    def work() -> Any:
        with (
            nullcontext() if graph is None else graph.as_default(),
            nullcontext() if session is None else session.as_default(),
        ):
            return train()

    return work
