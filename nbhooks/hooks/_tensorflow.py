"""The one place that imports TensorFlow for the hooks, and says what to install where it is missing."""

from __future__ import annotations

try:
    import tensorflow as tf
    from tensorflow.python.training import training_util
except ImportError as error:
    message = (
        "this part of nbhooks needs TensorFlow (2.16 to 2.21), which could not be imported. Install it with "
        'pip install "nbhooks[tensorflow]", or "nbhooks[cpu]" for the smaller build without GPU support.'
    )
    raise ImportError(message) from error

train = tf.compat.v1.train

__all__ = ["tf", "train", "training_util"]
