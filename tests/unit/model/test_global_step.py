"""Holds the reckoned global step to the true one, by brute force over how the reads race with the updates."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from nbhooks.model import global_step
from nbhooks.model.global_step import GlobalStep

RACES = list(itertools.product([False, True], repeat=7))


class Training:
    """A global step that grows by given increments, and is fetched before or after the update by chance."""

    def __init__(self, start: int = 10, cost: float = 0.0) -> None:
        self.truth, self.now, self.cost, self.reads = start, 0.0, cost, 0
        self.step = GlobalStep(lambda: self.now)
        self.step.begin(start)

    def read(self) -> int:
        self.reads += 1
        self.now += self.cost
        return self.truth

    def run(
        self, increment: int, *, late: bool, fetches: object = "train_op", hooks: int = 1, others: int = 0
    ) -> bool:
        """Run once. Returns whether the label was right.

        Args:
            increment: of this run.
            late: whether the fetch came after the update.
            fetches: what the user asks for.
            hooks: how many ask for the step.
            others: what other workers add before the step is read anew.
        """
        context = SimpleNamespace(original_args=SimpleNamespace(fetches=fetches))
        stale = self.truth + increment * late
        self.truth += increment + others
        labels = {self.step.after(context, stale, self.read) for _ in range(hooks)}
        assert labels == {self.step.value}
        return labels == {self.truth}


@pytest.mark.parametrize("increment", [0, 1, 2, 5, 1000])
def test_a_constant_increment_is_labelled_right_however_the_reads_race(increment: int) -> None:
    for race in RACES:
        training = Training()
        assert all(training.run(increment, late=late, hooks=3) for late in race)
        assert training.reads == 1  # from there on it is reckoned


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations([0, 1, 2, 3, 6, 100], 2)))
def test_a_change_of_the_increment_is_noticed(old: int, new: int) -> None:
    # An increment twice or half the old one can look, once, like the old one, one run behind or ahead.
    most = 2 if old and new and new in (2 * old, old / 2) else 1
    found = set()
    for race in RACES:
        training = Training()
        assert all(training.run(old, late=late) for late in race[:3])
        wrong = [not training.run(new, late=late) for late in race[3:] + race]
        found.add(sum(wrong))
        assert not any(wrong[most:])
    assert max(found) == most


def test_increments_that_keep_changing_are_right_whenever_the_step_is_read() -> None:
    generator = np.random.default_rng(1)
    training, right = Training(), 0
    for _ in range(2_000):
        reads = training.reads
        good = training.run(int(generator.integers(0, 50)), late=bool(generator.random() < 0.5))
        assert good or training.reads == reads
        right += good
    assert right > 1_000


def test_runs_that_fetch_something_else_have_an_increment_of_their_own() -> None:
    for race in RACES:
        training = Training()
        for late in race:
            assert training.run(1, late=late, fetches="train_op")
            assert training.run(0, late=late, fetches="loss")
            assert training.run(1, late=late, fetches=["train_op", "loss"])
            assert training.run(5, late=late, fetches={"five times": "train_five"})
        assert training.reads == 4


def test_the_names_of_fetches_do_not_matter() -> None:
    training = Training()
    for name in "abcdef":
        assert training.run(1, late=False, fetches={name: "train_op"})
    assert training.reads == 1


def test_nested_fetches_are_known_again() -> None:
    """A user writes them anew for every run: ``session.run([train_op, [loss, accuracy]])``."""
    training = Training()
    written = [["train_op", ["loss", "accuracy"]] for _ in range(20)]
    assert all(training.run(1, late=False, fetches=fetches) for fetches in written)
    assert training.reads == 1


def test_no_end_of_kinds_is_remembered() -> None:
    training, written = Training(), [object() for _ in range(3 * global_step.KINDS)]
    for fetches in written:
        assert training.run(2, late=False, fetches=fetches)
    assert len(training.step._increments) <= global_step.KINDS


def test_reading_takes_no_more_than_its_share_where_nothing_can_be_known() -> None:
    generator, training = np.random.default_rng(2), Training(cost=0.01)
    for _ in range(20_000):
        training.now += 0.01
        training.run(1, late=bool(generator.random() < 0.5), others=int(generator.integers(0, 5)))
        assert training.reads * training.cost <= (
            global_step.ALLOWANCE + global_step.SHARE * training.now + training.cost
        )
    assert training.reads > global_step.ALLOWANCE / training.cost  # it goes on looking
    assert 0 <= training.truth - training.step.value <= 5  # and is never far behind


def test_a_step_that_was_not_fetched_is_read_until_nothing_is_left_to_learn() -> None:
    training = Training()
    context = SimpleNamespace(original_args=SimpleNamespace(fetches="train_op"))
    training.truth += 1
    assert training.step.after(context, None, training.read) == 11
    assert training.step.after(context, None, training.read) == 11
    assert training.reads == 1


def test_a_recording_that_begins_again_begins_to_learn_again() -> None:
    training = Training()
    assert all(training.run(1, late=False) for _ in range(5))
    training.truth = 2
    training.step.begin(2)
    reads = training.reads
    assert all(training.run(3, late=late) for late in (False, True, False))
    assert training.reads == reads + 1


def test_a_step_that_was_not_known_at_first_is_known_after_two_runs() -> None:
    for race in RACES:
        training = Training()
        training.step.begin(None)
        assert training.step.value is None
        assert all(training.run(2, late=late) for late in race)
        assert training.reads == 2


def test_a_read_that_fails_is_the_caller_s_to_see_and_takes_its_time_all_the_same() -> None:
    training = Training()

    def failing() -> int:
        training.now += global_step.ALLOWANCE + 1
        raise OSError("gone")

    context = SimpleNamespace(original_args=SimpleNamespace(fetches="train_op"))
    with pytest.raises(OSError, match="gone"):
        training.step.after(context, 10, failing)
    assert training.step.after(context, 10, failing) == 10  # its share is used up
