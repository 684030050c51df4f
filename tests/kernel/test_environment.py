"""Where the code runs: plain Python, a terminal's IPython, a kernel."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from nbhooks.jupyter.environment import execution, kernel_shell

if TYPE_CHECKING:
    from client import Kernel


def python(code: str) -> str:
    """Run a script in a process of its own, and return what it printed."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_plain_python_is_no_kernel_and_imports_nothing_to_say_so() -> None:
    said = python(
        "import sys\n"
        "from nbhooks.jupyter.environment import kernel_shell\n"
        "import nbhooks.jupyter.pump\n"
        "print(kernel_shell(), {'IPython', 'ipykernel', 'ipywidgets', 'zmq'} & set(sys.modules))"
    )
    assert said == "None set()\n"


def test_a_terminal_with_ipython_is_no_kernel(tmp_path: str) -> None:
    said = python(
        "import os\n"
        f"os.environ['IPYTHONDIR'] = {str(tmp_path)!r}\n"
        "from IPython.terminal.interactiveshell import TerminalInteractiveShell\n"
        "shell = TerminalInteractiveShell.instance()\n"
        "from IPython import get_ipython\n"
        "from nbhooks.jupyter.environment import kernel_shell\n"
        "print(get_ipython() is shell, kernel_shell())"
    )
    assert said.splitlines()[-1] == "True None"


@pytest.mark.kernel
def test_a_kernel_is_one(kernel: Kernel) -> None:
    said = kernel.run(
        "from nbhooks.jupyter.environment import kernel_shell; print(kernel_shell() is get_ipython())"
    )
    assert said.stdout == "True\n"


@pytest.mark.parametrize("message", [{}, None, {"header": None}])
def test_an_execution_without_a_message_is_named_by_its_count(message: dict[str, object] | None) -> None:
    shells = [SimpleNamespace(parent_header=message, execution_count=count) for count in (3, 4)]
    assert [execution(shell) for shell in shells] == ["execution 3", "execution 4"]


def test_no_shell_in_the_process_of_the_tests() -> None:
    assert kernel_shell() is None
