"""Where the code is running: in a Jupyter kernel or not, and in which execution of a cell."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
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
    frame = sys._getframe(1)  # noqa: SLF001 - only the frames show it; if IPython changes, this is False
    while frame.f_back is not None:
        frame = frame.f_back
        if (
            frame.f_code.co_name == "__call__"
            and frame.f_globals.get("__name__") == "IPython.core.displayhook"
        ):
            return True
    return False


def _request(shell: InteractiveShell) -> Any:
    """Return the message that requested the execution: the shell's, as the pump replaces the kernel's."""
    return getattr(shell, "parent_header", None)
