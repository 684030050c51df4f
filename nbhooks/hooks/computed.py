"""What a run computes anyway, and so what may be fetched beside it without changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from nbhooks.hooks import elements
from nbhooks.hooks._tensorflow import tf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SWITCHES = frozenset({"Switch", "RefSwitch", "_SwitchN"})
MERGES = frozenset({"Merge", "RefMerge"})
ENTERS = frozenset({"Enter", "RefEnter"})
EXITS = frozenset({"Exit", "RefExit"})
BACK = frozenset({"NextIteration", "RefNextIteration"})
_FLOW = SWITCHES | MERGES | ENTERS | EXITS

NOWHERE = (
    "this run does not compute it, and to compute it could draw a batch or miss a feed; fetch it in the loop "
    "too, as in session.run([train_op, loss])"
)
IN_LOOP = "it is computed within a loop, once an iteration"
IN_BRANCH = "it is computed in a branch of a condition, which a run may leave out"


class _Where(NamedTuple):
    """Where in loops and conditions something is computed: which branches it takes, by their predicates."""

    loops: int
    branches: frozenset[tuple[str, int]]


_OUTSIDE = _Where(0, frozenset())


class _Operation(NamedTuple):
    """An operation with what it needs; to ask TensorFlow for that takes long."""

    itself: Any
    kind: str
    inputs: Sequence[Any]
    controls: Sequence[Any]


class Computed:
    """The operations that a run computes: what its fetches need, back to what is fed.

    Loops and conditions of TensorFlow 1 are operations of the graph. A tensor within a loop cannot be
    fetched, and one in a branch that is not taken is *dead*: to fetch it would fail the run. The gradient of
    a condition is dead with it and is marked in no way, so that branches are followed from the Switches on,
    and those that meet in a Merge are left.

    Args:
        graph: of the run.
        fetches: of the run itself, not those of hooks.
        feeds: the keys of everything that is fed.
    """

    def __init__(self, graph: tf.Graph, fetches: Any, feeds: Iterable[Any] | None) -> None:
        self._graph = graph
        self._fed = elements.fed(graph, feeds)
        self._where: dict[Any, _Where] = {}  # by operation
        self._switches: set[Any] = set()
        self._loops: set[str] = set()  # tensors that say whether a loop goes on
        roots = list(self._roots(fetches))
        while roots:
            backs: list[Any] = []
            for root in roots:
                self._visit(root, backs)
            # The way back of a loop comes after its way in, from which it is known where the loop is.
            roots = [back for back in backs if back not in self._where]

    def refusal(self, tensor: tf.Tensor) -> str:
        """Return why a tensor may not be fetched beside the run, ``""`` where it may."""
        if tensor.dtype.base_dtype in (tf.resource, tf.variant):
            return f"it holds a {tensor.dtype.base_dtype.name}, which has no value"
        if tensor.name in self._fed:
            return ""
        where = self._where.get(tensor.op)
        if where is None:
            unfed = tensor.op.type in ("Placeholder", "PlaceholderV2")
            return "it is a placeholder that this run does not feed" if unfed else NOWHERE
        if where.loops > 0:
            return IN_LOOP
        if self._branches(tensor):
            return IN_BRANCH
        return "" if self._graph.is_fetchable(tensor.op) else "TensorFlow does not let it be fetched"

    def _roots(self, fetches: Any) -> Iterator[Any]:
        for element in elements.flattened(self._graph, fetches):
            if isinstance(element, tf.Operation):
                yield element
            elif element.name not in self._fed:
                yield element.op

    def _visit(self, root: Any, backs: list[Any]) -> None:
        """Note where everything is that an operation needs, and then where the operation is."""
        stack: list[Any] = [root]
        begun: set[Any] = set()
        while stack:
            operation = stack.pop()
            if type(operation) is _Operation:
                self._where[operation.itself] = self._locate(operation)
            elif operation not in self._where and operation not in begun:
                begun.add(operation)
                looked_at = self._look_at(operation)
                stack.append(looked_at)
                stack.extend(self._needs(looked_at, backs))

    def _look_at(self, operation: Any) -> _Operation:
        controls = operation.control_inputs
        if self._fed:  # a control dependency on what is fed is one on the feed
            controls = [control for control in controls if not self._is_fed(control)]
        return _Operation(operation, operation.type, tuple(operation.inputs), controls)

    def _is_fed(self, operation: Any) -> bool:
        return any(output.name in self._fed for output in operation.outputs)

    def _needs(self, operation: _Operation, backs: list[Any]) -> Iterator[Any]:
        yield from operation.controls
        for tensor in operation.inputs:
            if self._fed and tensor.name in self._fed:
                continue
            if operation.kind in MERGES and tensor.op.type in BACK:
                backs.append(tensor.op)
            else:
                yield tensor.op

    def _locate(self, operation: _Operation) -> _Where:
        kind = operation.kind
        inputs = [where for tensor in operation.inputs if (where := self._of(tensor)) is not None]
        controls = [where for control in operation.controls if (where := self._where.get(control))]
        around = [*inputs, *controls]
        if kind not in _FLOW and not any(where.loops or where.branches for where in around):
            return _OUTSIDE
        loops = max((where.loops for where in around), default=0)
        branches = frozenset[tuple[str, int]]()
        if kind in MERGES and inputs:
            branches = frozenset.intersection(*(where.branches for where in inputs))
            around = controls
        branches = branches.union(*(where.branches for where in around))
        if kind in SWITCHES:
            self._switches.add(operation.itself)
            if operation.inputs[1].op.type == "LoopCond":
                self._loops.add(operation.inputs[1].name)
        if kind in ENTERS:
            loops += 1
        elif kind in EXITS:
            loops -= 1
            branches = frozenset(branch for branch in branches if branch[0] not in self._loops)
        return _Where(loops, branches)

    def _of(self, tensor: Any) -> _Where | None:
        """Find where a tensor is; None where that is not known yet, which is so on the way back of a loop."""
        if self._fed and tensor.name in self._fed:
            return _OUTSIDE
        operation = tensor.op
        where = self._where.get(operation)
        if where is not None and operation in self._switches:
            branch = (operation.inputs[1].name, tensor.value_index)
            return where._replace(branches=where.branches | {branch})
        return where

    def _branches(self, tensor: Any) -> frozenset[tuple[str, int]]:
        where = self._of(tensor)
        return frozenset() if where is None else where.branches
