"""Holds a panel that fails to show its fault, while the others are drawn and the training goes on."""

import warnings

import ipywidgets
import pytest
from drawn_boards import Make, html, life, panels, statuses, widgets

from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar
from nbhooks.view import section
from nbhooks.view.panels.panel import Panel


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Let the panel of one source fail for as long as there is something in the list returned."""
    faults = [ZeroDivisionError("<b>no</b>")]
    draw = Panel.draw

    def failing(self: Panel, *rest: object) -> None:
        if faults and self.source == "StepCounterHook":
            raise faults[0]
        draw(self, *rest)

    monkeypatch.setattr(Panel, "draw", failing)
    return faults


def test_a_panel_that_raises_says_so_and_the_others_are_drawn(boards: Make, broken: list[Exception]) -> None:
    board = boards()
    life(board.write)
    with pytest.warns(RuntimeWarning, match="StepCounterHook failed with ZeroDivisionError") as warned:
        board.refresh()
    assert len(warned) == 1
    (fault,) = [one for one in widgets(board, ipywidgets.HTML) if "nbhooks-fault" in one.value]
    assert fault in panels(board)[0].widget.children
    assert "ZeroDivisionError" in fault.value
    assert "<b>" not in fault.value
    assert "line 3" in html(board)
    assert statuses(board) == ["running · step 3"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for step in range(4, 8):
            board.write(Scalar("StepCounterHook", "global_step/sec", step, 110.0, 50.0))
            board.refresh()
        assert html(board).count("nbhooks-fault") == 1
        broken.clear()
        board.write(Scalar("StepCounterHook", "global_step/sec", 9, 110.0, 50.0))
        board.refresh()
    assert "nbhooks-fault" not in html(board)
    assert board.events["kind"].tolist().count("fault") == 1
    assert len(board.scalars) == 14


def test_a_panel_that_cannot_be_made_does_not_stop_the_training(
    boards: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: object, __: object) -> None:
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
