"""Saved summaries as DataFrames, without TensorFlow: load() and what it returns, play() and watch()."""

from nbhooks.replay.loading import load, play, watch
from nbhooks.replay.runs import Runs

__all__ = ["Runs", "load", "play", "watch"]
