"""What one run of a graph reports and is asked: its records, its commands and its state."""

from __future__ import annotations

import contextlib
import threading
import time
import warnings
import weakref
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from nbhooks.model.commands import RefusedError, Stop
from nbhooks.model.control import Control
from nbhooks.model.events import Event, State
from nbhooks.model.global_step import GlobalStep
from nbhooks.model.kinds import EventKind
from nbhooks.model.lifecycle import Lifecycle, Phase
from nbhooks.model.records import Attempt, Line, Scalar, Source
from nbhooks.model.scalar_buffer import ScalarBuffer
from nbhooks.model.store import Store
from nbhooks.model.values import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.model.commands import Entry
    from nbhooks.model.record import Record
    from nbhooks.model.series import Floats, Integers
    from nbhooks.model.sink import Sink
    from nbhooks.model.snapshot import Snapshot

Pending: TypeAlias = Scalar | Tensor | Line
"""What is written when its run is over."""


class Observer(Protocol):
    """Something that shows a recording, and must know its sources and its end."""

    def joined(self, source: Source) -> None:
        """A source has joined. Called on the training thread."""

    def ended(self) -> None:
        """The session has ended. Called on the thread that noticed."""


class Coordinator(Protocol):
    """What a recording asks of a ``tf.train.Coordinator``."""

    @property
    def joined(self) -> bool:
        """Whether its threads were waited for, which is the last thing a closing session does."""

    def should_stop(self) -> bool:
        """Whether a stop was requested."""


class Recording:
    """One run of a graph, for as long as anything shows it: a Store, a Control and a Lifecycle.

    A TensorFlow session is one *attempt* of it; after a recovery there is another attempt. Of TensorFlow's
    session the latest run context is held until the attempt is over; the coordinator is held weakly, and
    `release` is called when it is gone.

    Args:
        name: what to call it where several are shown, ``""`` where its number will do.
        store: where the records go; a new one by default.
        on_end: called with the recording when it has ended.

    Attributes:
        store: every record.
        control: commands for the training thread.
        lifecycle: the state.
        global_step: the global step as far as it is known.
        run_context: of the latest run, None before the first and after the end.
        pending: what belongs to the run at hand, whose step is known when the run is over; always the same
            list. In the place of the step each has the count of runs, which it keeps where the graph has no
            global step.
        step_is_fetched: whether one of the sources gives `global_step` what it fetched in every run.
        leader: the source that calls `begin_run` in this attempt, the first that can; ``""`` before it.
        reporter: the source of `nbhooks.report`, ``""`` before its first use.
        debugger: the source of the debugger, ``""`` where there is none.
        hold: called when a run is about to begin; it may keep the run waiting. None where nothing does.
        thread: the thread in which it was opened, where that is known.
        unpause: called when a stop is requested; ends a pause, and returns whether the session closes after
            it anyway. None where there is no debugger.
        complete: returns at most 20 names of the graph that contain a text, None where there is no debugger.
        on_error: called with what an operation of a run raised, before it is raised to the caller; it may
            pause. None where there is no debugger.

    Example:
        >>> recording = Recording()
        >>> recording.join("steps", "MyHook"), recording.join("steps", "MyHook")
        ('MyHook', 'MyHook 2')
        >>> recording.leave("MyHook")
        >>> recording.state
        'finished'
    """

    def __init__(
        self,
        name: str = "",
        store: Store | None = None,
        on_end: Callable[[Recording], object] = lambda _: None,
    ) -> None:
        """Begin in state ``"waiting"``: hooks join, no attempt has begun."""
        self.name = name
        self.store = Store() if store is None else store
        self.global_step = GlobalStep()
        self.control = Control(step=lambda: self.step)
        self.control.on_entry = self._record_command
        self.step_is_fetched = False
        self.leader = self.reporter = self.debugger = ""
        self.hold: Callable[[], object] | None = None
        self.unpause: Callable[[], bool] | None = None
        self.complete: Callable[[str], tuple[str, ...]] | None = None
        self.on_error: Callable[[BaseException], object] | None = None
        self.thread: threading.Thread | None = None
        self.run_context: Any = None
        self.pending: list[Pending] = []
        self._on_end = on_end
        self._sinks: tuple[Sink, ...] = ()
        self._observers: tuple[Observer, ...] = ()
        self._names: set[str] = set()
        self._present: list[str] = []  # sources whose attempt has begun and not ended
        self._step_source = ""
        self._buffers: tuple[ScalarBuffer, ...] = ()  # of this attempt
        self._finishers: tuple[Callable[[], object], ...] = ()
        self._releasers: tuple[Callable[[], object], ...] = ()
        self._coordinator: weakref.ref[Any] | None = None  # where there is none, TensorFlow's session
        self._coordinated = False
        self._faults: set[str] = set()
        self.lifecycle = Lifecycle(self._record_state)

    # Records

    def write(self, record: Record, /) -> None:
        """Keep a record, and pass it on to the sinks that hooks were given.

        Raises:
            TypeError, KeyError: as `Store.write` does. Any other error is reported as a fault: a record that
                is lost must not end the training.
        """
        try:
            self.store.write(record)
        except (TypeError, KeyError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever keeps a store from its work
            self.report_fault("the store", error)
        if type(record) is State and record.phase.ended and record.phase is not self.lifecycle.phase:
            self.lifecycle.adopt(record.phase, record.reason)  # a replay reports its end as a record
        if type(record) is Source:
            self._names.add(record.source)
            self._notify("joined", record)
        self._pass_on(record)

    def write_scalars(self, source: str, tag: str, step: Integers, wall_time: Floats, value: Floats) -> None:
        """Keep many scalars of one tag at once (see `Store.write_scalars`); sinks get them one by one."""
        self.store.write_scalars(source, tag, step, wall_time, value)
        if self._sinks:
            for point in zip(step.tolist(), wall_time.tolist(), value.tolist(), strict=True):
                self._pass_on(Scalar(source, tag, *point))

    def write_pending(self, read: Callable[[], int | None]) -> None:
        """Write what is pending, at the step after its run.

        Args:
            read: reads the global step, which is done where no source has fetched it.
        """
        pending = self.pending[:]
        self.pending.clear()
        step = self.step
        if pending and step is not None and self.run_context is not None:
            step = self.global_step.after(self.run_context, None, read)
        for record in pending:
            self.write(record if step is None else record.at(step))

    def buffer(self, source: str, tag: str) -> ScalarBuffer | None:
        """Return a buffer for scalars that come with every run, None where each must be pending.

        That is so where no source fetches the step of every run, and where a sink takes each record.

        Args:
            source: what reports.
            tag: their name.
        """
        if not self.step_is_fetched or self.step is None or self._sinks:
            return None
        buffer = ScalarBuffer()
        self.store.attach_buffer(source, tag, buffer)
        self._buffers = (*self._buffers, buffer)
        return buffer

    def _finish_buffers(self) -> None:
        """Give the last value of an attempt its step, before anything else changes the step."""
        buffers, self._buffers = self._buffers, ()
        for buffer in buffers:
            buffer.finish(self.step)

    def report_fault(self, where: str, error: BaseException) -> None:
        """Warn once that showing something failed; training goes on."""
        if where not in self._faults:
            self._faults.add(where)
            self.warn(f"{where} failed with {_described(error)}; training goes on without it")

    def warn(self, message: str) -> None:
        """Warn, and keep the message among the events. What fails here is not reported again."""
        # A lone surrogate cannot be sent to a page.
        message = message.encode("utf-8", "backslashreplace").decode("utf-8")
        with contextlib.suppress(Exception):
            self.store.write(Event(EventKind.FAULT, self.step, time.time(), message))
        # Some have warnings raised as errors, or shown by code of their own.
        with contextlib.suppress(Exception):
            warnings.warn(message, RuntimeWarning, stacklevel=4)

    # Sources

    def join(self, kind: str, name: str, *, fetches_step: bool = False, **detail: object) -> str:
        """Register a source.

        Args:
            kind: what it reports.
            name: what to call it.
            fetches_step: whether it will give `global_step` what it fetched in every run.
            detail: what is known before the first run.

        Returns:
            Its name, made unique by a number where it must be.
        """
        self.step_is_fetched = self.step_is_fetched or fetches_step
        source, number = name, 1
        while source in self._names:
            number += 1
            source = f"{name} {number}"
        self.write(Source(source, kind, detail))
        return source

    def begin_attempt(
        self,
        coordinator: Coordinator | None,
        source: str,
        read: Callable[[], int | None],
        session: object = None,
    ) -> None:
        """Record that TensorFlow created a session. Every hook calls it, in their order.

        Args:
            coordinator: of the session; held weakly. None where there is none, as TensorFlow's hooks allow.
            source: what calls.
            read: reads the global step, None where there is none.
            session: TensorFlow's session, held weakly; needed where there is no coordinator.
        """
        anchor: Any = session if coordinator is None else coordinator
        if self._coordinator is not None and self._coordinator() is anchor:
            again = coordinator is None and source in self._present
            if not again:
                self._present.append(source)
                return
        self._coordinator = weakref.ref(anchor, partial(_release, weakref.ref(self)))
        self._coordinated = coordinator is not None
        self._releasers = self._finishers = ()
        self._present = [source]
        self.leader = self._step_source = ""
        self._finish_buffers()
        self.global_step.begin(read())
        self.write(Attempt(time.time(), self.step))
        self.lifecycle.restart()

    def provides_step(self, source: str) -> bool:
        """Whether `source` is the one that gives `global_step` what it fetched: the first that can."""
        self._step_source = self._step_source or source
        return self._step_source == source

    def present(self, source: str) -> bool:
        """Whether the attempt of a source has begun and not ended."""
        return source in self._present and not self.lost

    def leave(self, source: str) -> None:
        """Record that a source's ``end()`` was called; the last one ends the recording."""
        if source in self._present:
            self._present.remove(source)
        if self._present or self.lifecycle.ended:
            return
        if self.stopping:
            self.record_stop("", self.step)  # unless it is known what requested it
        elif self.run_context is not None:
            self.lifecycle.forget_stop()
        self._end(partial(self.lifecycle.finish, self.run_context))

    # Runs

    def begin_run(self, run_context: Any, read: Callable[[], int | None]) -> None:
        """Record that a run is about to begin, so the one before is over; carry out commands.

        Setting `run_context` does the same where nothing is pending, the state is running, nothing holds the
        run, no command is in the queue and no poll is due; what leads the session looks at these by itself
        (see `hooks.base`).

        Args:
            run_context: of the run.
            read: reads the global step.
        """
        if self.pending:
            self.write_pending(read)
        self.run_context = run_context
        self.lifecycle.run()
        self.control.between_steps()
        if self.hold is not None:
            self.hold()

    def wait(self, reason: str) -> None:
        """Show that the run at hand waits, such as for ``"global step 500"``."""
        self.lifecycle.wait(reason)

    def go_on(self) -> None:
        """Show that the run at hand waits no more."""
        if not self.lifecycle.ended:
            self.lifecycle.run()

    def request_stop(self, by: str = "you") -> None:
        """End the session as a hook does that calls ``run_context.request_stop()``.

        Args:
            by: what requests it.

        Raises:
            RefusedError: before the first run, and where a stop was requested already.
        """
        if self.unpause is not None and self.unpause():
            return
        if self.run_context is None:
            raise RefusedError("no run has begun")
        if self.stopping:
            raise RefusedError("a stop was requested already")
        self.run_context.request_stop()
        self.record_stop(by, self.step)

    def record_stop(self, source: str, step: int | None) -> None:
        """Record what requested the stop, ``""`` where that is not known; the first request counts."""
        if self.lifecycle.record_stop(source):
            self.write(Event(EventKind.STOP, step, time.time(), source))

    @property
    def stopping(self) -> bool:
        """Whether a stop was requested, by a hook in the latest run or through the coordinator."""
        run = self.run_context  # which the training thread may release meanwhile
        if run is not None and run.stop_requested:
            return True
        coordinator = self._coordinator() if self._coordinator is not None and self._coordinated else None
        return coordinator is not None and bool(coordinator.should_stop())

    def fail(self, error: BaseException) -> None:
        """Record an error that looks like the end of the data and is not; a death if it was the last run."""
        self.lifecycle.fail(self.run_context, error)

    # The state

    def snapshot(self, cursor: int | None = None, *, lazily: bool = False) -> Snapshot:
        """Return what there is to show, the global step as it is now (see `Store.snapshot`)."""
        snapshot = self.store.snapshot(cursor, lazily=lazily)
        if self.step is None or self.lifecycle.ended:
            return snapshot
        return replace(snapshot, step=self.step, wall_time=time.time())

    @property
    def step(self) -> int | None:
        """The latest global step known."""
        return self.global_step.value

    @property
    def state(self) -> str:
        """The state as a plain string, one of `nbhooks.model.lifecycle.Phase`."""
        return self.lifecycle.phase.value

    @property
    def can_stop(self) -> bool:
        """Whether a `Stop` would be carried out, now or as soon as a run begins."""
        return self.control.handles(Stop) and not (self.lifecycle.ended or self.stopping or self.lost)

    @property
    def lost(self) -> bool:
        """Whether TensorFlow's session was closed, or is gone, without ``end()`` having been called."""
        if self.lifecycle.ended or self._coordinator is None:
            return False
        coordinator = self._coordinator()
        return coordinator is None or (self._coordinated and bool(coordinator.joined))

    @property
    def joinable(self) -> bool:
        """Whether hooks may still join: no attempt has begun."""
        return self.lifecycle.phase is Phase.WAITING and self._coordinator is None

    def die(self, error: BaseException | None = None) -> None:
        """End without ``end()``: the session raised, or was interrupted.

        Args:
            error: what was raised, None where it is not known.
        """
        if not self.lifecycle.ended:
            self._end(partial(self.lifecycle.die, error))

    def die_with(self, error: BaseException | None) -> bool:
        """End where the cell or block that ran the session is over, and so is the session.

        Args:
            error: what the cell or block raised, None where it raised nothing.

        Returns:
            Whether the session is gone, or never came up because of the error.
        """
        gone = self.lost or (error is not None and self.lifecycle.phase is Phase.WAITING)
        if gone:
            self.die(error)
        return gone

    def save(self) -> None:
        """Mark this as read from files."""
        self._end(self.lifecycle.save)

    def supersede(self) -> None:
        """End a session that is gone because another one begins: its error, if any, was caught."""
        if self.lost:
            self.die()
        self.lifecycle.explain(None)

    def cell_ended(self, error: BaseException | None) -> None:
        """Record that the cell has ended; what it raised may be what the session died of.

        Args:
            error: what the cell raised, None where it raised nothing.
        """
        if self._in_background:
            return  # what the cell raises is another matter
        if self._coordinator is not None and not self._coordinated:
            # Without a coordinator nothing says whether the session is over, so it is not kept alive.
            self.write_pending(lambda: self.step)
            self._forget_run()
        if not self.die_with(error):
            self.lifecycle.explain(error)
            if not self.joinable:
                self.lifecycle.leave_open()
        self.lifecycle.explain(None)  # what a later cell raises is another matter

    @property
    def _in_background(self) -> bool:
        """Whether it goes on in a thread while cells come and go in the main one."""
        thread = self.thread
        return (
            thread is not None
            and thread.is_alive()
            and thread is not threading.main_thread()
            and thread is not threading.current_thread()
        )

    # Callbacks

    def at_end(self, finish: Callable[[], object]) -> None:
        """Call `finish` when the recording ends, however it does; the place to release what was kept."""
        self._finishers = (*self._finishers, finish)

    def at_release(self, releaser: Callable[[], object]) -> None:
        """Call `releaser` when TensorFlow's session of this attempt is over, with an error or without.

        Args:
            releaser: drops references. It may be called at any time and on any thread, so it must take no
                lock and write no record.
        """
        self._releasers = (*self._releasers, releaser)

    def release(self) -> None:
        """Drop every reference to TensorFlow's session. May come at any time: takes no lock."""
        releasers, self._releasers = self._releasers, ()
        self._forget_run()
        for releaser in releasers:
            with contextlib.suppress(Exception):  # nothing can report it here, and no lock may be taken
                releaser()

    def add_observer(self, observer: Observer) -> None:
        """Call `observer` with every source that joins, and at the end."""
        self._observers = (*self._observers, observer)

    def remove_observer(self, observer: Observer) -> None:
        """Undo `add_observer`."""
        self._observers = tuple(other for other in self._observers if other is not observer)

    def add_sink(self, sink: Sink) -> None:
        """Pass every record on to `sink` too."""
        if sink not in self._sinks:
            self._sinks = (*self._sinks, sink)

    def _end(self, change: Callable[[], object]) -> None:
        self.write_pending(lambda: self.step)
        self._finish_buffers()
        finishers, self._finishers = self._finishers, ()
        for finish in finishers:
            try:
                finish()
            except Exception as error:  # noqa: BLE001 - a hook's reporting must not end the training
                self.report_fault("the end of the session", error)
        try:
            change()
        finally:  # whatever becomes of the state, nothing is kept
            self.release()
            self._coordinator = None
            self._present.clear()
            self.control.release()
            self._on_end(self)
            self._notify("ended")

    def _forget_run(self) -> None:
        self.run_context = None
        self.lifecycle.forget_run()
        self.global_step.forget()

    def _record_state(self, phase: Phase, reason: str) -> None:
        self.write(State(phase, self.step, time.time(), reason))

    def _record_command(self, entry: Entry) -> None:
        self.write(Event(EventKind.COMMAND, entry.step, entry.wall_time, str(entry)))

    def _pass_on(self, record: Record) -> None:
        for sink in self._sinks:
            try:
                sink.write(record)
            except Exception as error:  # noqa: BLE001 - a sink's fault must not end the training
                self.report_fault(f"the sink {type(sink).__name__}", error)

    def _notify(self, what: str, *arguments: object) -> None:
        for observer in self._observers:
            try:
                getattr(observer, what)(*arguments)
            except Exception as error:  # noqa: BLE001 - as of a sink
                self.report_fault("the dashboard", error)


def _release(reference: weakref.ref[Recording], _coordinator: weakref.ref[Any]) -> None:
    """Release what a recording holds of a session whose coordinator is gone, as it is soon after an error."""
    recording = reference()
    if recording is not None:
        recording.release()


def _described(error: BaseException) -> str:
    """Write an error with its type; the type alone where its own code cannot write it."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - raised by the error's own `__str__`
        return type(error).__name__
