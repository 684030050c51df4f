"""Holds boards to the sessions and cells that are theirs."""

from types import SimpleNamespace

import pytest
from drawn_boards import Make, life, recordings, sections, statuses, texts
from stand_ins import RUN, Coordinator, Graph

from nbhooks.jupyter import environment
from nbhooks.model import registry
from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar, Source
from nbhooks.view import boards as room


def test_two_boards_know_nothing_of_each_other(boards: Make) -> None:
    one, other = boards(), boards()
    life(one.write)
    other.write(Source("A", "nan"))
    other.write(Scalar("A", "loss", 9, 0.0, 0.25))
    for board in (one, other):
        board.refresh()
    assert (len(one.scalars), len(other.scalars)) == (9, 1)
    assert "loss = 0.25" in texts(other)
    assert "loss = 0.25" not in texts(one)
    one.close()
    other.write(Scalar("A", "loss", 10, 0.0, 0.5))
    other.refresh()
    assert "loss = 0.5 at step 10" in texts(other)


def test_two_boards_may_show_one_recording(boards: Make) -> None:
    one, other, session = boards(), boards(), Recording()
    for board in (one, other):
        board.show(session)
    session.write(Scalar(session.join("nan", "hook"), "loss", 1, 0.0, 0.25))
    one.close()
    other.refresh()
    assert "loss = 0.25" in texts(other)
    assert len(one.scalars) == len(other.scalars) == 1


def test_a_hook_given_a_board_is_shown_on_it_and_on_no_other(boards: Make) -> None:
    mine, around = boards(), boards()
    with pytest.warns(RuntimeWarning, match="except those with a dashboard of their own"), around:
        session = registry.join(Graph(), mine)
    assert recordings(mine) == [session]
    assert recordings(around) == []


def test_within_its_block_a_board_shows_the_recordings_that_begin(boards: Make) -> None:
    outer, inner = boards(), boards()
    graphs = [Graph() for _ in range(4)]
    before = registry.join(graphs[0])
    with outer as entered:
        assert entered is outer
        first = registry.join(graphs[1])
        with inner:
            second = registry.join(graphs[2])
        inner.refresh()
    after = registry.join(graphs[3])
    assert recordings(outer) == [first]
    assert recordings(inner) == [second]
    shown = {id(one.recording) for board in (outer, inner) for one in sections(board)}
    assert not {id(before), id(after)} & shown


@pytest.mark.parametrize(("error", "state"), [(ValueError, "died"), (KeyboardInterrupt, "interrupted")])
def test_a_block_that_raises_ends_its_recording_and_raises_on(
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
    assert statuses(board)[0].startswith({"died": "died of ValueError", "interrupted": "interrupted"}[state])
    assert room.entered() == []


def test_a_block_in_which_no_recording_begins_says_so(boards: Make) -> None:
    with pytest.warns(RuntimeWarning, match="this Dashboard has nothing to show"), boards():
        pass


class Cell:
    """The cell that pretends to be running."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.name, self.execution = "cell", "first"
        monkeypatch.setattr(environment, "kernel_shell", lambda: self)
        monkeypatch.setattr(environment, "cell", lambda _: self.name)
        monkeypatch.setattr(environment, "execution", lambda _: self.execution)


class Stub:
    """A board that stands in the cell that is running when it first shows something."""

    def __init__(self, cell: Cell) -> None:
        self.here, self.shown, self.place = cell, [], SimpleNamespace(cell="", execution="")
        self.again = ""
        room.register(self)

    def show(self, recording: Recording) -> None:
        self.place = SimpleNamespace(cell=self.here.name, execution=self.here.execution)
        self.shown.append(recording)

    def displayed_in(self, execution: str) -> bool:
        return execution == self.again

    def close(self) -> None:
        room.unregister(self)


def test_an_execution_of_a_cell_has_one_board(monkeypatch: pytest.MonkeyPatch) -> None:
    cell, made = Cell(monkeypatch), []

    def make() -> Stub:
        made.append(Stub(cell))
        return made[-1]

    several = [Recording() for _ in range(4)]
    for recording in several[:2]:
        room.show_in_cell(recording, make)
    cell.name = "another cell"
    room.show_in_cell(several[2], make)
    cell.name, cell.execution = "cell", "second"
    room.show_in_cell(several[3], make)
    assert [board.shown for board in made] == [several[:2], several[2:3], several[3:]]


def test_a_board_made_by_hand_is_not_the_one_of_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = Cell(monkeypatch)
    mine, other = Stub(cell), Stub(cell)
    mine.show(Recording())
    recording = Recording()
    room.show_in_cell(recording, lambda: other)
    assert recording not in mine.shown
    assert other.shown == [recording]


def test_a_cell_that_is_run_again_closes_its_earlier_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = Cell(monkeypatch)
    boards = [Stub(cell) for _ in range(4)]
    for board, (cell.name, cell.execution) in zip(
        boards,
        [("cell", "first"), ("cell", "first"), ("another cell", "first"), ("cell", "second")],
        strict=True,
    ):
        board.show(Recording())
    boards[1].again = "second"  # it is displayed in that execution, too
    room.close_replaced("cell", "second")
    assert [board in room.opened() for board in boards] == [False, True, True, True]


def test_outside_a_notebook_nothing_is_made() -> None:
    room.show_in_cell(Recording(), lambda: pytest.fail("a board was made"))
