"""What takes records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from nbhooks.model.record import Record
    from nbhooks.model.series import Floats, Integers


@runtime_checkable
class Sink(Protocol):
    """Whatever takes records.

    A Store keeps them, a Dashboard shows them, a list's ``append`` under this name would do.
    """

    def write(self, record: Record, /) -> None:
        """Take one record. Called on the training thread: be quick, and do not raise."""


@runtime_checkable
class ColumnSink(Sink, Protocol):
    """A sink that takes many scalars of one tag at once, too: a saved run has millions."""

    def write_scalars(
        self,
        source: str,
        tag: str,
        step: Integers,
        wall_time: Floats,
        value: Floats,
    ) -> None:
        """Take points of one tag, in order: each column has one item of each."""
