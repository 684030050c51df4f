"""The one place that imports TensorFlow for the hooks, and says what to install where it is missing."""

from __future__ import annotations

try:
    import tensorflow as tf
    from tensorflow.core.framework.summary_pb2 import Summary
    from tensorflow.python.client.session import SessionInterface
    from tensorflow.python.distribute import distribute_coordinator_context
    from tensorflow.python.framework.indexed_slices import IndexedSlicesValue
    from tensorflow.python.training import evaluation, monitored_session, training_util
except ImportError as error:
    message = (
        "this part of nbhooks needs TensorFlow (2.16 to 2.21), which could not be imported. Install it with "
        'pip install "nbhooks[tensorflow]", or "nbhooks[cpu]" for the smaller build without GPU support.'
    )
    raise ImportError(message) from error

train = tf.compat.v1.train

__all__ = [
    "IndexedSlicesValue",
    "SessionInterface",
    "Summary",
    "distribute_coordinator_context",
    "evaluation",
    "monitored_session",
    "tf",
    "train",
    "training_util",
]
