"""What a debugger pauses at: frozen conditions, from Python or from text."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
"""What `break_when` compares by."""

_TEXT = re.compile(r"\s*(?P<name>\S+?)\s*(?P<op>>=|<=|==|!=|>|<)\s*(?P<number>[^\s<>=!]+)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is looked at after every run."""

    @property
    def names(self) -> tuple[str, ...]:
        """The tensors whose values it needs, beside those that are watched."""
        return ()

    @property
    def numeric(self) -> bool:
        """Whether these tensors must hold numbers."""
        return True

    def check(self, step: int | None, values: Mapping[str, npt.NDArray[Any]], before: int | None) -> str:
        """Look at a run.

        Args:
            step: the global step after it, None where the graph has none.
            values: what it computed, by name without ``":0"``; a tensor that it did not compute is missing.
            before: the global step at which the condition was checked last.

        Returns:
            What holds, in words, and the value; ``""`` where the condition does not hold.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Threshold(Condition):
    """A tensor compares to a number; of a tensor that is not a scalar, any of its elements. See `break_when`.

    Attributes:
        name: of the tensor.
        op: one of `OPERATORS`.
        number: what to compare with.
    """

    name: str
    op: str
    number: float

    @property
    def names(self) -> tuple[str, ...]:
        """The tensor."""
        return (self.name,)

    def check(
        self,
        step: int | None,  # noqa: ARG002 - as every condition
        values: Mapping[str, npt.NDArray[Any]],
        before: int | None,  # noqa: ARG002
    ) -> str:
        """Return the condition and the value that meets it."""
        value = values.get(plain(self.name))
        if value is None:
            return ""
        elements = np.asarray(value).ravel()
        met = elements[OPERATORS[self.op](elements, self.number)]
        return f"{self}: {met[0]:.6g}" if met.size else ""

    def __str__(self) -> str:
        return f"{self.name} {self.op} {self.number:.12g}"


@dataclass(frozen=True, slots=True)
class AtStep(Condition):
    """The global step is reached. See `break_at`.

    Attributes:
        step: the global step.
    """

    step: int

    def check(
        self,
        step: int | None,
        values: Mapping[str, npt.NDArray[Any]],  # noqa: ARG002 - as every condition
        before: int | None,
    ) -> str:
        """Return the condition and the step, once."""
        reached = step is not None and step >= self.step and (before is None or before < self.step)
        return f"{self}: {step}" if reached else ""

    def __str__(self) -> str:
        return f"step {self.step}"


@dataclass(frozen=True, slots=True)
class NonFinite(Condition):
    """A value is NaN or infinite. See `break_on_nonfinite`.

    Attributes:
        tensors: their names; empty for every tensor that is watched.
    """

    tensors: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The tensors that were named."""
        return self.tensors

    def check(
        self,
        step: int | None,  # noqa: ARG002 - as every condition
        values: Mapping[str, npt.NDArray[Any]],
        before: int | None,  # noqa: ARG002
    ) -> str:
        """Return the first tensor with such a value, and the value."""
        for name in map(plain, self.tensors) if self.tensors else values:
            value = values.get(name)
            if value is None or np.asarray(value).dtype.kind not in "fcV":
                continue
            array = np.asarray(value)
            if array.dtype.kind == "V":  # bfloat16 and its like
                array = array.astype(np.float32)
            elements = array[~np.isfinite(array)]
            if elements.size:
                return f"{name} is not finite: {elements.flat[0]}"
        return ""

    def __str__(self) -> str:
        return f"not finite: {', '.join(self.tensors) or 'any watched tensor'}"


@dataclass(frozen=True, slots=True)
class OnError(Condition):
    """An operation of a run fails. See `break_on_error`."""

    def check(
        self,
        step: int | None,  # noqa: ARG002 - as every condition
        values: Mapping[str, npt.NDArray[Any]],  # noqa: ARG002
        before: int | None,  # noqa: ARG002
    ) -> str:
        """Return nothing: a run that has ended did not fail."""
        return ""

    def __str__(self) -> str:
        return "an error"


@dataclass(frozen=True, slots=True)
class If(Condition):
    """A function of the step and the watched values returns true. See `break_if`.

    Attributes:
        function: ``f(step, values) -> bool``.
    """

    function: Callable[[int, dict[str, npt.NDArray[Any]]], bool]

    @property
    def numeric(self) -> bool:
        """The function may look at strings, too."""
        return False

    def check(
        self,
        step: int | None,
        values: Mapping[str, npt.NDArray[Any]],
        before: int | None,  # noqa: ARG002 - as every condition
    ) -> str:
        """Return the condition where the function returns true."""
        return str(self) if self.function(step or 0, dict(values)) else ""

    def __str__(self) -> str:
        return f"{getattr(self.function, '__qualname__', type(self.function).__name__)}(step, values)"


def break_when(name: Any, op: str, number: float) -> Condition:
    """Pause when a tensor compares to a number, or any element of it does.

    Args:
        name: the tensor, or its name with or without ``":0"``.
        op: one of ``>``, ``>=``, ``<``, ``<=``, ``==`` and ``!=``.
        number: what to compare with.

    Raises:
        ValueError: for another operator.
        TypeError: for a name or a number that is none.

    Example:
        >>> print(break_when("loss", ">", 3))
        loss > 3
    """
    if op not in OPERATORS:
        raise ValueError(f"break_when() compares by one of {' '.join(OPERATORS)}, not by {op!r}")
    if not hasattr(number, "__float__"):
        raise TypeError(f"break_when() compares with a number, not with {number!r}")
    return Threshold(_name_of(name, "break_when"), op, float(number))


def break_at(step: int) -> Condition:
    """Pause when a global step is reached.

    Args:
        step: the global step, at least 1. One that has passed already does not pause.

    Raises:
        ValueError: if it is less than 1.
        TypeError: if it is no whole number.

    Example:
        >>> print(break_at(300))
        step 300
    """
    try:
        whole = operator.index(step)
    except TypeError:
        raise TypeError(f"break_at() takes a global step such as 300, not {step!r}") from None
    if whole < 1:
        raise ValueError(f"break_at() takes a global step of at least 1, not {whole}")
    return AtStep(whole)


def break_on_nonfinite(*names: Any) -> Condition:
    """Pause when a value is NaN or infinite.

    Args:
        names: the tensors, or their names; without any, every tensor that is watched.

    Raises:
        TypeError: for a name that is none.

    Example:
        >>> print(break_on_nonfinite("loss", "norm"))
        not finite: loss, norm
    """
    return NonFinite(tuple(_name_of(name, "break_on_nonfinite") for name in names))


def break_on_error() -> Condition:
    """Pause when an operation of a run fails, before its error is raised.

    What ends a loop is no such error: ``OutOfRangeError``, ``StopIteration``, ``AbortedError``,
    ``UnavailableError`` and ``KeyboardInterrupt`` never pause.

    Example:
        >>> print(break_on_error())
        an error
    """
    return OnError()


def break_if(f: Callable[[int, dict[str, npt.NDArray[Any]]], bool]) -> Condition:
    """Pause when a function returns true. It is called after every run; if it raises, it is switched off.

    Args:
        f: is given the global step (0 where there is none) and the values of the watched tensors, by name
            without ``":0"``.

    Raises:
        TypeError: if it cannot be called.

    Example:
        >>> condition = break_if(lambda step, values: step % 100 == 0 and values["loss"] > 3)
    """
    if not callable(f):
        raise TypeError(f"break_if() takes a function f(step, values), not {f!r}")
    return If(f)


def parse(text: str) -> Condition:
    """Read a condition as it is written in the board: ``"tag op number"``.

    Args:
        text: hostile; nothing of it is evaluated.

    Raises:
        ValueError: if it is of another form.

    Example:
        >>> print(parse("loss>=0.5"))
        loss >= 0.5
    """
    found = _TEXT.fullmatch(text)
    if found is not None:
        try:
            return Threshold(found["name"], found["op"], float(found["number"]))
        except ValueError:
            pass
    raise ValueError(
        f"a condition is written as tensor, operator ({' '.join(OPERATORS)}) and number, as in 'loss > 3'; "
        f"given was {text!r}"
    )


def plain(name: str) -> str:
    """Return the name of a tensor without ``":0"``: the one that values and watches go by."""
    return name.removesuffix(":0")


def _name_of(given: Any, function: str) -> str:
    name = getattr(given, "name", given)
    if not isinstance(name, str):
        raise TypeError(f"{function}() takes a tensor or its name, not {given!r}")
    return name
