"""A layer around the run of a raw session: it sees what a run asks for and gets, and may ask for more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbhooks.hooks.instrument import Layer

CALLER = "caller"
"""The key under which TensorFlow's hooked sessions fetch what the user's run asks for; a hook is its own."""


class Probe:
    """The latest run with hooks, and what is added to the next one.

    Runs without hooks pass by: those of ``run_step_fn``, and those that hooks make for themselves.

    Args:
        prepare: called before a run while `active`, with its fetches and feeds; returns a list of tensors to
            fetch beside them, and a dict of what to feed besides.
        answered: called after it with the values of these tensors.
        fault: called with what either of them raises. The run is then made as it is.

    Attributes:
        active: whether anything is added.
        fetches: what the latest run asked for, by hook, the user's own under `CALLER`; None before the first.
        feeds: what was fed in it, by hooks too, but not by `prepare`.
        results: what it got, by hook; None while a run is under way, and where it failed.
    """

    __slots__ = ("_answered", "_fault", "_prepare", "active", "feeds", "fetches", "results")

    def __init__(
        self,
        prepare: Callable[[Mapping[Any, Any], Mapping[Any, Any]], tuple[Sequence[Any], Mapping[Any, Any]]],
        answered: Callable[[Sequence[Any]], object],
        fault: Callable[[Exception], object],
    ) -> None:
        self._prepare, self._answered, self._fault = prepare, answered, fault
        self.active = False
        self.fetches: Mapping[Any, Any] | None = None
        self.feeds: Mapping[Any, Any] = {}
        self.results: Mapping[Any, Any] | None = None

    def layer(self, layer: Layer) -> Any:
        """Make the function that stands in the place of the session's ``run``."""

        def run(fetches: Any, feed_dict: Any = None, *arguments: Any, **options: Any) -> Any:
            if not layer.live or type(fetches) is not dict or CALLER not in fetches:
                return layer.below(fetches, feed_dict, *arguments, **options)
            self.fetches, self.feeds, self.results = fetches, feed_dict or {}, None
            if not self.active:
                results = self.results = layer.below(fetches, feed_dict, *arguments, **options)
                return results
            return self._run_with_more(layer, fetches, *arguments, **options)

        return run

    def _run_with_more(self, layer: Layer, fetches: Any, *arguments: Any, **options: Any) -> Any:
        more: Sequence[Any] = ()
        feeds = self.feeds
        try:
            more, given = self._prepare(fetches, feeds)
            feeds = {**feeds, **given}
        except Exception as error:  # noqa: BLE001 - watching a run must not end it
            self._fault(error)
        asked = {**fetches, self: list(more)} if more else fetches
        got = layer.below(asked, feeds or None, *arguments, **options)
        values = got.pop(self) if more else ()
        self.results = got
        try:
            self._answered(values)
        except Exception as error:  # noqa: BLE001 - as above
            self._fault(error)
        return got

    def forget(self) -> None:
        """Release the latest run."""
        self.fetches = self.results = None
        self.feeds = {}
