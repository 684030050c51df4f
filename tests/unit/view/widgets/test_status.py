"""Holds the status line to its words."""

import pytest
from drawn_boards import receive

from nbhooks.model.commands import Stop
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import Scalar, Source, State
from nbhooks.model.store import Store
from nbhooks.view.panels.panel import close
from nbhooks.view.widgets.status import Status


@pytest.mark.parametrize(
    ("state", "detail", "line"),
    [
        ("waiting", "", "waiting for the session · step 120"),
        ("running", "", "running · step 120"),
        ("open", "", "open: the cell has ended, the session has not · step 120"),
        ("finished", "", "finished · step 120"),
        ("stopped", "StopAtStepHook", "stopped by StopAtStepHook · step 120"),
        ("stopped", "", "stopped: a stop was requested · step 120"),
        ("interrupted", "", "interrupted · step 120"),
        ("died", "InvalidArgumentError", "died of InvalidArgumentError · step 120"),
        ("died", "", "died of an error that was not seen · step 120"),
    ],
)
def test_a_status_line(state: str, detail: str, line: str) -> None:
    status, kept = Status(lambda: None, lambda _: None), Store()
    kept.write(Source("mine", "steps"))
    kept.write(Scalar("mine", "loss", 120, 0.0, 1.0))
    kept.write(State(Phase(state), 120, 0.0, detail))
    status.draw(kept.snapshot())
    assert (status.state, status.text) == (state, line)
    status.draw(kept.snapshot(), "session 2")
    assert status.text == f"session 2 · {line}"
    close(status)


def test_a_status_reports_that_a_page_is_ready() -> None:
    ready = []
    status = Status(lambda: ready.append(1), lambda _: None)
    receive(status, type="other")
    receive(status, type="ready")
    assert ready == [1]
    status.draw(Store().snapshot())
    assert (status.state, status.text) == ("waiting", "waiting for the session")
    close(status)


def test_a_click_on_stop_submits_a_command_while_the_button_is_shown() -> None:
    submitted: list[object] = []
    status = Status(lambda: None, submitted.append)
    for can_stop, commands in ((False, []), (True, [Stop()]), (False, [Stop()])):
        status.draw(Store().snapshot(), can_stop=can_stop)
        receive(status, type="stop")
        assert submitted == commands
    close(status)
