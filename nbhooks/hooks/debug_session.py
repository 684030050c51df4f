"""One TensorFlow session under a debugger: its commands, its pauses, and what is added to its runs."""

from __future__ import annotations

import dataclasses
import operator
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.hooks import elements, evaluation, saving, turns
from nbhooks.hooks._tensorflow import hooks_around, tf
from nbhooks.hooks.fields import Fields
from nbhooks.hooks.given_values import GivenValues
from nbhooks.hooks.logging_tensor import record_of
from nbhooks.hooks.probe import CALLER, Probe
from nbhooks.hooks.watches import Watches
from nbhooks.model import commands, conditions
from nbhooks.model.commands import RefusedError
from nbhooks.model.debugging import Debugging
from nbhooks.model.events import Event
from nbhooks.model.kinds import EventKind
from nbhooks.model.lifecycle import Phase
from nbhooks.model.pausing import Pausing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nbhooks.model.armed_conditions import ArmedConditions
    from nbhooks.model.commands import Command
    from nbhooks.model.debugging import Turn
    from nbhooks.model.recording import Recording
    from nbhooks.model.stepping import Stepping

ENDS_A_LOOP = (
    tf.errors.OutOfRangeError,
    StopIteration,
    tf.errors.AbortedError,
    tf.errors.UnavailableError,
    KeyboardInterrupt,
)
"""Errors at which `break_on_error` does not pause: they end a loop, or a session that is created anew."""

CHANGES = 100
"""Changes that are marked, the latest."""

CLOSING = "the session is about to close, and no further run comes: Resume lets it close"


class DebugSession:
    """One session under a debugger. Everything in it happens on the thread that trains.

    Args:
        recording: of the session.
        source: the debugger's, in the recording.
        session: finds TensorFlow's session, None where it is gone.
        read: reads the global step.
        stepping: what the training is to do next.
        armed: at what to pause.
        attended: returns whether somebody is there during a pause.
        on_pause: called where nobody is, None for nothing.
        directory: where to save to, None for that of the CheckpointSaverHook.

    Attributes:
        watches, given: what is watched, and what was set.
        probe: the layer around the session's runs.
        paused: whether the run is held.
        reason: why it is, or was last.
        step_tensor: the global step, where no hook fetches it; it is fetched with every run then.
    """

    def __init__(
        self,
        *,
        graph: tf.Graph,
        recording: Recording,
        source: str,
        session: Callable[[], tf.compat.v1.Session | None],
        read: Callable[[], int | None],
        stepping: Stepping,
        armed: ArmedConditions,
        attended: Callable[[], bool],
        on_pause: Callable[[], object] | None,
        directory: str | None,
    ) -> None:
        self._recording, self._source, self._session, self._read = recording, source, session, read
        self._stepping, self._armed, self._on_pause, self._directory = stepping, armed, on_pause, directory
        self._graph = graph
        self._pausing = Pausing(recording.control, attended)
        self.watches = Watches(graph)
        self.given = GivenValues(graph)
        self._fields = Fields(graph, self.given)
        self.probe = Probe(self._prepare, self._answered, partial(recording.report_fault, source))
        self.step_tensor: Any = None
        self.paused = self._closing = False
        self.reason = self._note = ""
        self._asked: Sequence[str] = ()
        self._values: dict[str, Any] | None = None  # of the run that is over, until they are looked at
        self._evaluated: tuple[tuple[str, str], ...] = ()
        self._changes: tuple[tuple[int, str], ...] = ()
        self._turns: tuple[Turn, ...] = ()
        self._faults: set[str] = set()
        self._runs = 0
        self._handlers: Mapping[type[Command], Callable[[Any], object]] = {
            commands.Pause: lambda _: self._pause_by(recording.control.by),
            commands.Step: self._step,
            commands.UntilStep: self._until,
            commands.Resume: lambda _: stepping.resume(),
            commands.Save: lambda _: self._save(),
            commands.Watch: lambda command: self.watches.add(command.name, self.latest),
            commands.Unwatch: lambda command: self.watches.remove(command.name),
            commands.SetValue: lambda command: self.set(command.name, command.value),
            commands.Unset: lambda command: self._unset(command.name),
            commands.AddCondition: lambda command: self._add(command.condition),
            commands.RemoveCondition: lambda command: self._remove(command.condition),
            commands.Evaluate: lambda command: self._show(command.names),
        }

    @property
    def kinds(self) -> Iterable[type[Command]]:
        """The kinds of commands that are carried out here."""
        return self._handlers

    def connect(self) -> None:
        """Begin to debug: the handlers of commands are registered, and no run was made."""
        self._recording.unpause = self._unpause
        self._recording.on_error = self.on_error
        self._armed.begin(self._recording.step)
        self._renew()
        self.report()

    def disconnect(self) -> None:
        """Drop what leads to the graph. May come at any time, so it takes no lock."""
        self._recording.hold = self._recording.unpause = self._recording.on_error = None
        self.probe.forget()

    def handle(self, command: Command) -> None:
        """Carry out a command."""
        self.carry_out(self._handlers[type(command)], command)

    def carry_out(self, act: Callable[..., Any], *arguments: object) -> Any:
        """Carry out what a command asks for, and report what has changed."""
        self._note = ""
        try:
            return act(*arguments)
        except Exception as error:
            refused = isinstance(error, RefusedError)
            self._note = str(error) if refused else f"{type(error).__name__}: {error}"
            raise
        finally:
            self._renew()
            self.report()

    # Commands

    def _pause_by(self, by: str) -> None:
        self._stepping.pause(f"by {by}")

    def _step(self, command: commands.Step) -> None:
        if type(command.count) is not int or command.count < 1:
            raise RefusedError(f"a step is at least 1 run, and {command.count!r} was asked for")
        self._check_open()
        self._stepping.step(command.count)

    def _until(self, command: commands.UntilStep) -> None:
        self._check_open()
        step = self._recording.step
        if step is None:
            raise RefusedError("the graph has no global step; step(n) makes so many runs")
        if type(command.step) is not int or command.step <= step:
            raise RefusedError(f"step {command.step!r} does not come any more: the global step is {step}")
        self._stepping.until(command.step)

    def _check_open(self) -> None:
        if self._closing:
            raise RefusedError(CLOSING)

    def _unpause(self) -> bool:
        self._stepping.resume()
        return self._closing

    def _save(self) -> None:
        recording = self._recording
        recording.global_step.refresh(self._read)
        hooks = hooks_around() or list(self.probe.fetches or ())
        saved = saving.save(self._open_session(), recording.step, hooks, self._directory)
        if saved.record is not None:
            recording.write(dataclasses.replace(saved.record, source=self._source))
        if saved.asks_to_stop and recording.run_context is not None and not self._closing:
            recording.request_stop("a CheckpointSaverListener")

    def set(self, name: str, value: Any) -> None:
        """Load a variable, or feed a tensor from the next run on (see `GivenValues.set`)."""
        session = self._open_session()
        self.given.set(session, name, value, self.probe.feeds)
        if self.paused:
            self._fields.read(session)
        self._mark(f"{conditions.plain(name)} = {turns.text_of(np.asarray(value)[()])}")

    def _unset(self, name: str) -> None:
        self.given.unset(name)
        self._mark(f"{conditions.plain(name)} is not set any more")

    def _mark(self, change: str) -> None:
        self._changes = (*self._changes, (self._recording.step or 0, change))[-CHANGES:]

    def _add(self, condition: conditions.Condition | str) -> None:
        if isinstance(condition, str):
            try:
                condition = conditions.parse(condition)
            except ValueError as error:
                raise RefusedError(str(error)) from error
        for name in condition.names:
            check_numeric(condition, name, self.watches.find(name, self.latest)[0])
        self._armed.add(condition)

    def _remove(self, condition: conditions.Condition | str) -> None:
        if not self._armed.remove(condition):
            there = ", ".join(f"'{armed.text}'" for armed in self._armed.view()) or "none"
            raise RefusedError(f"there is no condition '{condition}'; there is {there}")

    def evaluate(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        """Evaluate what does not move the graph.

        Args:
            fetches: as ``session.run`` takes them.
            feed_dict: those of the latest run by default. What was set is fed in any case.

        Raises:
            RefusedError: where it would move the graph; the message names the operation.
        """
        feeds = dict(self.probe.feeds if feed_dict is None else feed_dict)
        feeds.update(self.given.feeds(feeds))
        evaluation.check(self._graph, fetches, feeds)
        return self._open_session().run(fetches, feeds or None)

    def _show(self, names: Sequence[str]) -> None:
        tensors = [elements.tensor_of(self._graph, name) for name in names]
        values = self.evaluate(tensors)
        self._evaluated = tuple(
            (conditions.plain(name), turns.text_of(value)) for name, value in zip(names, values, strict=True)
        )

    # In the run

    @property
    def latest(self) -> tuple[Any, Mapping[Any, Any]] | None:
        """What the latest run fetched, and all that was fed; None before the first."""
        probe = self.probe
        if probe.fetches is None:
            return None
        return probe.fetches[CALLER], {**probe.feeds, **self.given.feeds(probe.feeds)}

    def _renew(self) -> None:
        """Ask of the runs what is needed now, and no more."""
        armed, watches = self._armed, self.watches
        watches.need([name for name in armed.names if name not in watches])
        self.probe.active = bool(watches or self.given.fed or armed.every_run or self.step_tensor is not None)
        self._arm()

    def _arm(self) -> None:
        busy = self._stepping.active or self._armed.every_run
        self._recording.hold = self.hold if busy else None

    def _prepare(self, fetches: Mapping[Any, Any], feeds: Mapping[Any, Any]) -> tuple[list[Any], Any]:
        given = self.given.feeds(feeds)
        plan = self.watches.plan(fetches[CALLER], {**feeds, **given}) if self.watches else {}
        self._asked = tuple(plan)
        return [*plan.values(), *([] if self.step_tensor is None else [self.step_tensor])], given

    def _answered(self, values: Sequence[Any]) -> None:
        recording = self._recording
        if self.step_tensor is not None and recording.run_context is not None:
            recording.global_step.after(recording.run_context, operator.index(values[-1]), self._read)
        self._values = dict(zip(self._asked, values, strict=False))
        self._runs += 1
        now = time.time()
        for name, value in self._values.items():
            if name in self.watches:
                recording.pending.append(record_of(self._source, name, self._runs, now, value))
        if self.watches.changed:
            self.watches.changed = False
            self.report()

    def hold(self) -> None:
        """Pause before the run at hand where that is due; `Recording.hold` while it may be."""
        self._look()
        while self._stepping.due(self._recording.step):
            self._pause()
        self._arm()

    def close(self) -> None:
        """Pause before the session closes, where a pause was to come and no run comes any more."""
        self._recording.control.between_steps()
        self._look()
        if self._stepping.active:
            self._closing = True
            if not self._stepping.reason:
                self._stepping.pause("the session is about to close")
            self._recording.go_on()
            self._pause()

    def on_error(self, error: BaseException) -> None:
        """Pause where an operation of a run has failed, if a condition asks for it."""
        if self._armed.on_error and not isinstance(error, ENDS_A_LOOP):
            self._stepping.pause(f"{type(error).__name__}: {turns.text_of(str(error))}")
            self._pause()

    def _look(self) -> None:
        """Check the conditions for the run that is over."""
        values, self._values = self._values, None
        if values is None:
            return
        held = self._armed.check(self._recording.step, values)
        if held:
            self._stepping.pause(held)
        for text, error in self._armed.faults.items():
            if text not in self._faults:
                self._faults.add(text)
                self._recording.report_fault(f"the condition {text}", error)
                self._renew()
                self.report()

    # The pause

    def _pause(self) -> None:
        recording, stepping = self._recording, self._stepping
        self.reason = stepping.reason
        self._observe(self._look_around)
        recording.lifecycle.enter(Phase.PAUSED, self.reason)
        self.paused = True  # from here on another thread may count on what was looked at
        self.report()
        try:
            if not self._pausing.wait(self._lasts):
                self._go_on_alone()
        except BaseException:
            stepping.resume()  # an interrupt ends the pause, and if it is caught, training goes on
            raise
        finally:
            self.paused = False
            recording.go_on()
            self._renew()
            self.report()

    def _lasts(self) -> bool:
        return bool(self._stepping.reason) and not self._recording.lifecycle.ended

    def _look_around(self) -> None:
        self._recording.global_step.refresh(self._read)
        self._turns = turns.turns(self._graph, self.probe, hooks_around())
        self._fields.read(self._open_session())

    def _go_on_alone(self) -> None:
        """Nobody is there to end the pause."""
        recording = self._recording
        if self._on_pause is None:
            detail = f"nobody was there to end the pause ({self.reason}), so training went on"
            recording.write(Event(EventKind.PAUSE, recording.step, time.time(), detail, self._source))
        else:
            try:
                self._on_pause()
            except Exception as error:  # noqa: BLE001 - watching a run must not end it
                recording.report_fault("on_pause", error)
        if self._stepping.reason:
            self._stepping.resume()

    def report(self) -> None:
        """Report the state of the debugger."""
        self._recording.write(
            Debugging(
                self._source,
                time.time(),
                self._recording.step,
                paused=self.paused,
                reason=self.reason if self.paused else "",
                closing=self._closing,
                stop_runs_once=self.paused and not self._closing,
                watched=self.watches.view(),
                conditions=self._armed.view(),
                fields=self._fields.view(),
                turns=self._turns,
                last=self._armed.last,
                evaluated=self._evaluated,
                changes=self._changes,
                note=self._note,
            )
        )

    def _open_session(self) -> tf.compat.v1.Session:
        session = self._session()
        if session is None:
            raise RefusedError("the session is gone")
        return session

    def _observe(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - watching a run must not end it
            self._recording.report_fault(self._source, error)


def check_numeric(condition: conditions.Condition, name: str, tensor: tf.Tensor) -> None:
    """Check that a condition can look at a tensor.

    Raises:
        RefusedError: where it compares numbers, and the tensor holds none.
    """
    dtype = tensor.dtype.base_dtype
    if condition.numeric and not (dtype.is_floating or dtype.is_integer or dtype.is_bool or dtype.is_complex):
        raise RefusedError(f"'{condition}' compares numbers, and {name} holds {dtype.name}s")
