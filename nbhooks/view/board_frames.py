"""The records of a board as DataFrames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class BoardFrames(ABC):
    """What a board gives as DataFrames, of everything it shows."""

    @abstractmethod
    def _frame(self, name: str) -> pd.DataFrame:
        """Return the frame of a kind, named as in `nbhooks.frames`."""

    @property
    def scalars(self) -> pd.DataFrame:
        """Every scalar (see `nbhooks.frames.scalars`)."""
        return self._frame("scalars")

    @property
    def tensors(self) -> pd.DataFrame:
        """Kept values that are not one real number (see `nbhooks.frames.tensors`)."""
        return self._frame("tensors")

    @property
    def histograms(self) -> pd.DataFrame:
        """Kept histograms (see `nbhooks.frames.histograms`)."""
        return self._frame("histograms")

    @property
    def images(self) -> pd.DataFrame:
        """Kept pictures, still encoded (see `nbhooks.frames.images`)."""
        return self._frame("images")

    @property
    def audio(self) -> pd.DataFrame:
        """Kept sounds, still encoded (see `nbhooks.frames.audio`)."""
        return self._frame("audio")

    @property
    def text(self) -> pd.DataFrame:
        """Kept texts (see `nbhooks.frames.text`)."""
        return self._frame("text")

    @property
    def checkpoints(self) -> pd.DataFrame:
        """Every checkpoint written, deleted ones too (see `nbhooks.frames.checkpoints`)."""
        return self._frame("checkpoints")

    @property
    def events(self) -> pd.DataFrame:
        """What happened: states, stop requests, alerts, faults (see `nbhooks.frames.events`)."""
        return self._frame("events")

    def to_pandas(self) -> pd.DataFrame:
        """Return every scalar as a row, as `scalars` does."""
        return self.scalars
