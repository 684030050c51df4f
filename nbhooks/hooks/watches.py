"""Tensors that are fetched with every run that computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbhooks.hooks import elements
from nbhooks.hooks.computed import Computed
from nbhooks.model.commands import RefusedError
from nbhooks.model.conditions import plain
from nbhooks.model.debugging import Watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbhooks.hooks._tensorflow import tf

KINDS = 16
"""Kinds of runs for which it is remembered what can be fetched."""


class Watches:
    """What is fetched with a run: the tensors that are watched, and those that conditions need.

    Whether a tensor can be fetched depends on what the run itself fetches and on what is fed, so it is found
    out once for each kind of run.

    Args:
        graph: of the session.

    Attributes:
        changed: whether a kind of run was seen for the first time; reset by who reports it.
    """

    def __init__(self, graph: tf.Graph) -> None:
        self._graph = graph
        self.changed = False
        # By name, each with the tensors that have its value: of a variable all that read it.
        self._watched: dict[str, Sequence[Any]] = {}
        self._needed: dict[str, Sequence[Any]] = {}
        self._plans: dict[Any, _Plan] = {}

    def __bool__(self) -> bool:
        """Whether there is anything to fetch."""
        return bool(self._watched or self._needed)

    def __iter__(self) -> Iterator[str]:
        """The names of what is watched."""
        return iter(self._watched)

    def __contains__(self, name: object) -> bool:
        """Whether a tensor is shown, and not just needed."""
        return name in self._watched

    def add(self, name: str, latest: tuple[Any, Any] | None = None) -> None:
        """Watch a tensor.

        Args:
            name: its name, or that of a variable.
            latest: what the latest run fetched and fed, None before the first.

        Raises:
            RefusedError: where there is no such tensor, or the latest run could not give its value.
        """
        tensors = self.find(name, latest)
        self._watched[plain(name)] = tensors
        self._plans.clear()

    def find(self, name: str, latest: tuple[Any, Any] | None = None) -> Sequence[Any]:
        """Find the tensors that have a value.

        Raises:
            RefusedError: as `add`.
        """
        tensors = elements.values_of(self._graph, name)
        if latest is not None:
            computed = Computed(self._graph, *latest)
            reasons = [computed.refusal(tensor) for tensor in tensors]
            if all(reasons):
                raise RefusedError(f"{name} cannot be watched: {reasons[0]}")
        return tensors

    def remove(self, name: str) -> None:
        """Watch a tensor no more.

        Raises:
            RefusedError: where it is not watched.
        """
        if self._watched.pop(plain(name), None) is None:
            watched = ", ".join(self._watched) or "nothing"
            raise RefusedError(f"{name} is not watched; watched is {watched}")
        self._plans.clear()

    def need(self, names: Iterable[str]) -> None:
        """Fetch these tensors too, which conditions need and nobody watches."""
        names = list(names)
        if names != list(self._needed):
            self._needed = {name: self.find(name) for name in names}
            self._plans.clear()

    def plan(self, fetches: Any, feeds: Mapping[Any, Any]) -> Mapping[str, Any]:
        """Return the tensors to fetch with a run, by name.

        Args:
            fetches: what the run itself asks for.
            feeds: everything that is fed in it.
        """
        kind = _identified(fetches), tuple(map(id, feeds))
        plan = self._plans.get(kind)
        if plan is None:
            while len(self._plans) >= KINDS:
                del self._plans[next(iter(self._plans))]
            plan = self._plans[kind] = self._made(fetches, feeds)
            self.changed = True
        return plan.fetched

    def _made(self, fetches: Any, feeds: Mapping[Any, Any]) -> _Plan:
        computed = Computed(self._graph, fetches, feeds)
        refused: dict[str, str] = {}
        fetched: dict[str, Any] = {}
        for name, tensors in {**self._needed, **self._watched}.items():
            for tensor in tensors:
                reason = computed.refusal(tensor)
                if not reason:
                    fetched[name] = tensor
                    break
                refused.setdefault(name, reason)
        return _Plan(fetched, refused, (fetches, list(feeds)))

    def view(self) -> tuple[Watched, ...]:
        """Return what is watched; with the reason where no kind of run gives a value."""
        return tuple(
            Watched(name, tensor.dtype.base_dtype.name, elements.shape_of(tensor), self.note(name))
            for name, (tensor, *_) in self._watched.items()
        )

    def note(self, name: str) -> str:
        """Return why a tensor has no value in any kind of run, ``""`` where it has in one."""
        plans = list(self._plans.values())
        if not plans or any(name in plan.fetched for plan in plans):
            return ""
        return plans[-1].refused.get(name, "")


class _Plan:
    """What can be fetched in one kind of run.

    Attributes:
        fetched: tensors by name.
        refused: reasons by name.
        held: what the kind is identified by, so that it lives as long as the plan.
    """

    __slots__ = ("fetched", "held", "refused")

    def __init__(self, fetched: Mapping[str, Any], refused: Mapping[str, str], held: Any) -> None:
        self.fetched, self.refused, self.held = fetched, refused, held


def _identified(fetches: Any) -> Any:
    """Identify a kind of run by what it fetches; a list is made anew for every run, its items are not."""
    if isinstance(fetches, str):
        return fetches
    if isinstance(fetches, dict):
        return tuple([(key, _identified(value)) for key, value in fetches.items()])
    if isinstance(fetches, (list, tuple)):
        return tuple(map(_identified, fetches))
    return id(fetches)
