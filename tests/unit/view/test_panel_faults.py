"""Holds a panel that fails to show its fault, while the others are drawn and the training goes on."""

import warnings

import pytest
from drawn_boards import Make, life, open_page, statuses

from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar
from nbhooks.view import outbox, section
from nbhooks.view.panels.steps import StepsPanel


@pytest.fixture(params=["body", "news", "see", "plot"])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[Exception]]:
    """Let a panel fail in one of the things it does, for as long as there is something in the list."""
    faults = [ZeroDivisionError("<b>no</b>")]
    kept = getattr(StepsPanel, request.param)

    def failing(self: StepsPanel, *rest: object) -> object:
        if faults:
            raise faults[0]
        return kept(self, *rest)

    monkeypatch.setattr(StepsPanel, request.param, failing)
    return request.param, faults


def test_a_panel_that_raises_says_so_and_the_others_are_drawn(
    boards: Make, broken: tuple[str, list[Exception]], monkeypatch: pytest.MonkeyPatch
) -> None:
    what, faults = broken
    monkeypatch.setattr(outbox, "TABLES", 0.0)
    board = boards()
    life(board.write)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        page = open_page(board)
        board.figure()
        board.refresh()
    [warning] = warned
    assert "the panel of StepCounterHook failed with ZeroDivisionError" in str(warning.message)
    if what == "body":
        [block] = page.contents["p0"]["StepCounterHook"]
        assert "ZeroDivisionError: <b>no</b>" in block["text"]
        assert block["level"] == "alert"
    assert [notice["title"] for notice in page.attention["p0"]][-1] == "a fault in what is shown"
    assert "line 3" in page.texts()
    assert statuses(board) == ["running · step 3"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for step in range(4, 8):
            board.write(Scalar("StepCounterHook", "global_step/sec", step, 110.0, 50.0))
            board.refresh()
        faults.clear()
        board.write(Scalar("StepCounterHook", "global_step/sec", 9, 110.0, 50.0))
        board.refresh()
    assert "could not be drawn" not in page.texts()
    assert "mean 50/s" in page.texts()
    assert board.events["kind"].tolist().count("fault") == 1
    assert len(board.scalars) == 14


def test_a_panel_that_cannot_be_made_does_not_stop_the_training(
    boards: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(section, "panel_for", failing)
    board, session = boards(), Recording()
    board.show(session)
    with pytest.warns(RuntimeWarning, match="no room"):
        assert session.join("nan", "hook") == "hook"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        session.join("nan", "hook")
    session.write(Scalar("hook", "loss", 1, 0.0, 1.0))
    assert len(board.scalars) == 1
