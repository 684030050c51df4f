"""Before which runs the training is to be paused: at once, after some runs, or at a global step."""

from __future__ import annotations


class Stepping:
    """What the training is to do next. Changed and asked by the training thread alone.

    Attributes:
        reason: why it is to be paused, in words; ``""`` where it is not.

    Example:
        >>> stepping = Stepping()
        >>> stepping.step(2)
        >>> [stepping.due(None) for run in range(3)], stepping.reason
        ([False, False, True], 'after 2 steps')
    """

    def __init__(self) -> None:
        self.resume()

    def resume(self) -> None:
        """Run on, without a pause."""
        self.reason = ""
        self._made = 0
        self._left: int | None = None  # runs until the next pause
        self._target: int | None = None  # or the global step of it

    def pause(self, reason: str) -> None:
        """Pause before the next run."""
        self.resume()
        self.reason = reason

    def step(self, count: int) -> None:
        """Make so many runs, beside those that are still to be made, and pause before the next."""
        left = count + (self._left or 0)
        self.resume()
        self._made = self._left = left

    def until(self, step: int) -> None:
        """Pause before the first run at which the global step is this one, or beyond."""
        self.resume()
        self._target = step

    @property
    def active(self) -> bool:
        """Whether a pause is due at some time."""
        return bool(self.reason) or self._left is not None or self._target is not None

    def due(self, step: int | None) -> bool:
        """Return whether the run that is about to begin is to be held. Called once a run, and after a pause.

        Args:
            step: the global step.
        """
        if self.reason:
            return True
        if self._left is not None:
            if self._left == 0:
                self.pause(f"after {self._made} step{'s' if self._made > 1 else ''}")
                return True
            self._left -= 1
        elif self._target is not None and step is not None and step >= self._target:
            self.pause(f"step {self._target} is reached")
            return True
        return False
