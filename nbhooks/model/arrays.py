"""Large arrays made small enough to look at: repetitions left out, then a strided sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

LARGE = 1_000_000
"""Elements beyond which statistics come from a sample of about as many."""


def distinct(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Leave out what a broadcast array repeats: along an axis of stride 0 every element is the same one.

    Args:
        array: of any shape.

    Returns:
        A view with the same axes. Minimum, mean and maximum are those of `array`.

    Example:
        >>> import numpy as np
        >>> distinct(np.broadcast_to(np.arange(3), (1000, 3))).shape
        (1, 3)
    """
    return array[(..., *(slice(None if stride else 1) for stride in array.strides))]


def sample(array: npt.NDArray[Any], most: int = LARGE) -> npt.NDArray[Any]:
    """Take elements in equal steps, in memory order.

    Args:
        array: of any shape.
        most: how many elements are taken at most.

    Returns:
        (n,), every element where there are at most `most`; a view where the memory allows it.

    Example:
        >>> import numpy as np
        >>> sample(np.arange(10), most=4)
        array([0, 3, 6, 9])
    """
    return array.ravel("K")[:: max(-(-array.size // most), 1)]
