"""Notebook-aware variants of TensorFlow's session hooks; the only rooms that import TensorFlow."""
