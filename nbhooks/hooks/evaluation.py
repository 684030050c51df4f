"""Evaluates what a graph has between two runs, and refuses what would move the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbhooks.hooks import elements
from nbhooks.model.commands import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbhooks.hooks._tensorflow import tf

READS = frozenset(
    {
        "Assert",
        "AutoReloadVariable",
        "CheckNumerics",
        "CheckNumericsV2",
        "HashTable",
        "HashTableV2",
        "IsVariableInitialized",
        "LookupTableFind",
        "LookupTableFindV2",
        "LookupTableSize",
        "LookupTableSizeV2",
        "MutableHashTableV2",
        "Print",
        "PrintV2",
        "ReadVariableOp",
        "RefEnter",
        "RefExit",
        "RefIdentity",
        "RefMerge",
        "RefNextIteration",
        "RefSelect",
        "RefSwitch",
        "ResourceGather",
        "ResourceGatherNd",
        "VarHandleOp",
        "VarIsInitializedOp",
        "Variable",
        "VariableShape",
        "VariableV2",
    }
)
"""Operations that TensorFlow calls stateful, or that take a reference to a variable, and only read."""


def check(graph: tf.Graph, fetches: Any, feeds: Mapping[Any, Any]) -> None:
    """Check that an evaluation leaves the graph as it is, and that nothing lacks a feed.

    Args:
        graph: of the session.
        fetches: what is to be evaluated.
        feeds: what is fed.

    Raises:
        RefusedError: where it would not; the message names the operation.
    """
    fed = elements.fed(graph, feeds)
    try:
        roots = list(elements.flattened(graph, fetches))
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(f"it cannot be fetched: {error.args[0] if error.args else error}") from error
    stack = [getattr(element, "op", element) for element in roots if element.name not in fed]
    seen = set(stack)
    while stack:
        operation = stack.pop()
        reason = _why_not(operation)
        if reason:
            raise RefusedError(f"nothing was evaluated: {operation.name} ({operation.type}) {reason}")
        needed = [tensor.op for tensor in operation.inputs if not fed or tensor.name not in fed]
        for other in (*needed, *operation.control_inputs):
            if other not in seen:
                seen.add(other)
                stack.append(other)


def _why_not(operation: Any) -> str:
    kind = operation.type
    if kind in READS:
        return ""
    if kind in ("Placeholder", "PlaceholderV2"):
        return "is a placeholder that the latest run did not feed: give its value in feed_dict"
    if kind.startswith("IteratorGetNext"):
        return "would draw the next batch of its iterator; give values for what it yields in feed_dict"
    definition = operation.op_def
    if "Assign" in kind or "Apply" in kind or any(argument.is_ref for argument in definition.input_arg):
        return "would assign to a variable"
    if definition.is_stateful:
        return "has a state, which it could change; what needs it can be evaluated where it is fed"
    return ""
