"""Holds `nbhooks.board()` to the board that was made last and not closed."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

import nbhooks
from nbhooks.view import boards as room

if TYPE_CHECKING:
    from drawn_boards import Make


def test_the_latest_board_that_is_open(boards: Make) -> None:
    first, second = boards(), boards()
    assert nbhooks.board() is second
    second.close()
    assert nbhooks.board() is first


def test_without_a_board_the_error_says_how_to_get_one() -> None:
    gc.collect()
    for board in room.opened():
        board.close()
    with pytest.raises(RuntimeError, match=r"there is no board: .* nbhooks\.Dashboard\(\)"):
        nbhooks.board()
