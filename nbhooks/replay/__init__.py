"""Saved summaries as DataFrames, without TensorFlow: load() and what it returns."""

from nbhooks.replay.runs import Runs, load

__all__ = ["Runs", "load"]
