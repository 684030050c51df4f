"""The kinds of sources, events, alerts and checkpoints, each equal to its plain name."""

from __future__ import annotations

from enum import Enum


class SourceKind(str, Enum):
    """What a source reports, which decides how it is shown. Compares equal to its plain name."""

    STEPS = "steps"
    TENSORS = "tensors"
    NAN = "nan"
    CHECKPOINTS = "checkpoints"
    PROGRESS = "progress"
    WAIT = "wait"
    RESULTS = "results"
    SUMMARIES = "summaries"
    FEEDS = "feeds"
    FILES = "files"
    DEBUG = "debug"

    __str__ = str.__str__


class EventKind(str, Enum):
    """What happened. Compares equal to its plain name."""

    STOP = "stop requested"
    NAN = "nan"
    INF = "inf"
    FAULT = "fault"
    THINNED = "thinned"
    COMMAND = "command"
    STATE = "state"
    FILE = "file"
    SESSION = "session started"
    ALERT = "alert"
    PAUSE = "pause"

    __str__ = str.__str__


class AlertLevel(str, Enum):
    """How urgent an alert is. Compares equal to its plain name."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    __str__ = str.__str__


class CheckpointState(str, Enum):
    """What has become of a checkpoint. Compares equal to its plain name."""

    WRITING = "writing"
    KEPT = "kept"
    DELETED = "deleted"
    FAILED = "failed"

    __str__ = str.__str__
