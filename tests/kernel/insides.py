"""What the tests know of the insides of boards and pumps, as code for the kernel."""

INSIDES = """
import gc, threading
import ipywidgets
from nbhooks.view import boards
from nbhooks.model import registry

def open_boards():
    gc.collect()
    return boards.opened()

def close_boards():
    for board in boards.opened():
        board.close()

def threads():
    return [thread.name for thread in threading.enumerate() if "nbhooks" in thread.name]

def widgets():
    return len(ipywidgets.widgets.widget._instances)

def handlers():
    return [len(found) for _, found in sorted(get_ipython().events.callbacks.items())]

def joinable():
    return len(registry._recordings)

def pretend_shown_by(board, cell):
    "Let a board be the one of the cell with this source: what this kernel's client runs has no ids."
    before, board.place.cell = board.place.cell, cell
    return before

def has_socket(pump):
    return pump._socket is not None
"""
