"""The conditions that a debugger looks at after every run, and when each of them held."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.model.conditions import NonFinite, OnError, plain
from nbhooks.model.debugging import Armed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import numpy.typing as npt

    from nbhooks.model.conditions import Condition

LAST = 20
"""Values kept of the tensor of each condition."""


class ArmedConditions:
    """Conditions in the order in which they were added.

    Args:
        conditions: the first ones.

    Attributes:
        last: the latest steps and values of the tensor of the condition that held last.

    Example:
        >>> from nbhooks.model.conditions import break_when
        >>> armed = ArmedConditions([break_when("loss", ">", 3)])
        >>> armed.check(7, {"loss": np.float32(5)})
        'loss > 3: 5'
        >>> armed.last
        ((7, 5.0),)
    """

    def __init__(self, conditions: Iterable[Condition] = ()) -> None:
        self._watches: list[_Watch] = [_Watch(condition) for condition in conditions]
        self._begun: int | None = None
        self.last: tuple[tuple[int, float], ...] = ()

    def __iter__(self) -> Iterator[Condition]:
        """Every condition that is switched on."""
        return iter([watch.condition for watch in self._watches if watch.on])

    def begin(self, step: int | None) -> None:
        """Note the global step at which conditions are looked at from now on."""
        self._begun = step
        for watch in self._watches:
            watch.before = step

    def add(self, condition: Condition) -> None:
        """Look at a condition from now on; one that was switched off is switched on again."""
        self.remove(condition)
        self._watches.append(_Watch(condition, self._begun))

    def remove(self, condition: Condition | str) -> bool:
        """Look at a condition no more.

        Args:
            condition: or its text.

        Returns:
            Whether it was there.
        """
        kept = [watch for watch in self._watches if not watch.matches(condition)]
        found = len(kept) < len(self._watches)
        self._watches = kept
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The tensors whose values they need, without ``":0"``."""
        return tuple(dict.fromkeys(plain(name) for condition in self for name in condition.names))

    @property
    def every_run(self) -> bool:
        """Whether one of them must be checked after every run."""
        return any(not isinstance(condition, OnError) for condition in self)

    @property
    def on_error(self) -> bool:
        """Whether an error is among them."""
        return any(isinstance(condition, OnError) for condition in self)

    def check(self, step: int | None, values: Mapping[str, npt.NDArray[Any]]) -> str:
        """Look at a run; return what holds, in words, ``""`` where nothing does.

        A condition that raises is switched off, and noted; see `faults`.
        """
        self._begun = step if step is not None else self._begun
        held = [words for watch in self._watches if watch.on and (words := watch.check(step, values))]
        for watch in self._watches:
            if watch.held:
                self.last = tuple(watch.values)
                break
        return "; ".join(held)

    @property
    def faults(self) -> dict[str, BaseException]:
        """What the conditions that were switched off raised, by their texts."""
        return {str(watch.condition): watch.fault for watch in self._watches if watch.fault is not None}

    def view(self) -> tuple[Armed, ...]:
        """Return their state."""
        return tuple(Armed(str(watch.condition), watch.on, watch.note) for watch in self._watches)


class _Watch:
    """One condition, and what is known of it."""

    def __init__(self, condition: Condition, before: int | None = None) -> None:
        self.condition, self.before = condition, before
        self.on, self.held, self.note = True, False, ""
        self.fault: BaseException | None = None
        self.values: deque[tuple[int, float]] = deque(maxlen=LAST)
        self._tensor = plain(condition.names[0]) if condition.names else ""

    def matches(self, condition: Condition | str) -> bool:
        return condition in (self.condition, str(self.condition))

    def check(self, step: int | None, values: Mapping[str, npt.NDArray[Any]]) -> str:
        """Check the condition; switch it off where it raises."""
        self._keep(step, values)
        try:
            words = self.condition.check(step, values, self.before)
        except Exception as error:  # noqa: BLE001 - a user's function must not end the training
            self.on, self.held, self.fault = False, False, error
            self.note = f"switched off: {type(error).__name__}: {error}"
            return ""
        self.before = step
        self.held = bool(words)
        if words:
            self.note = f"{words}" if step is None else f"{words} at step {step}"
        return words

    def _keep(self, step: int | None, values: Mapping[str, npt.NDArray[Any]]) -> None:
        tensor = self._tensor
        if not tensor and isinstance(self.condition, NonFinite):
            tensor = next(iter(values), "")
        value = values.get(tensor)
        if value is not None and np.size(value) == 1 and np.asarray(value).dtype.kind in "biuf":
            self.values.append((step or 0, float(np.asarray(value).item())))
