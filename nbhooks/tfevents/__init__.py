"""Event files, from bytes to columns, without TensorFlow."""
