"""Which recording belongs to which graph: hooks of one graph find the same one here."""

from __future__ import annotations

import contextlib
import threading
import weakref
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from nbhooks.model.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from nbhooks.model.sink import Sink


@runtime_checkable
class Host(Protocol):
    """A sink that shows whole recordings, as a Dashboard does."""

    def show(self, recording: Recording) -> None:
        """Show `recording` from now on."""


_lock = threading.Lock()
# Weak on both sides: a recording may hold its graph, and a value that holds its key is never freed. The hooks
# of a session keep its recording alive, and so does a board that shows it.
_recordings: weakref.WeakKeyDictionary[Any, weakref.ref[Recording]] = weakref.WeakKeyDictionary()
_openers: list[Callable[[Recording], object]] = []
_preparers: list[Callable[[], AbstractContextManager[object]]] = []


def join(graph: object, sink: Sink | None = None) -> Recording:
    """Return the recording that hooks of `graph` are joining, or open one.

    It can be joined until its session is created; a hook that begins later opens the next one.

    Args:
        graph: the graph that will be run. Held weakly.
        sink: where this hook's user wants it shown. A Host is given the recording, any other sink every
            record of it. None leaves it to the callbacks registered with `on_open`.
    """
    with _lock:
        recording = _find(graph)
        fresh = recording is None or not recording.joinable
        if recording is None or fresh:
            recording = Recording(on_end=_forget)
            recording.thread = threading.current_thread()
            _recordings[graph] = weakref.ref(recording)
    shows: list[Callable[[Recording], object]] = []
    if isinstance(sink, Host):
        shows.append(sink.show)
    elif fresh:
        shows += _openers
    if sink is not None and not isinstance(sink, Host):
        recording.add_sink(sink)
    for show in shows:
        try:
            show(recording)
        except Exception as error:  # noqa: BLE001 - failing to show a session must not lose it
            recording.report_fault("the dashboard", error)
    return recording


def current(graph: object) -> Recording | None:
    """Return the recording of `graph` that is being joined or running, None where there is none."""
    with _lock:
        return _find(graph)


def recordings_of(thread: threading.Thread) -> list[Recording]:
    """Return the recordings that were opened by a thread and have not ended, the latest first."""
    with _lock:
        found = [recording for reference in _recordings.values() if (recording := reference()) is not None]
    return [recording for recording in reversed(found) if recording.thread is thread]


def on_open(opener: Callable[[Recording], object]) -> None:
    """Call `opener` with every recording that is opened, unless a hook has a dashboard of its own."""
    if opener not in _openers:
        _openers.append(opener)


def on_prepare(preparer: Callable[[], AbstractContextManager[object]]) -> None:
    """Enter the context that `preparer` makes while hooks are made for a session, and join its recording."""
    if preparer not in _preparers:
        _preparers.append(preparer)


@contextlib.contextmanager
def preparing() -> Iterator[None]:
    """Enter the contexts registered with `on_prepare`; hooks are made within the block, and join.

    It decorates functions, too.
    """
    with contextlib.ExitStack() as stack:
        for prepare in _preparers:
            with contextlib.suppress(Exception):  # what is shown of a session must not keep it from beginning
                stack.enter_context(prepare())
        yield


def _forget(recording: Recording) -> None:
    with _lock:
        for graph, other in list(_recordings.items()):
            if other() in (recording, None):
                del _recordings[graph]


def _find(graph: object) -> Recording | None:
    reference = _recordings.get(graph)
    return None if reference is None else reference()
