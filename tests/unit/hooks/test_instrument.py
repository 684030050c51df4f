"""Layers around a method: in every order what was there before comes back, and nobody else's is touched."""

from __future__ import annotations

import copy
import functools
import gc
import itertools
import sys
import weakref
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from nbhooks.hooks.instrument import MISSING, Layer, NotLayeredError, own, own_attributes, wrap

if TYPE_CHECKING:
    from collections.abc import Callable


class Hook:
    """Something with methods."""

    def before_run(self, context: str) -> list[str]:
        return [f"method of {context}"]


def named(name: str) -> Callable[[Layer], Any]:
    """Make a layer that puts its name before what is below."""

    def make(layer: Layer) -> Any:
        def function(context: str) -> Any:
            return [name, *layer.below(context)] if layer.live else layer.below(context)

        return function

    return make


def mine(context: str) -> list[str]:
    return [f"mine of {context}"]


@pytest.mark.parametrize("order", list(itertools.permutations("abcd")))
@pytest.mark.parametrize("users", [None, mine])
def test_layers_are_removed_in_every_order(order: tuple[str, ...], users: Any) -> None:
    hook = Hook()
    if users:
        hook.before_run = users  # type: ignore[method-assign]
    before, bottom = dict(vars(hook)), hook.before_run("x")
    layers = {name: wrap(hook, "before_run", named(name)) for name in "abcd"}
    left = ["d", "c", "b", "a"]
    assert hook.before_run("x") == [*left, *bottom]
    for name in order:
        layers[name].remove()
        left.remove(name)
        assert hook.before_run("x") == [*left, *bottom]
        assert own(hook, "before_run") is (users or MISSING)
    assert vars(hook) == before
    assert hook.before_run("x") == bottom


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("calls_old", [True, False])
def test_what_a_user_sets_between_two_layers_stays(
    order: tuple[str, ...], place: int, *, calls_old: bool
) -> None:
    hook = Hook()
    layers = {}
    expected: list[str] = ["method of x"]
    for number, name in enumerate("abc"):
        if number == place:
            expected = _set_by_user(hook, expected, calls_old=calls_old)
        layers[name] = wrap(hook, "before_run", named(name))
        expected = [name, *expected]
    if place == len("abc"):
        expected = _set_by_user(hook, expected, calls_old=calls_old)
    function = own(hook, "before_run")
    for name in order:
        assert hook.before_run("x") == expected
        layers[name].remove()
        expected = [one for one in expected if one != name]
    assert vars(hook) == {"before_run": function}
    assert hook.before_run("x") == expected
    del hook.before_run  # type: ignore[method-assign]
    assert hook.before_run("x") == ["method of x"]
    assert vars(hook) == {}


def _set_by_user(hook: Hook, expected: list[str], *, calls_old: bool) -> list[str]:
    old = hook.before_run

    def function(context: str) -> list[str]:
        return ["user", *old(context)] if calls_old else ["user"]

    hook.before_run = function  # type: ignore[method-assign]
    return ["user", *expected] if calls_old else ["user"]


def test_a_user_may_delete_what_is_there() -> None:
    hook = Hook()
    hook.before_run = mine  # type: ignore[method-assign]
    layer = wrap(hook, "before_run", named("a"))
    del hook.before_run  # type: ignore[method-assign]
    gc.collect()  # nobody has kept the function
    assert hook.before_run("x") == ["method of x"]
    assert not layer.uncovered
    layer.remove()
    assert vars(hook) == {}


def test_a_user_may_put_back_what_was_found_during_the_layer() -> None:
    hook = Hook()
    layer = wrap(hook, "before_run", named("a"))
    found = hook.before_run
    hook.before_run = mine  # type: ignore[method-assign]
    assert not layer.uncovered
    layer.remove()
    hook.before_run = found  # type: ignore[method-assign]
    assert hook.before_run("x") == ["method of x"]  # the layer does nothing any more
    assert own(hook, "before_run") is MISSING  # and is still not the user's
    second = wrap(hook, "before_run", named("b"))
    assert hook.before_run("x") == ["b", "method of x"]
    second.remove()
    assert hook.before_run is found


def test_a_mark_that_a_decorator_copied_is_no_layer() -> None:
    hook = Hook()
    layer = wrap(hook, "before_run", named("a"))
    old = hook.before_run

    @functools.wraps(old)
    def function(context: str) -> list[str]:
        return ["user", *old(context)]

    hook.before_run = function  # type: ignore[method-assign]
    assert own(hook, "before_run") is function
    layer.remove()
    assert vars(hook) == {"before_run": function}
    assert hook.before_run("x") == ["user", "method of x"]


def test_removing_again_does_nothing() -> None:
    hook = Hook()
    first, second = wrap(hook, "before_run", named("a")), wrap(hook, "before_run", named("b"))
    first.remove()
    first.remove()
    assert hook.before_run("x") == ["b", "method of x"]
    assert second.uncovered
    assert not first.uncovered


def test_an_interrupt_while_a_layer_is_removed_leaves_it_removable(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = Hook()
    layer = wrap(hook, "before_run", named("a"))

    def interrupted(_: Layer) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Layer, "_unlink", interrupted)
        with pytest.raises(KeyboardInterrupt):
            layer.remove()
    layer.remove()
    assert vars(hook) == {}


def test_a_layer_is_one_frame() -> None:
    hook = Hook()
    depths = []

    def deep(context: str) -> list[str]:
        frame, depth = sys._getframe(), 0
        while frame := frame.f_back:  # type: ignore[assignment]
            depth += 1
        depths.append(depth)
        return [context]

    hook.before_run = deep  # type: ignore[method-assign]
    hook.before_run("x")
    for name in "abc":
        wrap(hook, "before_run", named(name))
        hook.before_run("x")
    assert [depth - depths[0] for depth in depths] == [0, 1, 2, 3]


def test_nothing_is_kept_alive_by_a_layer_that_was_removed() -> None:
    kept = Hook()  # stands for something large that the layer refers to
    hook = Hook()

    def make(layer: Layer, large: Any = kept) -> Any:
        def function(context: str) -> Any:
            return [large, *layer.below(context)]

        return function

    layer = wrap(hook, "before_run", make)
    references = weakref.ref(kept), weakref.ref(hook)
    gc.disable()
    try:
        layer.remove()
        del kept, make
        assert references[0]() is None  # at once, by its count of references
        del hook, layer
        assert references[1]() is None
    finally:
        gc.enable()


def test_a_copy_has_no_layers() -> None:
    hook = Hook()
    hook.before_run = mine  # type: ignore[method-assign]
    hook.other = 1  # type: ignore[attr-defined]
    before = dict(vars(hook))
    wrap(hook, "before_run", named("a"))
    assert vars(copy.copy(hook)) != before
    assert own_attributes(vars(hook)) == before


class Odd:
    """A class whose `before_run` is no plain method."""

    @property
    def before_run(self) -> Any:
        return mine


class Slotted:
    """A class whose instances take no attributes."""

    __slots__ = ()

    def before_run(self, context: str) -> list[str]:
        return [context]


class SlotOfThatName:
    """A class whose `before_run` is a slot, beside a __dict__."""

    __slots__ = ("__dict__", "before_run")

    def __init__(self) -> None:
        self.before_run = mine


@dataclass(frozen=True)
class Frozen:
    """A class whose instances take no attributes, though they have a __dict__."""

    number: int = 1

    def before_run(self, context: str) -> list[str]:
        return [context]


class Elsewhere:
    """A class that keeps attributes elsewhere."""

    kept: dict[str, Any]

    def __init__(self) -> None:
        vars(self)["kept"] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        self.kept[name] = value

    def __delattr__(self, name: str) -> None:
        del self.kept[name]

    def before_run(self, context: str) -> list[str]:
        return [context]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (Odd(), "Odd.before_run was left alone: Odd defines it as a property"),
        (Slotted(), "Slotted.before_run was left alone: Slotted takes no attributes"),
        (SlotOfThatName(), "SlotOfThatName defines it as a member_descriptor"),
        (Frozen(), "Frozen.before_run was left alone: cannot assign to field 'before_run'"),
        (Elsewhere(), "Elsewhere.before_run was left alone: its class keeps attributes elsewhere"),
    ],
)
def test_what_takes_no_layer_is_left_alone_and_says_so(target: Any, reason: str) -> None:
    before = copy.deepcopy(getattr(target, "__dict__", None))
    with pytest.raises(NotLayeredError, match=reason):
        wrap(target, "before_run", named("a"))
    assert getattr(target, "__dict__", None) == before
    assert own(target, "before_run") is MISSING


def test_what_is_no_method_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="after_run"):
        wrap(SimpleNamespace(), "after_run", named("a"))
