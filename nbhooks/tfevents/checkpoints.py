"""The checkpoints that event files record, and whether they are still on disk."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from nbhooks.model.kinds import CheckpointState
from nbhooks.model.records import Checkpoint
from nbhooks.tfevents.sessions import placed, sessions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbhooks.tfevents.event_file import EventFile


def checkpoints(files: Sequence[EventFile]) -> Iterator[tuple[str, int, Checkpoint]]:
    """Yield run, session and record of every checkpoint of the session log, file by file.

    Looks at the folders of the checkpoints: one that is not there was deleted, and has no size.
    """
    begins = sessions(files)
    folders: dict[Path, dict[str, int]] = {}
    for file in files:
        for session, (_, wall_time, step, prefix) in placed(file, file.checkpoints, begins):
            path = prefix if prefix.endswith(f"-{step}") else f"{prefix}-{step}"  # TensorFlow omits the step
            folder, name = Path(path).parent, Path(path).name
            if folder not in folders:
                folders[folder] = _sizes(folder)
            size = folders[folder].get(name)
            state = CheckpointState.DELETED if size is None else CheckpointState.KEPT
            yield file.run, session, Checkpoint("", path, step, wall_time, state, None, size or None)


def _sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of each checkpoint in a folder, over all its files."""
    sizes: dict[str, int] = {}
    # Gone, not readable, or no valid path at all: a file may record anything.
    with contextlib.suppress(OSError, ValueError):
        for other in folder.iterdir():
            with contextlib.suppress(OSError):  # deleted just now
                size = other.stat().st_size
                parts = other.name.split(".")  # of what has a dot and more behind it, all may be the name
                for number in range(1, len(parts) + 1):
                    name = ".".join(parts[:number])
                    sizes[name] = sizes.get(name, 0) + size
    return sizes
