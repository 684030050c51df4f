"""Saved runs in a real kernel: shown once, watched while other cells run, and let go of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from insides import INSIDES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from client import Kernel, Message, Result

pytestmark = pytest.mark.kernel

WIDGET = "application/vnd.jupyter.widget-view+json"

SETUP = """
import time
from pathlib import Path
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter
import nbhooks
from nbhooks import replay

def write(folder, steps, tag="loss"):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "events.out.tfevents.1").open("ab") as file:
        for step in steps:
            summary = Summary(value=[{"tag": tag, "simple_value": step / 2}])
            event = Event(wall_time=1e9 + step, step=step, summary=summary)
            RecordWriter(file).write(event.SerializeToString())
"""


class Shown:
    """What a page knows of the choosers that it was sent."""

    def __init__(self, kernel: Kernel, folder: Path) -> None:
        self.kernel, self.folder = kernel, folder
        self.run(INSIDES + SETUP)
        self.run(f"logs = {str(folder)!r}")
        self.run("for run in ('a', 'b'): write(logs + '/' + run, range(50))")

    def run(self, code: str) -> Result:
        result = self.kernel.run(code, timeout=60)
        assert result.error is None, result.stderr
        return result

    def value(self, expression: str) -> str:
        return self.run(f"print({expression})").stdout.strip()

    def messages(self, model: str) -> list[Message]:
        """Give what came of one widget."""
        return [one for one in self.kernel.messages if one.content.get("comm_id") == model]

    def choosers(self) -> list[str]:
        return [
            message.content["comm_id"]
            for message in self.kernel.messages
            if message.kind == "comm_open" and "chosen" in message.content["data"].get("state", {})
        ]

    def chosen(self, model: str) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for message in self.messages(model):
            known.update(message.content["data"].get("state", {}))
        return {**known["chosen"], "runs": known["runs"]}

    def click(self, model: str, **content: Any) -> None:
        self.kernel.send_comm(model, {"method": "custom", "content": content})

    def says(self, text: str) -> bool:
        """Whether some widget says so."""
        return any(text in json.dumps(one.content) for one in self.kernel.messages if one.kind == "comm_msg")


@pytest.fixture
def shown(shared_kernel: Kernel, tmp_path: Path) -> Iterator[Shown]:
    page = Shown(shared_kernel, tmp_path / "logs")
    yield page
    page.run("close_boards()\nassert threads() == []")


def views(result: Result) -> int:
    return sum(WIDGET in data for data in result.displays)


@pytest.mark.parametrize(
    "cell",
    [
        "replay.load(logs).show()",
        "board = replay.load(logs).show()\nboard",
        "board = replay.load(logs).show()",
        "replay.watch(logs)",
        "%load_ext nbhooks\n%nbhooks {logs}",
        "%load_ext nbhooks\n%nbhooks --watch --tags loss {logs}",
        "%load_ext nbhooks\n%nbhooks --logdir '{logs}' --runs a",
    ],
)
def test_a_board_appears_once_and_leaves_a_picture(shown: Shown, cell: str) -> None:
    result = shown.run(cell)
    assert views(result) == 1
    pictures = [data["text/html"] for data in result.displays if "text/html" in data]
    assert 'src="data:image/png;base64,iVBOR' in pictures[-1]
    assert "saved run" in pictures[-1]


def test_a_board_can_be_displayed_again_in_a_later_cell(shown: Shown) -> None:
    shown.run("board = replay.load(logs).show()")
    assert views(shown.run("board")) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%nbhooks", "takes one path, as in %nbhooks logs/, and was given none"),
        ("%nbhooks a b", "was given 2: a, b"),
        ("%nbhooks /nowhere/at/all", "there is nothing at '/nowhere/at/all'"),
        ("%nbhooks --unknown x", "unrecognized arguments"),
    ],
)
def test_a_line_that_makes_no_sense_is_an_error(shown: Shown, line: str, said: str) -> None:
    result = shown.kernel.run(f"%load_ext nbhooks\n{line}", timeout=60)
    assert result.error is not None
    assert result.error[0] == "UsageError"
    assert said in result.error[1] + result.stderr
    while shown.kernel.run("pass").status == "aborted":  # what came behind the error may still be
        pass


def test_it_is_updated_while_another_cell_is_busy(shown: Shown) -> None:
    shown.run("board = replay.watch(logs, every=0.05)")
    [model] = shown.choosers()[-1:]
    cell = shown.kernel.start(
        "for step in range(50, 90):\n    write(logs + '/a', [step])\n    time.sleep(0.05)\n"
        "write(logs + '/c', range(7))\n"
        "while not Path(logs).with_name('seen').exists(): time.sleep(0.01)"
    )
    try:  # the cell stays busy until the page has seen it all
        shown.kernel.wait_for(lambda: 50 < shown.chosen(model)["last"] < 89)
        shown.kernel.wait_for(lambda: [run["name"] for run in shown.chosen(model)["runs"]] == ["a", "b", "c"])
        assert shown.kernel.statuses(cell)[-1] == "busy"
    finally:
        shown.folder.with_name("seen").touch()
    assert shown.kernel.finish(cell).error is None
    assert shown.value("len(board.scalars)") == "147"


def test_it_is_updated_in_the_cell_that_began_it(shown: Shown) -> None:
    """As people do who watch first and then train, all in one cell."""
    before = len(shown.choosers())
    cell = shown.kernel.start(
        "replay.watch(logs, every=0.05)\nfor step in range(50, 90):\n"
        "    write(logs + '/a', [step])\n    time.sleep(0.05)"
    )
    shown.kernel.wait_for(lambda: len(shown.choosers()) > before)
    [model] = shown.choosers()[before:]
    shown.kernel.wait_for(lambda: shown.chosen(model)["last"] > 50)
    assert shown.kernel.statuses(cell)[-1] == "busy"
    assert shown.kernel.finish(cell).error is None


def test_clicks_are_carried_out(shown: Shown) -> None:
    shown.run("board = replay.load(logs).show()")
    [model] = shown.choosers()[-1:]
    shown.click(model, type="ready")
    shown.click(model, type="compare", run="a", on=False)
    shown.kernel.wait_for(lambda: [run["hue"] for run in shown.chosen(model)["runs"]] == [None, 1])
    shown.click(model, type="seek", step=20)
    shown.kernel.wait_for(lambda: shown.chosen(model)["step"] == 20)
    shown.kernel.wait_for(lambda: shown.says("step 20 of 49"))
    updates = [
        one.content["data"]["state"] for one in shown.messages(model) if "state" in one.content["data"]
    ]
    assert list(updates[-1]) == ["chosen"]  # a thousand names would not be sent at every step
    assert shown.value("board.live") == "True"


def test_running_the_cell_again_ends_what_it_began(shown: Shown) -> None:
    cell = "board = replay.watch(logs, every=0.05)"
    shown.run(cell)
    widgets = shown.value("widgets()")
    for _ in range(3):
        shown.run(cell)
    assert shown.value("threads()") == "['nbhooks watch']"
    assert shown.value("len(open_boards())") == "1"
    assert shown.value("widgets()") == widgets


def test_no_thread_is_left_where_nothing_is_watched(shown: Shown) -> None:
    shown.run("board = replay.load(logs).show()")
    [model] = shown.choosers()[-1:]
    shown.click(model, type="seek", step=20)
    shown.kernel.wait_for(lambda: shown.chosen(model)["step"] == 20)
    assert shown.value("threads()") == "[]"


def pictures(shown: Shown, since: int) -> list[str]:
    """The pictures that displays were given."""
    updates = [one for one in shown.kernel.messages[since:] if one.kind == "update_display_data"]
    return [one.content["data"]["text/html"] for one in updates]


def test_the_picture_shows_what_is_watched(shown: Shown) -> None:
    shown.run("from nbhooks.replay import viewer\nviewer.PICTURED = 0")
    shown.run("board = replay.watch(logs, every=0.05)")
    since = len(shown.kernel.messages)
    shown.run("write(logs + '/a', [500])\nviewer.PICTURED = 0")
    shown.kernel.wait_for(lambda: any("step 500" in html for html in pictures(shown, since)))
    shown.run("viewer.PICTURED = 60")


def test_a_board_that_is_closed_leaves_its_latest_picture(shown: Shown) -> None:
    shown.run("board = replay.watch(logs, every=0.05)")
    [model] = shown.choosers()[-1:]
    shown.run("write(logs + '/a', [600])")
    shown.kernel.wait_for(lambda: shown.chosen(model)["last"] == 600)
    since = len(shown.kernel.messages)
    shown.run("board.close()")
    assert ["step 600" in html for html in pictures(shown, since)] == [True]


def test_a_cell_that_is_run_again_and_fails_ends_what_it_watched(shown: Shown) -> None:
    cell = "if fails: 1 / 0\nboard = replay.watch(logs, every=0.05)"
    shown.run(f"fails = False\nget_ipython().parent_header['metadata']['cellId'] = 'one'\n{cell}")
    assert shown.value("threads()") == "['nbhooks watch']"
    # The client's cells have no names of their own, so this is what makes the next one the same cell.
    before = shown.value("pretend_shown_by(board, 'print(7)')")
    assert shown.value("threads()") == "['nbhooks watch']"
    shown.run("print(7)")
    assert before
    assert shown.value("threads(), len(open_boards())") == "[] 0"


def test_a_board_may_be_displayed_twice_in_a_cell(shown: Shown) -> None:
    result = shown.run(
        "board = replay.load(logs).show()\nfrom IPython.display import display\ndisplay(board)"
    )
    assert views(result) == 2


def test_loads_that_take_long_leave_no_widget_behind(shown: Shown) -> None:
    shown.run(
        "from nbhooks.replay import progress\n"
        "from nbhooks.tfevents import files\n"
        "progress.PATIENCE, files.BATCH = 0.0, 100"
    )
    before = shown.value("widgets()")
    result = shown.run("for _ in range(3): replay.load(logs)")
    assert views(result) == 3
    assert shown.value("widgets()") == before
    shown.run("progress.PATIENCE, files.BATCH = 2.0, 16 * 2**20")
