"""Holds the board to its public face outside a kernel: what it holds, what it draws, and that it lets go."""

import gc
import math
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest
from matplotlib.figure import Figure

import nbhooks
from nbhooks.model import registry
from nbhooks.model.lifecycle import Phase
from nbhooks.model.recording import Recording
from nbhooks.model.records import (
    Attempt,
    Checkpoint,
    Event,
    Line,
    Progress,
    Scalar,
    Sink,
    Source,
    State,
    Tensor,
)
from nbhooks.model.registry import Host
from nbhooks.view import boards as boards_room
from nbhooks.view import dashboard as room
from nbhooks.view import section
from nbhooks.view.dashboard import Dashboard
from nbhooks.view.panels.panel import Panel
from nbhooks.view.renderer import InlineRenderer, Renderer
from nbhooks.view.widgets.status import Status

SOURCES = {
    "StepCounterHook": "steps",
    "LoggingTensorHook": "tensors",
    "NanTensorHook": "nan",
    "CheckpointSaverHook": "checkpoints",
    "StopAtStepHook": "progress",
}
WIDGETS = ipywidgets.widgets.widget._instances
Make = Callable[[], Dashboard]

RUN = SimpleNamespace(stop_requested=False, original_args=SimpleNamespace(fetches="train_op"))


class Graph:
    """Something that can be held weakly."""


class Coordinator:
    joined = False

    def should_stop(self) -> bool:
        return False


@pytest.fixture
def boards() -> Iterator[Make]:
    """Make boards that draw when told to, and close them."""
    made = []

    def make() -> Dashboard:
        made.append(Dashboard(renderer=InlineRenderer))
        return made[-1]

    yield make
    for board in made:
        board.close()


def life(write: Callable[[object], None], last: int = 3) -> None:
    """Write the records of a short run, by hand."""
    for source, kind in SOURCES.items():
        write(Source(source, kind, {"tags": ("loss", "w"), "others": ("w",)} if kind == "tensors" else {}))
    write(Attempt(100.0, 0))
    write(State(Phase.RUNNING, 0, 100.0))
    for step in range(1, last + 1):
        write(Scalar("StepCounterHook", "global_step/sec", step, 100.0 + step, 50.0))
        write(Scalar("LoggingTensorHook", "loss", step, 100.0 + step, 1 / step))
        write(Tensor("LoggingTensorHook", "w", step, 100.0 + step, "int64", (2,), np.array([step, step])))
        write(Line("LoggingTensorHook", step, 100.0 + step, f"line {step}"))
        write(Scalar("NanTensorHook", "loss:0", step, 100.0 + step, 1 / step))
        write(Progress("StopAtStepHook", step, 100.0 + step, 0, 10))
    write(Checkpoint("CheckpointSaverHook", "/logs/model.ckpt-1", 1, 101.0, "kept", 0.5, 1000))
    write(Event("inf", last, 104.0, "once"))


def every(widget: ipywidgets.Widget, kind: type) -> list:
    found = [widget] if isinstance(widget, kind) else []
    return found + [one for child in getattr(widget, "children", ()) for one in every(child, kind)]


def html(board: Dashboard) -> str:
    return "\n".join(widget.value for widget in every(board._widget, ipywidgets.HTML))


def flush(board: Dashboard) -> None:
    board._renderer.flush()


def status(board: Dashboard) -> list[str]:
    return [one.text for one in every(board._widget, Status)]


# What it holds


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
    board.write(Source("C", "weather"))  # a kind that nobody shows
    with pytest.raises(KeyError, match=r"no panel of 'StepCounter'; there are: 'A', 'B'"):
        board.panel("StepCounter")


# What it shows


def test_it_draws_when_the_renderer_says_and_not_before(boards: Make) -> None:
    board = boards()
    life(board.write)
    assert board._renderer.requests > 0
    assert "line 3" not in html(board)
    assert status(board) == ["waiting for the session"]
    flush(board)
    assert "line 3" in html(board)
    assert "model.ckpt-1" in html(board)
    assert "step 3 of 10" in html(board)
    assert status(board) == ["running · step 3"]


def test_what_did_not_change_is_not_drawn_again(boards: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    draw = Panel.draw
    monkeypatch.setattr(Panel, "draw", lambda self, *rest: (drawn.append(self.source), draw(self, *rest)))
    board = boards()
    board.write(Source("A", "nan"))
    flush(board)
    flush(board)
    assert drawn == ["A"]
    board.write(Scalar("A", "loss", 1, 0.0, 1.0))
    flush(board)
    assert drawn == ["A", "A"]


def test_a_session_is_shown_and_shown_once(boards: Make) -> None:
    board, session = boards(), Recording()
    early = session.join("nan", "early")
    board.show(session)
    board.show(session)
    session.join("nan", "late")
    assert [panel.source for panel in every_panel(board)] == [early, "late"]
    assert len(status(board)) == 1
    session.write(Scalar("late", "loss", 7, 0.0, 0.5))
    flush(board)
    assert "loss = 0.5 at step 7" in html(board)


def every_panel(board: Dashboard) -> list[Panel]:
    return [panel for one in board._sections for panel in one.panels]


def test_states_of_a_session_that_ends(boards: Make) -> None:
    board, session, coordinator = boards(), Recording(), Coordinator()
    board.show(session)
    name = session.join("nan", "hook")
    assert board.state == "waiting"
    session.begin_attempt(coordinator, name, lambda: 0)
    session.begin_run(RUN, lambda: 0)
    assert board.state == "running"
    session.record_stop("StopAtStepHook", 200)
    session.leave(name)
    assert board.state == "stopped"
    assert status(board) == ["stopped by StopAtStepHook · step 0"]  # drawn by the end itself


def test_sessions_are_told_apart(boards: Make) -> None:
    board = boards()
    for _ in range(2):
        session, coordinator = Recording(), Coordinator()
        board.show(session)
        name = session.join("tensors", "hook")
        for _ in range(2):
            session.begin_attempt(coordinator, name, lambda: 0)
            session.write(Scalar(name, "loss", 1, 0.0, 0.5))
            coordinator = Coordinator()
        session.die(ValueError())
    flush(board)
    assert [line.partition(" · ")[0] for line in status(board)] == ["session 1", "session 3"]
    assert board.scalars["session"].tolist() == [0, 1, 2, 3]
    assert board.panel("hook") is every_panel(board)[-1]
    assert len(board.figure().axes) == 2


def test_only_the_latest_ended_sessions_keep_their_panels_open(boards: Make) -> None:
    board = boards()
    count = room.UNFOLDED + 2
    for number in range(count):
        session = Recording()
        board.show(session)
        session.write(Scalar(session.join("steps", "hook"), "rate", 1, 0.0, float(number)))
        session.die()
    shown = [len(one.panels) for one in board._sections]
    assert shown == [0] * (count - room.UNFOLDED) + [1] * room.UNFOLDED
    assert len(status(board)) == count
    assert len(board.scalars) == count


def test_a_lost_session_is_dead_when_the_next_is_shown(boards: Make) -> None:
    board, lost = boards(), Recording()
    board.show(lost)
    lost.begin_attempt(Coordinator(), lost.join("nan", "hook"), lambda: 0)  # its coordinator is gone at once
    gc.collect()
    board.show(Recording())
    assert lost.state == "died"
    assert board.state == "waiting"


def test_a_session_that_is_gone_is_given_time_to_recover(
    boards: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    board, session = boards(), Recording()
    now = [1000.0]
    monkeypatch.setattr(section, "time", type("Time", (), {"monotonic": staticmethod(lambda: now[0])}))
    board.show(session)
    coordinator = Coordinator()
    session.begin_attempt(coordinator, session.join("nan", "hook"), lambda: 0)
    session.begin_run(RUN, lambda: 0)
    coordinator.joined = True
    flush(board)
    now[0] += section.GRACE
    flush(board)
    assert session.state == "running"
    now[0] += 0.1
    flush(board)
    assert session.state == "died"
    flush(board)
    assert status(board) == ["died of an error that was not seen · step 0"]


# What a page says


def hello(board: Dashboard) -> None:
    every(board._widget, Status)[0]._handle_custom_msg({"type": "ready"}, [])


def test_input_is_offered_when_a_page_has_said_hello(boards: Make) -> None:
    board = boards()
    board.write(Source("early", "tensors", {"tags": ("w",), "others": ("w",)}))
    assert [one.disabled for one in every(board._widget, ipywidgets.Dropdown)] == [True]
    hello(board)
    assert board.live
    board.write(Source("late", "tensors", {"tags": ("w",), "others": ("w",)}))
    assert [one.disabled for one in every(board._widget, ipywidgets.Dropdown)] == [False, False]


def test_a_page_that_is_loaded_is_sent_everything_at_once(
    boards: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = boards()
    life(board.write)
    flush(board)
    chart = board.panel("StepCounterHook").chart
    sent = []
    monkeypatch.setattr(chart, "send", lambda content, _: sent.append(content["type"]))
    chart._handle_custom_msg({"type": "ready"}, [])
    assert sent == ["full"]


def test_a_choice_of_values_is_answered_at_once(boards: Make) -> None:
    board = boards()
    life(board.write)
    (dropdown,) = every(board._widget, ipywidgets.Dropdown)
    dropdown.value = "w"
    assert "[3 3]" in html(board)


# Faults


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
        flush(board)
    assert len(warned) == 1
    (fault,) = [one for one in every(board._widget, ipywidgets.HTML) if "nbhooks-fault" in one.value]
    assert fault in board._sections[0].panels[0].widget.children
    assert "ZeroDivisionError" in fault.value
    assert "<b>" not in fault.value
    assert "line 3" in html(board)
    assert status(board) == ["running · step 3"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for step in range(4, 8):
            board.write(Scalar("StepCounterHook", "global_step/sec", step, 110.0, 50.0))
            flush(board)
        assert html(board).count("nbhooks-fault") == 1
        broken.clear()
        board.write(Scalar("StepCounterHook", "global_step/sec", 9, 110.0, 50.0))
        flush(board)
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


def test_a_foreign_record_is_refused(boards: Make) -> None:
    board = boards()
    with pytest.raises(TypeError, match="takes records"):
        board.write(42)
    with pytest.raises(KeyError, match="stranger"):
        board.write(Scalar("stranger", "loss", 1, 0.0, 1.0))


# The end


def test_close_leaves_as_many_widgets_as_there_were() -> None:
    gc.collect()
    before = set(WIDGETS)
    for _ in range(10):
        board = Dashboard(renderer=InlineRenderer)
        life(board.write)
        session = Recording()
        board.show(session)
        session.join("tensors", "hook", tags=("w",), others=("w",))
        flush(board)
        every_panel(board)[0].fail(ValueError())
        assert len(WIDGETS) > len(before) + 20
        board.close()
        board.close()
        assert set(WIDGETS) == before


def test_a_closed_board_still_holds_everything(boards: Make) -> None:
    board = boards()
    life(board.write)
    board.close()
    assert len(board.scalars) == 9
    assert len(board.tensors) == 3
    assert len(board.checkpoints) == 1
    assert len(board.events) == 3
    flush(board)


def test_a_closed_board_still_has_its_figure(boards: Make) -> None:
    board = boards()
    life(board.write)
    board.close()
    assert [axes.get_title(loc="left") for axes in board.figure().axes] == [
        "Steps per second",
        "Logged scalars",
    ]


def test_a_closed_board_makes_no_more_widgets() -> None:
    gc.collect()
    before = set(WIDGETS)
    board, session = Dashboard(renderer=InlineRenderer), Recording()
    board.show(session)
    session.join("nan", "early")
    board.close()
    session.join("nan", "late")
    session.write(Scalar("late", "loss", 1, 0.0, 1.0))
    session.die()
    assert set(WIDGETS) == before


def test_a_closed_board_is_not_kept_alive() -> None:
    board = Dashboard(renderer=InlineRenderer)
    life(board.write)
    board.close()
    gone = weakref.ref(board)
    del board
    gc.collect()
    assert gone() is None


def test_the_end_of_the_last_session_leaves_no_thread() -> None:
    board, sessions_ = Dashboard(Renderer), [Recording(), Recording()]
    mine = [one for one in threading.enumerate() if one.name == "nbhooks renderer"]
    assert mine == []
    for session in sessions_:
        board.show(session)
    sessions_[0].die()
    assert len([one for one in threading.enumerate() if one.name == "nbhooks renderer"]) == 1
    sessions_[1].die()
    assert [one for one in threading.enumerate() if one.name == "nbhooks renderer"] == []
    board.close()


# Several boards


def test_two_boards_know_nothing_of_each_other(boards: Make) -> None:
    one, other = boards(), boards()
    life(one.write)
    other.write(Source("A", "nan"))
    other.write(Scalar("A", "loss", 9, 0.0, 0.25))
    for board in (one, other):
        flush(board)
    assert (len(one.scalars), len(other.scalars)) == (9, 1)
    assert "loss = 0.25" in html(other)
    assert "loss = 0.25" not in html(one)
    one.close()
    other.write(Scalar("A", "loss", 10, 0.0, 0.5))
    flush(other)
    assert "loss = 0.5 at step 10" in html(other)


def test_two_boards_may_show_one_session(boards: Make) -> None:
    one, other, session = boards(), boards(), Recording()
    for board in (one, other):
        board.show(session)
    session.write(Scalar(session.join("nan", "hook"), "loss", 1, 0.0, 0.25))
    one.close()
    flush(other)
    assert "loss = 0.25" in html(other)
    assert len(one.scalars) == len(other.scalars) == 1


def test_a_hook_given_a_board_is_shown_on_it_and_on_no_other(boards: Make) -> None:
    mine, around = boards(), boards()
    with pytest.warns(RuntimeWarning, match="but those that were given another dashboard"), around:
        session = registry.join(Graph(), mine)
    assert [one.recording for one in mine._sections] == [session]
    assert around._sections == ()


def test_within_its_block_a_board_shows_the_sessions_that_begin(boards: Make) -> None:
    outer, inner = boards(), boards()
    graphs = [Graph() for _ in range(4)]
    before = registry.join(graphs[0])
    with outer as entered:
        assert entered is outer
        first = registry.join(graphs[1])
        with inner:
            second = registry.join(graphs[2])
        flush(inner)
    after = registry.join(graphs[3])
    assert [one.recording for one in outer._sections] == [first]
    assert [one.recording for one in inner._sections] == [second]
    shown = {id(one.recording) for board in (outer, inner) for one in board._sections}
    assert not {id(before), id(after)} & shown


@pytest.mark.parametrize(("error", "state"), [(ValueError, "died"), (KeyboardInterrupt, "interrupted")])
def test_a_block_that_raises_tells_its_session_and_raises_on(
    boards: Make, error: type[BaseException], state: str
) -> None:
    board, coordinator, graph = boards(), Coordinator(), Graph()

    def train() -> None:
        session = registry.join(graph)
        session.begin_attempt(coordinator, session.join("nan", "hook"), lambda: 0)
        session.begin_run(RUN, lambda: 0)
        coordinator.joined = True
        raise error

    with pytest.raises(error), board:
        train()
    assert board.state == state
    assert status(board)[0].startswith({"died": "died of ValueError", "interrupted": "interrupted"}[state])
    assert boards_room.entered() == []


# The picture that stays


class Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_static_picture_says_what_the_board_says(boards: Make) -> None:
    board = boards()
    life(board.write)
    board.write(Scalar("LoggingTensorHook", "<script>alert(1)</script>", 4, 0.0, math.nan))
    board.write(State(Phase.DIED, 4, 0.0, "<img src=x onerror=alert(1)>"))
    read = Reader(board._static())
    assert read.tags.count("img") == 1
    assert "script" not in read.tags
    assert "died of <img src=x onerror=alert(1)> · step 4" in read.words
    assert "<script>alert(1)</script>" in read.words
    assert "model.ckpt-1" in read.words


def test_the_static_picture_of_a_board_without_points_has_no_image(boards: Make) -> None:
    board = boards()
    board.write(Source("A", "steps"))
    assert "img" not in Reader(board._static()).tags


def test_a_block_in_which_no_session_begins_says_so(boards: Make) -> None:
    with pytest.warns(RuntimeWarning, match="this Dashboard has nothing to show"), boards():
        pass
