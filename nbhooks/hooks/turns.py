"""Where am I: the hooks of a session, what each asked for in the latest run, and what it got."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.hooks import elements
from nbhooks.hooks.probe import CALLER
from nbhooks.model.debugging import Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbhooks.hooks._tensorflow import tf
    from nbhooks.hooks.probe import Probe

LONG = 200
"""Characters that are kept of what was asked for, and of a value."""

MANY = 8
"""Items of a structure that are written out."""

_NAMES = reprlib.Repr()
_NAMES.maxstring = _NAMES.maxother = LONG


def turns(graph: tf.Graph, probe: Probe, hooks: Sequence[Any]) -> tuple[Turn, ...]:
    """Return the part of each hook in the latest run, and first that of the run itself.

    Args:
        graph: of the session.
        probe: has seen the run.
        hooks: of the session; those that asked for something are among what the probe has seen.
    """
    if probe.fetches is None:
        return tuple(Turn(type(hook).__name__, "", "") for hook in hooks)
    asked = {id(key): value for key, value in probe.fetches.items()}  # not every hook can be hashed
    got = {id(key): value for key, value in (probe.results or {}).items()}
    caller = next(key for key in probe.fetches if key == CALLER)
    others = [key for key in probe.fetches if key is not caller and all(key is not hook for hook in hooks)]

    def turn(name: str, key: Any) -> Turn:
        return Turn(name, _asked(graph, asked.get(id(key))), _got(got.get(id(key))))

    return (turn("session.run", caller), *(turn(type(hook).__name__, hook) for hook in (*hooks, *others)))


def text_of(value: Any) -> str:
    """Write a value in at most `LONG` characters, whatever it is and however large."""
    if isinstance(value, dict):
        return _listed([f"{_NAMES.repr(key)}: {text_of(item)}" for key, item in _first(value.items())], value)
    if isinstance(value, (list, tuple)):
        return _listed([text_of(item) for item in _first(value)], value)
    if isinstance(value, np.ndarray) and value.size > MANY:
        return f"{value.dtype} {value.shape}"
    return str(value).replace("\n", " ")[:LONG]


def _first(items: Any) -> list[Any]:
    return list(items)[:MANY]


def _listed(texts: list[str], whole: Any) -> str:
    more = [f"and {len(whole) - len(texts)} more"] if len(whole) > len(texts) else []
    return ", ".join([*texts, *more])[:LONG]


def _asked(graph: tf.Graph, fetches: Any) -> str:
    if fetches is None:
        return ""
    try:
        names = [elements.short(element) for element in elements.flattened(graph, fetches)]
    except (KeyError, TypeError, ValueError):  # TensorFlow refused it too
        return _NAMES.repr(fetches)
    return _listed(names[:MANY], names)


def _got(value: Any) -> str:
    return "" if value is None else text_of(value)
