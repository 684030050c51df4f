"""Values that are given to variables and tensors while a session runs, checked before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbhooks.hooks import elements
from nbhooks.hooks._tensorflow import tf
from nbhooks.model.commands import RefusedError
from nbhooks.model.conditions import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt


class GivenValues:
    """Loads variables, and keeps what is fed in the place of other tensors.

    Args:
        graph: of the session.

    Attributes:
        fed: tensors by name, each with what it is fed with.
    """

    def __init__(self, graph: tf.Graph) -> None:
        self._graph = graph
        self._variables: Mapping[str, Any] | None = None
        self.fed: dict[str, tuple[Any, npt.NDArray[Any]]] = {}

    @property
    def variables(self) -> Mapping[str, Any]:
        """Every variable of the graph, by name."""
        if self._variables is None:
            keys = tf.compat.v1.GraphKeys
            found: dict[str, Any] = {}
            for key in (keys.GLOBAL_VARIABLES, keys.LOCAL_VARIABLES, keys.TRAINABLE_VARIABLES):
                for variable in self._graph.get_collection(key):
                    if isinstance(variable, tf.Variable):
                        found.setdefault(plain(variable.name), variable)
            self._variables = found
        return self._variables

    def set(self, session: tf.compat.v1.Session, name: str, value: Any, feeds: Iterable[Any]) -> None:
        """Load a variable, or feed a tensor from the next run on.

        Args:
            session: what the variable is loaded in.
            name: of the variable or the tensor.
            value: of its shape, and of a type that it can hold.
            feeds: the keys of what the latest run was fed with, by others.

        Raises:
            RefusedError: where there is no such name, the value does not fit, or the user feeds it.
        """
        variable = self.variables.get(plain(name))
        if variable is not None:
            array = fitting(name, value, variable.dtype.base_dtype, variable.shape)
            session.run(variable.initializer, {variable.initializer.inputs[1]: array})
            return
        tensor = elements.tensor_of(self._graph, name)
        if not self._graph.is_feedable(tensor):
            raise RefusedError(f"{name} cannot be set: TensorFlow does not let it be fed")
        array = fitting(name, value, tensor.dtype.base_dtype, tensor.shape)
        if tensor.name in elements.fed(self._graph, feeds):
            raise RefusedError(
                f"{name} cannot be set: the program feeds it in its runs. Change what the program feeds"
            )
        self.fed[elements.short(tensor)] = tensor, array

    def unset(self, name: str) -> None:
        """Feed a tensor no more.

        Raises:
            RefusedError: where it is not fed by `set`.
        """
        if self.fed.pop(plain(name), None) is not None:
            return
        if plain(name) in self.variables:
            raise RefusedError(f"{name} is a variable: it keeps the value that it was set to. Set it again")
        raise RefusedError(f"{name} was not set; set is {', '.join(self.fed) or 'nothing'}")

    def feeds(self, others: Mapping[Any, Any]) -> dict[Any, npt.NDArray[Any]]:
        """Return what is to be fed in a run, but for what it is fed with by others."""
        if not self.fed:
            return {}
        taken = elements.fed(self._graph, others)
        return {tensor: array for tensor, array in self.fed.values() if tensor.name not in taken}


def fitting(name: str, value: Any, dtype: tf.DType, shape: tf.TensorShape) -> npt.NDArray[Any]:
    """Return a value as an array of this type and shape.

    Raises:
        RefusedError: where it is of another shape, or would not be the same in this type.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:  # lists of unequal lengths
        raise RefusedError(f"{name} takes an array, and the value is none: {error}") from error
    if not _holds(dtype, array.dtype.kind):
        raise RefusedError(f"{name} is of type {dtype.name}, and the value is of type {_kind(array)}")
    if not shape.is_compatible_with(array.shape):
        raise RefusedError(f"{name} has shape {shape}, and the value has shape {array.shape}")
    with np.errstate(over="ignore"):
        fits = array.astype(dtype.as_numpy_dtype)
    exact = dtype.is_integer or dtype.is_bool
    if (exact and not np.array_equal(fits, array)) or (
        dtype.is_floating and not np.array_equal(np.isfinite(fits), np.isfinite(array))
    ):
        raise RefusedError(f"{name} is of type {dtype.name}, which is too small for the value")
    return fits


def _holds(dtype: tf.DType, kind: str) -> bool:
    """Whether values of a kind of NumPy's can be given to a type without changing what they are."""
    if dtype.is_floating:
        return kind in "biufV"
    if dtype.is_complex:
        return kind in "biufc"
    if dtype.is_integer:
        return kind in "iu"
    if dtype.is_bool:
        return kind == "b"
    return dtype == tf.string and kind in "SUO"


def _kind(array: npt.NDArray[Any]) -> str:
    return "str" if array.dtype.kind in "SU" else str(array.dtype)
