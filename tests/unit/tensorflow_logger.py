"""TensorFlow's logger with its handler as a kernel has them, for tests that have no TensorFlow."""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stand_ins import Clock

from nbhooks.jupyter import tensorflow_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbhooks.jupyter.tensorflow_log import Log


class OutStream(io.StringIO):
    """What is `sys.stdout` in a kernel."""

    __module__ = "ipykernel.iostream"


class TensorFlow:
    """A logger with a handler, both as TensorFlow makes them in a kernel, and a clock."""

    def __init__(self) -> None:
        self.logger = logging.getLogger("tensorflow")
        self.clock, self.stream = Clock(100.0), OutStream()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT, None))
        self.logger.addHandler(self.handler)
        self.logger.setLevel(logging.INFO)
        self.logger.findCaller = self.logger.findCaller

    def begin(self, log: Log) -> tensorflow_log.Diversion:
        found = tensorflow_log.begin(log, self.clock)
        assert found is not None
        return found

    def info(self, *messages: str) -> None:
        for message in messages:
            self.logger.info(message)

    @property
    def printed(self) -> list[str]:
        return [line.removeprefix("INFO:tensorflow:") for line in self.stream.getvalue().splitlines()]


@contextmanager
def imported() -> Iterator[TensorFlow]:
    """Have TensorFlow imported, as far as its logger is concerned; no filter may be left on its handler."""
    logger = logging.getLogger("tensorflow")
    kept = dict(vars(logger))
    vars(logger).update(handlers=[], filters=[], level=logging.NOTSET)
    made = TensorFlow()
    try:
        yield made
        assert made.handler.filters == []
    finally:
        vars(logger).clear()
        vars(logger).update(kept)
        logger.setLevel(kept["level"])
