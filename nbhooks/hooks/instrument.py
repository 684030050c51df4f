"""Layers around a method of one object, each removable by itself; what was there before is given back."""

from __future__ import annotations

import contextlib
import weakref
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MISSING: Any = object()
"""What `own` returns where the object has no attribute of its own under that name."""

_MARK = "_nbhooks_layer"
"""The attribute of a layer's function that leads to its layer."""


class NotLayeredError(TypeError):
    """The object or the method takes no layers, and was left alone; the message says why."""


class Layer:
    """One layer around a method, made by `wrap`.

    Its function is an attribute of the object itself, so calling the method costs no frame but the
    function's own. Layers and functions that the user sets may lie above each other in any order. A function
    that the user has set stays where it is, whatever is removed below or above it.

    Attributes:
        name: of the method.
        below: what the function is to call: the method as it was, or the next layer.
        live: False once the layer is removed. The user may have kept the function, and may call it later;
            from then on it must do nothing but call `below`.
    """

    __slots__ = ("__weakref__", "_function", "_own", "_target", "below", "live", "name")

    def __init__(self, target: object, name: str) -> None:
        """Look at what is there. `wrap` puts the layer around it."""
        found = vars(target).get(name, MISSING)
        self.name = name
        self._own = found is not MISSING  # whether `below` is to be an attribute of the object again
        self.below: Callable[..., Any] = found if self._own else getattr(target, name)
        self.live = True
        self._target: Any = target
        # Weak, since the function refers to the layer: both are freed at once when the last user is gone.
        self._function: weakref.ref[FunctionType] | None = None

    @property
    def uncovered(self) -> bool:
        """Whether the layer is in place, and nothing but layers over it."""
        if not self.live or self._function is None or (function := self._function()) is None:
            return False
        found = vars(self._target).get(self.name)
        while found is not function:
            above = _layer_of(found)
            if above is None:
                return False
            found = above.below
        return True

    def remove(self) -> None:
        """Remove this layer and nothing else. May be called again."""
        if self.live:
            self._unlink()
            self.live = False
            self._target = None

    def _unlink(self) -> None:
        function = self._function() if self._function is not None else None
        if function is None:
            return  # the user has deleted it, and nobody has kept it
        attributes = vars(self._target)
        found, above = attributes.get(self.name), None
        while found is not function:
            above = _layer_of(found)
            if above is None:
                return  # the user has set a function over this one, or deleted it: that stays so
            found = above.below
        if above is not None:
            above.below, above._own = self.below, self._own  # noqa: SLF001 - a layer of this class
        elif self._own:
            attributes[self.name] = self.below
        else:
            del attributes[self.name]


def wrap(target: object, name: str, make: Callable[[Layer], FunctionType]) -> Layer:
    """Put a layer around a method of one object, over those that are there.

    Args:
        target: the object.
        name: of its method.
        make: is given the layer and returns the function that stands in the method's place. The function
            takes what the method takes (without `self`), does its part while `layer.live`, and calls
            `layer.below`.

    Returns:
        The layer, to be removed.

    Raises:
        NotLayeredError: where the class has a property or a slot of that name, or the object takes no
            attributes, as one with slots or a frozen dataclass does.
        AttributeError: where there is no such method.

    Example:
        >>> from types import SimpleNamespace
        >>> def doubled(layer):
        ...     return lambda x: 2 * layer.below(x) if layer.live else layer.below(x)
        >>> target = SimpleNamespace(method=abs)
        >>> layer = wrap(target, "method", doubled)
        >>> target.method(-2)
        4
        >>> layer.remove()
        >>> target.method is abs
        True
    """
    _check(target, name)
    layer = Layer(target, name)
    function = make(layer)
    setattr(function, _MARK, layer)
    layer._function = weakref.ref(function)  # noqa: SLF001 - a layer is made here alone
    try:
        setattr(target, name, function)
    except (AttributeError, TypeError) as error:
        raise NotLayeredError(f"{_named(target, name)} was left alone: {error}") from error
    if vars(target).get(name) is not function:
        with contextlib.suppress(Exception):  # it is kept where the class wants it, if anywhere
            delattr(target, name)
        raise NotLayeredError(f"{_named(target, name)} was left alone: its class keeps attributes elsewhere")
    return layer


def own(target: object, name: str) -> Any:
    """Return what the user has set on the object under that name, `MISSING` where that is nothing.

    Layers do not count, those below a function that the user has set included.

    Example:
        >>> from types import SimpleNamespace
        >>> own(SimpleNamespace(method=abs), "method") is abs
        True
    """
    return _without_layers(getattr(target, "__dict__", {}).get(name, MISSING))


def own_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return attributes of an object as they are without layers: what a copy of it may have."""
    found = {name: _without_layers(value) for name, value in attributes.items()}
    return {name: value for name, value in found.items() if value is not MISSING}


def _without_layers(found: Any) -> Any:
    while (layer := _layer_of(found)) is not None:
        found = layer.below if layer._own else MISSING  # noqa: SLF001 - of this module
    return found


def _layer_of(function: Any) -> Layer | None:
    """Find the layer whose function this is. A decorator may have copied the mark to another function."""
    if type(function) is not FunctionType:
        return None
    layer: Layer | None = vars(function).get(_MARK)
    if layer is None or layer._function is None or layer._function() is not function:  # noqa: SLF001
        return None
    return layer


def _check(target: object, name: str) -> None:
    if not hasattr(target, "__dict__"):
        raise NotLayeredError(
            f"{_named(target, name)} was left alone: {type(target).__name__} takes no attributes"
        )
    for base in type(target).__mro__:
        if name in vars(base):
            found = vars(base)[name]
            if hasattr(type(found), "__set__") or hasattr(type(found), "__delete__"):
                raise NotLayeredError(
                    f"{_named(target, name)} was left alone: {base.__name__} defines it as a "
                    f"{type(found).__name__}, and a layer takes a method"
                )
            return


def _named(target: object, name: str) -> str:
    return f"{type(target).__name__}.{name}"
