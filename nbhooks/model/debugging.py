"""What a debugger reports: why a run is paused, what is watched, and what can be changed."""

from __future__ import annotations

from dataclasses import dataclass

from nbhooks.model.record import Keep, Record


@dataclass(frozen=True, slots=True)
class Watched:
    """A tensor that is fetched with every run that computes it.

    Attributes:
        name: without ``":0"``. Hostile until escaped.
        dtype: as TensorFlow names it.
        shape: as far as it is known, in words, such as ``"(?, 10)"``.
        note: why it gives no value at present, ``""`` where it does.
    """

    name: str
    dtype: str
    shape: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Armed:
    """A condition.

    Attributes:
        text: the condition in words. Hostile until escaped.
        on: whether it is looked at.
        note: why it was switched off, or where it held last; ``""`` before.
    """

    text: str
    on: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be changed.

    Attributes:
        name: of the variable or the tensor. Hostile until escaped.
        kind: ``"variable"``, or ``"fed"`` for a tensor that is fed once it was set.
        dtype: as TensorFlow names it.
        value: the value at the latest pause.
        set: whether it is fed instead of its own value.
    """

    name: str
    kind: str
    dtype: str
    value: float | int | bool
    set: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """The part of one hook in the latest run.

    Attributes:
        hook: the name of its class; ``"session.run"`` for the run's own.
        asked: what it asked for, in words, ``""`` for nothing.
        got: what it got, in words.
    """

    hook: str
    asked: str
    got: str


@dataclass(frozen=True, slots=True)
class Debugging(Record):
    """The state of a debugger; a later record replaces it.

    Attributes:
        source: the debugger.
        wall_time: seconds since the epoch.
        step: the global step, exact while paused; None where there is none.
        paused: whether the run is held.
        reason: why it is paused, in words. Hostile until escaped.
        closing: whether no further run comes: the session closes after the pause.
        stop_runs_once: whether a stop would still make the run that has begun.
        watched: in the order in which they were added.
        conditions: in the order in which they were added.
        fields: what can be changed.
        turns: what each hook asked for and got in the latest run, in the order of the session's hooks.
        last: the latest steps and values of the tensor of the condition that held.
        evaluated: the names and values, in words, of the latest `Evaluate`.
        changes: the latest steps at which something was set, and what, in words.
        note: the latest refusal or failure in words, ``""`` where there is none.
    """

    KEEP = Keep.LATEST
    source: str
    wall_time: float
    step: int | None = None
    paused: bool = False
    reason: str = ""
    closing: bool = False
    stop_runs_once: bool = False
    watched: tuple[Watched, ...] = ()
    conditions: tuple[Armed, ...] = ()
    fields: tuple[Field, ...] = ()
    turns: tuple[Turn, ...] = ()
    last: tuple[tuple[int, float], ...] = ()
    evaluated: tuple[tuple[str, str], ...] = ()
    changes: tuple[tuple[int, str], ...] = ()
    note: str = ""
