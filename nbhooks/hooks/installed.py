"""Code that cannot be edited: installed() puts this package's hooks in the place of TensorFlow's."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbhooks.hooks._tensorflow import train
from nbhooks.hooks.build import HOOKS
from nbhooks.hooks.monitored_session import MonitoredTrainingSession

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def installed(*, debug: bool = False) -> Iterator[None]:
    """Let ``tf.compat.v1.train`` have this package's hooks and MonitoredTrainingSession within the block.

    What looks these names up within the block gets them: ``tf.compat.v1.train.StopAtStepHook(...)`` in any
    module, and ``from tensorflow.compat.v1.train import StopAtStepHook`` in one that is imported first within
    it. Afterwards each name is what it was, unless somebody else has set it meanwhile: that stays.

    Args:
        debug: whether each MonitoredTrainingSession is given a `NotebookDebugHook`, where it has none.

    Example:
        >>> with installed(debug=True):  # doctest: +SKIP
        ...     import train
        ...     train.main()
    """
    ours: dict[str, Any] = {name: hook for name, hook in HOOKS.items() if hasattr(train, name)}
    ours["MonitoredTrainingSession"] = _debugging if debug else MonitoredTrainingSession
    before = {name: getattr(train, name) for name in ours}
    try:
        for name, replacement in ours.items():
            setattr(train, name, replacement)
        yield
    finally:
        for name, replacement in ours.items():
            if getattr(train, name, None) is replacement:
                setattr(train, name, before[name])


@functools.wraps(MonitoredTrainingSession)
def _debugging(*arguments: Any, **named: Any) -> train.MonitoredSession:
    return MonitoredTrainingSession(*arguments, **{"debug": True, **named})
