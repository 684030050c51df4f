"""Holds boards to the sessions and cells that are theirs."""

import pytest
from drawn_boards import Make, html, life, recordings, sections, statuses
from stand_ins import RUN, Coordinator, Graph

from nbhooks.model import registry
from nbhooks.model.recording import Recording
from nbhooks.model.records import Scalar, Source
from nbhooks.view import boards as boards_room


def test_two_boards_know_nothing_of_each_other(boards: Make) -> None:
    one, other = boards(), boards()
    life(one.write)
    other.write(Source("A", "nan"))
    other.write(Scalar("A", "loss", 9, 0.0, 0.25))
    for board in (one, other):
        board.refresh()
    assert (len(one.scalars), len(other.scalars)) == (9, 1)
    assert "loss = 0.25" in html(other)
    assert "loss = 0.25" not in html(one)
    one.close()
    other.write(Scalar("A", "loss", 10, 0.0, 0.5))
    other.refresh()
    assert "loss = 0.5 at step 10" in html(other)


def test_two_boards_may_show_one_session(boards: Make) -> None:
    one, other, session = boards(), boards(), Recording()
    for board in (one, other):
        board.show(session)
    session.write(Scalar(session.join("nan", "hook"), "loss", 1, 0.0, 0.25))
    one.close()
    other.refresh()
    assert "loss = 0.25" in html(other)
    assert len(one.scalars) == len(other.scalars) == 1


def test_a_hook_given_a_board_is_shown_on_it_and_on_no_other(boards: Make) -> None:
    mine, around = boards(), boards()
    with pytest.warns(RuntimeWarning, match="but those that were given another dashboard"), around:
        session = registry.join(Graph(), mine)
    assert recordings(mine) == [session]
    assert recordings(around) == []


def test_within_its_block_a_board_shows_the_sessions_that_begin(boards: Make) -> None:
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
    assert statuses(board)[0].startswith({"died": "died of ValueError", "interrupted": "interrupted"}[state])
    assert boards_room.entered() == []


def test_a_block_in_which_no_session_begins_says_so(boards: Make) -> None:
    with pytest.warns(RuntimeWarning, match="this Dashboard has nothing to show"), boards():
        pass
