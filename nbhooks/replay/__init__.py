"""Saved summaries as DataFrames, without TensorFlow: load() and what it returns, and play()."""

from nbhooks.replay.player import play
from nbhooks.replay.runs import Runs, load

__all__ = ["Runs", "load", "play"]
