"""Holds the states of a session to their table, and every end to its reason."""

from __future__ import annotations

import itertools

import pytest

from nbhooks.model.lifecycle import TRANSITIONS, Lifecycle, Phase, TransitionError

RUN, LATER_RUN = object(), object()


class Reports(list[tuple[str, str]]):
    """The states that a lifecycle reported, with their reasons."""

    def __call__(self, phase: Phase, reason: str) -> None:
        self.append((phase.value, reason))


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def lifecycle(reports: Reports) -> Lifecycle:
    return Lifecycle(reports)


def ways() -> dict[Phase, list[Phase]]:
    """The shortest way to every state from the first."""
    found: dict[Phase, list[Phase]] = {Phase.WAITING: []}
    queue = [Phase.WAITING]
    for phase in queue:
        for further in sorted(TRANSITIONS[phase] - found.keys()):
            found[further] = [*found[phase], further]
            queue.append(further)
    return found


def at(phase: Phase) -> Lifecycle:
    """A lifecycle that has come to a state."""
    made = Lifecycle(lambda *_: None)
    for step in ways()[phase]:
        made.enter(step)
    return made


def test_every_state_has_a_row_and_can_be_reached() -> None:
    assert TRANSITIONS.keys() == ways().keys() == set(Phase)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(Phase, Phase)))
def test_the_table_decides_every_change(before: Phase, after: Phase) -> None:
    made = at(before)
    if after in TRANSITIONS[before]:
        made.enter(after, "why")
        assert (made.phase, made.reason) == (after, "why")
    else:
        with pytest.raises(TransitionError, match=f"{before} cannot be {after}; it can be"):
            made.enter(after)
        assert made.phase is before


@pytest.mark.parametrize("phase", Phase)
def test_a_state_is_its_plain_name(phase: Phase) -> None:
    assert phase == phase.value == str(phase) == f"{phase}"


def test_the_states_without_a_further_run_are_the_ended_ones() -> None:
    assert {phase.value for phase in Phase if phase.ended} == {
        "finished",
        "stopped",
        "interrupted",
        "died",
        "saved",
    }


def test_it_reports_the_first_state_at_once(lifecycle: Lifecycle, reports: Reports) -> None:
    assert reports == [("waiting", "")]
    assert lifecycle.phase is Phase.WAITING


def test_a_run_is_reported_once(lifecycle: Lifecycle, reports: Reports) -> None:
    lifecycle.run()
    lifecycle.run()
    assert reports[1:] == [("running", "")]


def test_a_wait_has_a_reason_and_is_over_with_the_next_run(lifecycle: Lifecycle, reports: Reports) -> None:
    lifecycle.run()
    lifecycle.wait("global step 500")
    lifecycle.run()
    assert reports[1:] == [("running", ""), ("waiting", "global step 500"), ("running", "")]


@pytest.mark.parametrize(
    ("requests", "end"),
    [([], ("finished", "")), (["StopAtStepHook"], ("stopped", "StopAtStepHook")), ([""], ("stopped", ""))],
)
def test_end_finishes_or_stops(
    lifecycle: Lifecycle, reports: Reports, requests: list[str], end: tuple[str, str]
) -> None:
    lifecycle.run()
    for by in requests:
        lifecycle.record_stop(by)
    lifecycle.finish()
    assert reports[-1] == end


def test_the_first_request_to_stop_counts(lifecycle: Lifecycle) -> None:
    assert lifecycle.record_stop("you")
    assert not lifecycle.record_stop("StopAtStepHook")
    assert lifecycle.stopped_by == "you"


def test_an_attempt_forgets_the_request_of_the_one_before(lifecycle: Lifecycle) -> None:
    lifecycle.record_stop("you")
    lifecycle.restart()
    assert lifecycle.stopped_by is None


@pytest.mark.parametrize("ended", [phase for phase in Phase if phase.ended and phase is not Phase.SAVED])
def test_an_attempt_after_the_end_waits_again(ended: Phase) -> None:
    made = at(ended)
    made.restart()
    assert made.phase is Phase.WAITING


def test_an_end_after_a_run_that_failed_is_a_death(lifecycle: Lifecycle, reports: Reports) -> None:
    lifecycle.run()
    lifecycle.fail(RUN, ValueError())
    lifecycle.finish(RUN)
    assert reports[-1] == ("died", "ValueError")


def test_an_end_after_a_further_run_is_none(lifecycle: Lifecycle, reports: Reports) -> None:
    lifecycle.run()
    lifecycle.fail(RUN, ValueError())
    lifecycle.finish(LATER_RUN)
    assert reports[-1] == ("finished", "")


def test_a_run_can_be_released(lifecycle: Lifecycle, reports: Reports) -> None:
    lifecycle.fail(None, ValueError())
    lifecycle.forget_run()
    lifecycle.finish(None)
    assert reports[-1] == ("finished", "")


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (ValueError("no"), ("died", "ValueError")),
        (KeyboardInterrupt(), ("interrupted", "")),
        (None, ("died", "")),
    ],
)
def test_a_death_has_the_name_of_its_error(
    lifecycle: Lifecycle, reports: Reports, error: BaseException | None, end: tuple[str, str]
) -> None:
    lifecycle.die(error)
    assert reports[-1] == end


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.ended])
def test_what_has_ended_does_not_die_or_wait(phase: Phase) -> None:
    made = at(phase)
    made.die(ValueError())
    made.wait("something")
    assert made.phase is phase


@pytest.mark.parametrize(
    ("error", "end"), [(ValueError(), ("died", "ValueError")), (KeyboardInterrupt(), ("interrupted", ""))]
)
def test_a_death_without_an_error_can_be_explained(
    lifecycle: Lifecycle, reports: Reports, error: BaseException, end: tuple[str, str]
) -> None:
    lifecycle.die()
    lifecycle.explain(error)
    assert reports[1:] == [("died", ""), end]


@pytest.mark.parametrize("first", [ValueError(), None])
def test_a_death_is_explained_once(
    lifecycle: Lifecycle, reports: Reports, first: BaseException | None
) -> None:
    lifecycle.die(first)
    lifecycle.explain(None)
    lifecycle.explain(KeyError())
    assert len(reports) == 2


@pytest.mark.parametrize("phase", Phase)
def test_a_cell_that_ends_leaves_a_recording_open_that_can_still_run(phase: Phase) -> None:
    made = at(phase)
    made.leave_open()
    assert made.phase is (phase if phase.ended else Phase.OPEN)


def test_a_saved_recording_says_so_as_often_as_asked(lifecycle: Lifecycle, reports: Reports) -> None:
    lifecycle.save()
    lifecycle.save()
    assert reports[1:] == [("saved", ""), ("saved", "")]


@pytest.mark.parametrize(("before", "after"), list(itertools.product(Phase, Phase)))
def test_a_state_that_a_record_reports_is_taken_over_without_another_report(
    before: Phase, after: Phase
) -> None:
    made = at(before)
    made.adopt(after, "why")
    assert (made.phase, made.reason) == (after, "why")


def test_what_is_taken_over_is_not_reported(lifecycle: Lifecycle, reports: Reports) -> None:
    lifecycle.adopt(Phase.SAVED, "")
    assert reports == [("waiting", "")]
