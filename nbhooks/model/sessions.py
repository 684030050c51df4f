"""A Session is what one run of a graph leaves behind; hooks of one graph find the same one here."""

from __future__ import annotations

import contextlib
import threading
import time
import warnings
import weakref
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from nbhooks.model.control import Control
from nbhooks.model.global_step import GlobalStep
from nbhooks.model.records import ENDED, Attempt, Event, Line, Record, Scalar, Sink, Source, State, Tensor
from nbhooks.model.store import Follower, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbhooks.model.series import Floats, Integers
    from nbhooks.model.store import Snapshot

Held: TypeAlias = Scalar | Tensor | Line
"""What is held until its run is over."""


@runtime_checkable
class Host(Protocol):
    """A sink that shows whole sessions, as a Dashboard does."""

    def show(self, session: Session) -> None:
        """Show `session` from now on."""


class Watcher(Protocol):
    """Somebody who shows a session and must know its sources and its end."""

    def joined(self, source: Source) -> None:
        """A source has joined. Called on the thread that trains."""

    def ended(self) -> None:
        """The session has ended. Called on the thread that noticed."""


class Coordinator(Protocol):
    """What a Session asks of a ``tf.train.Coordinator``."""

    @property
    def joined(self) -> bool:
        """Whether its threads were waited for, which is the last thing a closing session does."""

    def should_stop(self) -> bool:
        """Whether somebody asked for a stop."""


class Session:
    """One run of a graph: a Store and a Control, and the state they are in.

    Of TensorFlow's session it holds the latest run context, and that until the session is over: the
    coordinator is held weakly, and `release` is called when it is gone.

    Attributes:
        name: to tell it from others by, ``""`` where its number does.
        store: every record.
        control: the gate between two steps.
        global_step: what is known of it.
        run_context: of the latest run, None before the first and after the end.
        held: what belongs to the run at hand, whose step is known when the run is over. Each has the count of
            runs in the place of the step, which it keeps where the graph has no global step.
        fed: whether one of the sources tells `global_step` what it fetched in every run.
        reporter: the source of what the user's own code reports, ``""`` before it has.

    Example:
        >>> session = Session()
        >>> session.join("steps", "MyHook"), session.join("steps", "MyHook")
        ('MyHook', 'MyHook 2')
        >>> session.leave("MyHook")
        >>> session.state
        'finished'
    """

    def __init__(self, name: str = "", store: Store | None = None) -> None:
        """Begin in state ``"waiting"``: hooks join, no session is there yet."""
        self.name = name
        self.store = Store() if store is None else store
        self.control = Control()
        self.global_step = GlobalStep()
        self.fed = False
        self.reporter = ""
        self._sinks: tuple[Sink, ...] = ()
        self._watchers: tuple[Watcher, ...] = ()
        self._names: set[str] = set()
        self._present: list[str] = []
        self.run_context: Any = None
        self._feeder = ""
        self._finishers: tuple[Callable[[], object], ...] = ()
        self._unexplained = False  # whether it is dead and nobody has said of what
        self._failure: tuple[Any, str] | None = None  # a run, and the error that it failed with
        self.held: list[Held] = []
        self._coordinator: weakref.ref[Any] | None = None  # where there is none, TensorFlow's session
        self._coordinated = False
        self._releasers: tuple[Callable[[], object], ...] = ()
        self._stopper: str | None = None
        self._silenced: set[str] = set()
        self._state = ""
        self._turn_to("waiting")

    # What the hooks say

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
            self.fault("the store", error)
        if type(record) is State and record.name in ENDED:  # a replay says so, and nobody else here knows
            self._state = record.name
        if type(record) is Source:
            self._names.add(record.source)
            self._notify("joined", record)
        self._pass_on(record)

    def _pass_on(self, record: Record) -> None:
        for sink in self._sinks:
            try:
                sink.write(record)
            except Exception as error:  # noqa: BLE001 - a sink is a guest; the training is not its business
                self.fault(f"the sink {type(sink).__name__}", error)

    def write_scalars(self, source: str, tag: str, step: Integers, wall_time: Floats, value: Floats) -> None:
        """Keep many scalars of one tag at once (see `Store.write_scalars`); sinks get them one by one."""
        self.store.write_scalars(source, tag, step, wall_time, value)
        if self._sinks:
            for point in zip(step.tolist(), wall_time.tolist(), value.tolist(), strict=True):
                self._pass_on(Scalar(source, tag, *point))

    def join(self, kind: str, name: str, *, feeds: bool = False, **detail: object) -> str:
        """Announce a source.

        Args:
            kind: what it reports.
            name: what to call it.
            feeds: whether it will tell `global_step` what it fetched in every run.
            detail: what is known before the first run.

        Returns:
            Its name, made unique by a number where it must be.
        """
        self.fed = self.fed or feeds
        source, number = name, 1
        while source in self._names:
            number += 1
            source = f"{name} {number}"
        self.write(Source(source, kind, detail))
        return source

    def created(
        self,
        coordinator: Coordinator | None,
        source: str,
        read: Callable[[], int | None],
        session: object = None,
    ) -> bool:
        """Note that a session was created. Every hook says so, in their order.

        Args:
            coordinator: of the session; held weakly. None where there is none, as TensorFlow's hooks allow.
            source: who says so.
            read: reads the global step, None where there is none.
            session: TensorFlow's session, held weakly; needed where there is no coordinator.

        Returns:
            Whether `source` is the first to say so, and thereby the one that leads: it lets clicks in.
        """
        anchor: Any = session if coordinator is None else coordinator
        if self._coordinator is not None and self._coordinator() is anchor:
            again = coordinator is None and source in self._present
            if not again:
                self._present.append(source)
                return False
        self._coordinator = weakref.ref(anchor, partial(_gone, weakref.ref(self)))
        self._coordinated = coordinator is not None
        self._releasers = ()
        self._present = [source]
        self._stopper, self._feeder = None, ""
        self.global_step.begin(read())
        self.write(Attempt(time.time(), self.step))
        if self._state in ENDED:  # a recovery so slow that it was taken for the end
            self._turn_to("waiting")
        return True

    def follow(self, source: str, tag: str, finish: Callable[[], object]) -> Follower | None:
        """Give columns for scalars that come with every run, None where each must be held.

        That is so where nobody tells the step of every run, and where a sink wants each record.

        Args:
            source: who reports.
            tag: their name.
            finish: called at the end of the session, to give the last point its step.
        """
        if not self.fed or self.step is None or self._sinks:
            return None
        columns = Follower()
        self.store.follow(source, tag, columns)
        self.at_end(finish)
        return columns

    def at_end(self, finish: Callable[[], object]) -> None:
        """Call `finish` when the session ends, however it does; the place to let go of what was held."""
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
        self.run_context = self._failure = None
        self.global_step.forget()
        for releaser in releasers:
            with contextlib.suppress(Exception):  # there is nobody to report it to, and no lock to be had
                releaser()

    def waits_for(self, what: str) -> None:
        """Say that the run at hand waits for something, ``""`` when it goes on."""
        if self._state not in ENDED:
            self._turn_to("waiting" if what else "running", what)

    def feed_by(self, source: str) -> bool:
        """Whether `source` is the one that tells `global_step` what it fetched: the first that could."""
        self._feeder = self._feeder or source
        return self._feeder == source

    def run_begins(self, run_context: Any, read: Callable[[], int | None]) -> None:
        """Note that a run is about to begin, so the one before is over; serve whoever watches.

        Args:
            run_context: of the run.
            read: reads the global step.
        """
        if self.held:
            self.tell_held(read)
        self.run_context = run_context
        if self._state != "running":
            self._turn_to("running")
        self.control.between_steps()

    def idle(self) -> bool:
        """Whether there is nothing to do when a run begins but to note its context."""
        return self._state == "running" and not self.held and not self.control.due()

    def tell_held(self, read: Callable[[], int | None]) -> None:
        """Write what was held, at the step after its run.

        Args:
            read: reads the global step, which is done where nobody has told of it.
        """
        held, self.held = self.held, []
        step = self.step
        if held and step is not None and self.run_context is not None:
            step = self.global_step.after(self.run_context, None, read)
        for record in held:
            self.write(record if step is None else replace(record, step=step))

    def stop_requested(self, source: str, step: int | None) -> None:
        """Note who asked for the stop, ``""`` where that is not known; the first one is remembered."""
        if self._stopper is None:
            self._stopper = source
            self.write(Event("stop requested", step, time.time(), source))

    @property
    def stopping(self) -> bool:
        """Whether a hook has asked for a stop in the latest run, or somebody the coordinator."""
        if self.run_context is not None and self.run_context.stop_requested:
            return True
        coordinator = self._coordinator() if self._coordinator is not None and self._coordinated else None
        return coordinator is not None and bool(coordinator.should_stop())

    def has(self, source: str) -> bool:
        """Whether a source's session was created and has not ended, for it or altogether."""
        return source in self._present and not self.lost

    def leave(self, source: str) -> None:
        """Note that a source's ``end()`` was called; the last one ends the session."""
        if source in self._present:
            self._present.remove(source)
        if self._present or self._state in ENDED:
            return
        if self._failure is not None and self._failure[0] is self.run_context:
            self._end("died", self._failure[1])
            return
        if self._stopper is None and self.stopping:
            self.stop_requested("", self.step)
        if self._stopper is None:
            self._end("finished")
        else:
            self._end("stopped", self._stopper)

    def failed(self, error: BaseException) -> None:
        """Note an error that looks like an end of the data and is none: it died of it if no run follows."""
        self._failure = self.run_context, type(error).__name__

    def fault(self, where: str, error: BaseException) -> None:
        """Say once that showing something failed, and go on."""
        if where not in self._silenced:
            self._silenced.add(where)
            self.complain(f"{where} failed with {_described(error)}; training goes on without it")

    def complain(self, message: str) -> None:
        """Warn of something, and keep it among the events. Whatever fails here is not reported again."""
        message = message.encode("utf-8", "backslashreplace").decode(
            "utf-8"
        )  # a lone surrogate cannot be sent
        with contextlib.suppress(Exception):
            self.store.write(Event("fault", self.step, time.time(), message))
        with contextlib.suppress(
            Exception
        ):  # some have warnings raised as errors, or shown by their own code
            warnings.warn(message, RuntimeWarning, stacklevel=4)

    # What those say who watch

    def snapshot(self, cursor: int | None = None) -> Snapshot:
        """Freeze what there is to show, the global step as it is now (see `Store.snapshot`)."""
        snapshot = self.store.snapshot(cursor)
        if self.step is None or self._state in ENDED:
            return snapshot
        return replace(snapshot, step=self.step, wall_time=time.time())

    @property
    def step(self) -> int | None:
        """The latest global step known."""
        return self.global_step.value

    @property
    def state(self) -> str:
        """One of waiting, running, open, finished, stopped, interrupted, died; saved, of files."""
        return self._state

    @property
    def lost(self) -> bool:
        """Whether its session was closed, or is gone, without ``end()`` having been called."""
        if self._state in ENDED or self._coordinator is None:
            return False
        coordinator = self._coordinator()
        return coordinator is None or (self._coordinated and bool(coordinator.joined))

    @property
    def joinable(self) -> bool:
        """Whether hooks may still join: no session was created yet."""
        return self._state == "waiting" and self._coordinator is None

    def died(self, error: BaseException | None = None) -> None:
        """End without ``end()``: the session raised, or was interrupted.

        Args:
            error: what was raised, where it is known.
        """
        if self._state in ENDED:
            return
        self._unexplained = error is None
        if isinstance(error, KeyboardInterrupt):
            self._end("interrupted")
        else:
            self._end("died", type(error).__name__ if error is not None else "")

    def saved(self) -> None:
        """Say that this is what files hold: nobody can tell whether it has ended."""
        self._end("saved")

    def outlived(self) -> None:
        """End a session that is gone because another one begins: its error, if any, was caught."""
        if self.lost:
            self.died()
        self._unexplained = False

    def cell_ended(self, error: BaseException | None) -> None:
        """Note that the cell has ended, and tell from what it raised how the session stands.

        Args:
            error: what the cell raised, None where it did not.
        """
        if self._coordinator is not None and not self._coordinated:
            # Without a coordinator nobody can say whether the session is over, so it is not kept alive.
            self.tell_held(lambda: self.step)
            self.run_context = self._failure = None
            self.global_step.forget()
        if self.lost or (error is not None and self._state == "waiting"):
            self.died(error)
        elif self._unexplained and error is not None:
            self._state = ""  # it was found dead before the cell had shown what it raised
            self.died(error)
        elif self._state == "running" or (self._state == "waiting" and not self.joinable):
            self._turn_to("open")
        self._unexplained = False  # what a later cell raises is another matter

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` of every source that joins, and of the end."""
        self._watchers = (*self._watchers, watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Undo `watch`."""
        self._watchers = tuple(other for other in self._watchers if other is not watcher)

    def feed(self, sink: Sink) -> None:
        """Pass every record on to `sink` too."""
        if sink not in self._sinks:
            self._sinks = (*self._sinks, sink)

    def _end(self, state: str, detail: str = "") -> None:
        self.tell_held(lambda: self.step)
        finishers, self._finishers = self._finishers, ()
        for finish in finishers:
            try:
                finish()
            except Exception as error:  # noqa: BLE001 - as everything that only tells
                self.fault("the end of the session", error)
        self.release()
        self._turn_to(state, detail)
        self._coordinator = None
        self._present.clear()
        self.control.release()
        _forget(self)
        self._notify("ended")

    def _notify(self, what: str, *arguments: object) -> None:
        for watcher in self._watchers:
            try:
                getattr(watcher, what)(*arguments)
            except Exception as error:  # noqa: BLE001 - a watcher is a guest, like a sink
                self.fault("the dashboard", error)

    def _turn_to(self, state: str, detail: str = "") -> None:
        self._state = state
        self.write(State(state, self.step, time.time(), detail))


def _described(error: BaseException) -> str:
    """Write an error with its type; the type alone where its own code cannot write it."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - `__str__` is whoever's code raised it
        return type(error).__name__


_lock = threading.Lock()
# Weak on both sides: a session may hold its graph, and a value that holds its key is never freed. The hooks
# of a session keep it alive, and so does a board that shows it.
_joinable: weakref.WeakKeyDictionary[Any, weakref.ref[Session]] = weakref.WeakKeyDictionary()
_openers: list[Callable[[Session], object]] = []


def of(graph: object, sink: Sink | None = None) -> Session:
    """Find the session that hooks of `graph` are joining, or open one.

    A session can be joined until it is created; who comes later opens the next one.

    Args:
        graph: the graph that will be run. Held weakly.
        sink: where this hook's user wants it shown. A Host is given the session, any other sink every
            record of it. None leaves it to whoever registered with `on_open`.
    """
    with _lock:
        session = _found(graph)
        fresh = session is None or not session.joinable
        if session is None or fresh:
            session = Session()
            _joinable[graph] = weakref.ref(session)
    shows: list[Callable[[Session], object]] = []
    if isinstance(sink, Host):
        shows.append(sink.show)
    elif fresh:
        shows += _openers
    if sink is not None and not isinstance(sink, Host):
        session.feed(sink)
    for show in shows:
        try:
            show(session)
        except Exception as error:  # noqa: BLE001 - showing a session is not worth losing it
            session.fault("the dashboard", error)
    return session


def at(graph: object) -> Session | None:
    """Find the session of `graph` that is being joined or running, None where there is none."""
    with _lock:
        return _found(graph)


def on_open(opener: Callable[[Session], object]) -> None:
    """Call `opener` with every session that is opened, unless a hook brought its own dashboard."""
    if opener not in _openers:
        _openers.append(opener)


def _forget(session: Session) -> None:
    with _lock:
        for graph, other in list(_joinable.items()):
            if other() in (session, None):
                del _joinable[graph]


def _found(graph: object) -> Session | None:
    reference = _joinable.get(graph)
    return None if reference is None else reference()


def _gone(reference: weakref.ref[Session], _coordinator: weakref.ref[Any]) -> None:
    """Release what is held of a session whose coordinator is gone, as it is soon after an error."""
    session = reference()
    if session is not None:
        session.release()
