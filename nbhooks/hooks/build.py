"""Hooks by name: all of them, and lists of them made from a configuration."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nbhooks.hooks.checkpoint_saver import CheckpointSaverHook
from nbhooks.hooks.feed_fn import FeedFnHook
from nbhooks.hooks.final_ops import FinalOpsHook
from nbhooks.hooks.global_step_waiter import GlobalStepWaiterHook
from nbhooks.hooks.logging_tensor import LoggingTensorHook
from nbhooks.hooks.nan_tensor import NanTensorHook
from nbhooks.hooks.profiler import ProfilerHook
from nbhooks.hooks.step_counter import StepCounterHook
from nbhooks.hooks.stop_after_n_evals import StopAfterNEvalsHook
from nbhooks.hooks.stop_at_step import StopAtStepHook
from nbhooks.hooks.summary_saver import SummarySaverHook

if TYPE_CHECKING:
    from nbhooks.hooks.base import NotebookHook

HOOKS: Mapping[str, type[NotebookHook]] = MappingProxyType(
    {
        hook.__name__: hook
        for hook in (
            CheckpointSaverHook,
            FeedFnHook,
            FinalOpsHook,
            GlobalStepWaiterHook,
            LoggingTensorHook,
            NanTensorHook,
            ProfilerHook,
            StepCounterHook,
            StopAfterNEvalsHook,
            StopAtStepHook,
            SummarySaverHook,
        )
    }
)
"""Every notebook-aware hook by its name."""

_SHAPE = 'a list such as [{"StepCounterHook": {"every_n_steps": 10}}]'


def build(config: Iterable[Mapping[str, Mapping[str, Any] | None] | str]) -> list[NotebookHook]:
    """Make hooks from a configuration as it is read from YAML or JSON.

    Args:
        config: for each hook its name and its keyword arguments; a name alone, or with nothing behind it,
            takes no arguments.

    Returns:
        The hooks, in the order given.

    Raises:
        ValueError: for an unknown hook or argument, or one that is missing; the message lists the valid ones.
            What a hook itself refuses is raised as it is.
        TypeError: if `config` has another shape.

    Example:
        >>> [type(hook).__name__ for hook in build([{"StopAtStepHook": {"last_step": 10}}])]
        ['StopAtStepHook']
    """
    if isinstance(config, str) or not isinstance(config, Iterable):
        raise TypeError(f"build() takes {_SHAPE}, not {type(config).__name__}")
    entries: Iterable[Any] = [config] if isinstance(config, Mapping) else config
    return [_made(name, arguments) for entry in entries for name, arguments in _pairs(entry)]


def _pairs(entry: Any) -> list[tuple[str, Any]]:
    if isinstance(entry, str):
        return [(entry, None)]
    if isinstance(entry, Mapping):
        return list(entry.items())
    raise TypeError(f"build() takes {_SHAPE}; in it is a {type(entry).__name__}: {entry!r}")


def _made(name: str, arguments: Any) -> NotebookHook:
    hook = HOOKS.get(name)
    if hook is None:
        raise ValueError(f"there is no hook {name!r}{_meant(name, HOOKS)}; there are: {', '.join(HOOKS)}")
    if arguments is not None and not isinstance(arguments, Mapping):
        raise TypeError(f"{name} takes a mapping of arguments, not {type(arguments).__name__}: {arguments!r}")
    given = dict(arguments or {})
    parameters = list(inspect.signature(hook.__init__).parameters.values())[1:]
    valid = [parameter.name for parameter in parameters]
    for key in given:
        if key not in valid:
            raise ValueError(
                f"{name} has no argument {key!r}{_meant(str(key), valid)}; it takes: {', '.join(valid)}"
            )
    missing = [
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty and parameter.name not in given
    ]
    if missing:
        raise ValueError(f"{name} lacks {', '.join(map(repr, missing))}; it takes: {', '.join(valid)}")
    return hook(**given)


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
