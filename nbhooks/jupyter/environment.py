"""Where the code is running: in a Jupyter kernel or not, and in which execution of a cell."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from types import FrameType

    from IPython.core.interactiveshell import InteractiveShell


def kernel_shell() -> InteractiveShell | None:
    """Return the shell of the Jupyter kernel that this process is.

    IPython is not imported here: a kernel has imported it, and a script does not need it.

    Returns:
        The shell, or None in plain Python and in a terminal's IPython, where no widget can be shown.
    """
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython is not None else None
    if getattr(shell, "kernel", None) is None:
        return None
    return cast("InteractiveShell", shell)


def execution(shell: InteractiveShell) -> str:
    """Return an id of the execution of a cell that is running now.

    While a cell runs this is the same in the cell, in a callback that the pump serves, and in a thread that
    was started with the cell's context (`contextvars.copy_context().run`). Call this early and keep the id:
    between two cells, and in a thread that outlives its cell, it may be that of what the kernel handled last.

    Args:
        shell: a kernel's shell, from `kernel_shell()`.

    Returns:
        The id of the message that requested the execution, or one made of the execution count where the shell
        does not know its message. Running the same cell again gives another.
    """
    try:
        return str(_request(shell)["header"]["msg_id"])
    except (KeyError, TypeError):
        return f"execution {shell.execution_count}"


def cell(shell: InteractiveShell) -> str:
    """Return an id of the cell that is running now, the same at its next execution.

    Returns:
        The id that the front end has given the cell (JupyterLab and Notebook 7 do); else its source.
    """
    request = _request(shell)
    try:
        return str(request["metadata"]["cellId"])
    except (KeyError, TypeError):
        pass
    try:
        return str(request["content"]["code"])
    except (KeyError, TypeError):
        return ""


def in_displayhook() -> bool:
    """Return whether something is being displayed because it is the value of a cell's last line."""
    return _called(sys._getframe(1), "IPython.core.displayhook", "__call__")  # noqa: SLF001 - as below


def in_cell() -> bool:
    """Return whether the main thread is running a cell, and not a callback between two of them.

    May be called from any thread. An `async` cell that waits is not seen from another thread.
    """
    main = threading.main_thread().ident
    frame = sys._current_frames().get(main or 0)  # noqa: SLF001 - only the frames show it
    return _called(frame, "IPython.core.interactiveshell", "run_code")


def _called(frame: FrameType | None, module: str, function: str) -> bool:
    """Whether a function is on the stack; if IPython changes its name, this is False."""
    while frame is not None:
        if frame.f_code.co_name == function and frame.f_globals.get("__name__") == module:
            return True
        frame = frame.f_back
    return False


def _request(shell: InteractiveShell) -> Any:
    """Return the message that requested the execution: the shell's, as the pump replaces the kernel's."""
    return getattr(shell, "parent_header", None)
