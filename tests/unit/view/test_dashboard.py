"""Holds the board to its public face outside a kernel: what it holds and what it draws."""

import pytest
from drawn_boards import SOURCES, Make, Page, life, open_page, requests, statuses
from matplotlib.figure import Figure

import nbhooks
from nbhooks.model.records import Scalar, Source
from nbhooks.model.registry import Host
from nbhooks.model.sink import Sink
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.panels.nan import NanPanel


def test_a_board_is_a_sink_and_a_host(boards: Make) -> None:
    board = boards()
    assert isinstance(board, Sink)
    assert isinstance(board, Host)
    assert nbhooks.Dashboard is Dashboard


def test_an_empty_board(boards: Make) -> None:
    board = boards()
    assert board.state == "waiting"
    assert not board.live
    for frame in (board.scalars, board.to_pandas(), board.tensors, board.checkpoints, board.events):
        assert len(frame) == 0
    assert isinstance(board.figure(), Figure)
    with pytest.raises(KeyError, match=r"no panel of 'StepCounterHook'; there are: none yet"):
        board.panel("StepCounterHook")


def test_hand_made_records_are_held(boards: Make) -> None:
    board = boards()
    life(board.write)
    assert board.state == "waiting"  # of the session; what a record says of a state is not its doing
    frame = board.scalars
    assert frame["tag"].cat.categories.tolist() == ["global_step/sec", "loss", "loss:0"]
    assert len(frame) == 9
    assert board.to_pandas().equals(frame)
    assert board.tensors["value"].map(list).tolist() == [[1, 1], [2, 2], [3, 3]]
    assert board.checkpoints[["path", "bytes", "kept"]].to_numpy().tolist() == [
        ["/logs/model.ckpt-1", 1000, True]
    ]
    assert board.events["kind"].tolist() == ["state", "state", "inf"]
    assert board.events["detail"].tolist() == ["waiting", "running", "once"]


def test_its_figure_has_axes_for_each_chart(boards: Make) -> None:
    board = boards()
    life(board.write)
    figure = board.figure()
    assert isinstance(figure, Figure)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Steps per second", "Logged scalars"]
    assert figure.axes[1].get_lines()[0].get_ydata().tolist() == pytest.approx([1, 1 / 2, 1 / 3])


def test_a_panel_is_found_by_its_source_and_shows_the_latest(boards: Make) -> None:
    board = boards()
    life(board.write)
    for source, kind in SOURCES.items():
        panel = board.panel(source)
        assert (panel.source, panel.kind) == (source, kind)
    assert isinstance(board.panel("LoggingTensorHook").figure(), Figure)
    assert board.panel("LoggingTensorHook").plots()[0].series["loss"].count == 3
    board.write(Scalar("LoggingTensorHook", "loss", 4, 104.0, 0.1))
    assert board.panel("LoggingTensorHook").plots()[0].series["loss"].count == 4


def test_an_unknown_panel_is_answered_with_those_there_are(boards: Make) -> None:
    board = boards()
    board.write(Source("A", "steps"))
    board.write(Source("B", "nan"))
    board.write(Source("C", "weather"))  # a kind without a panel
    with pytest.raises(KeyError, match=r"no panel of 'StepCounter'; there are: 'A', 'B'"):
        board.panel("StepCounter")


def test_it_draws_when_the_renderer_says_and_not_before(boards: Make) -> None:
    board = boards()
    page = Page(board).ready()
    life(board.write)
    assert requests(board) > 0
    assert page.parts == []
    board.refresh()
    page.see_all()
    assert "line 3" in page.texts()
    assert "model.ckpt-1" in page.texts()
    assert "step 3 of 10" in page.texts()
    assert page.line("loss").x.tolist() == [1, 2, 3]
    assert statuses(board) == ["running · step 3"]


def test_what_did_not_change_is_neither_drawn_nor_sent_again(
    boards: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    body = NanPanel.body
    monkeypatch.setattr(
        NanPanel, "body", lambda self, *rest: (drawn.append(self.source), body(self, *rest))[1]
    )
    board = boards()
    board.write(Source("A", "nan"))
    page = open_page(board)
    assert drawn == ["A"]
    before = len(page.messages)
    board.refresh()
    assert (drawn, len(page.messages)) == (["A"], before)
    board.write(Scalar("A", "loss", 1, 0.0, 1.0))
    board.refresh()
    assert (drawn, len(page.messages)) == (["A", "A"], before + 1)


def test_a_panel_out_of_sight_is_not_drawn(boards: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NanPanel, "body", lambda *_: pytest.fail("it was drawn"))
    board = boards()
    page = Page(board).ready()
    board.write(Source("A", "nan"))
    board.write(Scalar("A", "loss", 1, 0.0, 1.0))
    board.refresh()
    page.open()
    assert page.sections["p0"][0]["news"] == "loss = 1 at step 1"


def test_a_page_that_is_loaded_is_sent_everything_at_once(boards: Make) -> None:
    board = boards()
    life(board.write)
    board.refresh()
    page = Page(board)
    page.ready()
    assert [message.get("full") for message in page.messages] == [True]


def test_a_choice_of_values_is_answered_at_once(boards: Make) -> None:
    board = boards()
    life(board.write)
    page = open_page(board)
    page.send(type="choose", part="p0", section="LoggingTensorHook", name="values", value="w")
    assert "[3 3]" in page.texts()


def test_a_foreign_record_is_refused(boards: Make) -> None:
    board = boards()
    with pytest.raises(TypeError, match="takes records"):
        board.write(42)
    with pytest.raises(KeyError, match="stranger"):
        board.write(Scalar("stranger", "loss", 1, 0.0, 1.0))
