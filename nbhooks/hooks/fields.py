"""What can be changed in a session: its scalar variables, and a learning rate that is a constant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbhooks.hooks import elements
from nbhooks.hooks._tensorflow import tf
from nbhooks.model.debugging import Field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbhooks.hooks.given_values import GivenValues

MOST = 100
"""Scalar variables that are shown."""

RATES = frozenset({"alpha", "lr"})
"""What the operations that apply gradients call the learning rate."""

PASSED_ON = frozenset({"Cast", "Identity"})


class Fields:
    """Reads what can be changed.

    Args:
        graph: of the session.
        given: what has been set.
    """

    def __init__(self, graph: tf.Graph, given: GivenValues) -> None:
        self._graph, self._given = graph, given
        self._rates: dict[str, tuple[Any, float]] | None = None
        self._values: dict[str, Any] = {}

    def read(self, session: tf.compat.v1.Session) -> None:
        """Read the variables. Called at a pause."""
        scalars = dict(list(_scalars(self._given.variables))[:MOST])
        try:
            self._values = session.run(scalars) if scalars else {}
        except tf.errors.OpError:  # one was not initialised; the others have values
            self._values = {}
            for name, variable in scalars.items():
                try:
                    self._values[name] = session.run(variable)
                except tf.errors.OpError:
                    continue

    def view(self) -> tuple[Field, ...]:
        """Return each with its value at the latest pause."""
        variables = [
            Field(name, "variable", self._given.variables[name].dtype.base_dtype.name, value.item())
            for name, value in self._values.items()
        ]
        return (*self._constants(), *variables)

    def _constants(self) -> Iterator[Field]:
        if self._rates is None:
            self._rates = dict(_rates(self._graph))
        for name, (tensor, value) in self._rates.items():
            given = self._given.fed.get(name)
            shown = value if given is None else float(given[1])
            yield Field(name, "fed", tensor.dtype.name, shown, given is not None)


def _scalars(variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, variable in variables.items():
        dtype = variable.dtype.base_dtype
        if variable.shape.rank == 0 and (dtype.is_floating or dtype.is_integer or dtype.is_bool):
            yield name, variable


def _rates(graph: tf.Graph) -> Iterator[tuple[str, tuple[Any, float]]]:
    """Find the constants that operations take for their learning rate."""
    for operation in graph.get_operations():
        if "Apply" not in operation.type:
            continue
        for argument, tensor in zip(operation.op_def.input_arg, operation.inputs, strict=False):
            while tensor.op.type in PASSED_ON:
                tensor = tensor.op.inputs[0]  # noqa: PLW2901 - on the way back to the constant
            if argument.name in RATES and tensor.op.type == "Const" and graph.is_feedable(tensor):
                # Not by tf.get_static_value(), which makes the graph refuse to have it fed from then on.
                value = tf.make_ndarray(tensor.op.get_attr("value"))
                if value.ndim == 0:
                    yield elements.short(tensor), (tensor, float(value))
