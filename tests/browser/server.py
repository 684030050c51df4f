"""A real Jupyter server on the loopback that serves both JupyterLab and Notebook 7."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

if TYPE_CHECKING:
    from collections.abc import Sequence

PROJECT = Path(__file__).parents[2]
KERNEL = "nbhooks-tests"
ADDRESSES = {"lab": "lab/tree/{}?reset", "notebook7": "notebooks/{}"}
"""Where each front end shows a notebook."""

# What asks, pops up or phones home would stand in front of what is tested.
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


class Server:
    """A Jupyter server on the loopback that serves both front ends, and a kernel that notebooks share.

    Args:
        folder: an empty one: for the notebooks, the configuration and the log.

    Attributes:
        root: where the notebooks are.
    """

    def __init__(self, folder: Path) -> None:
        """Start it, and wait until it answers."""
        self.root = folder / "notebooks"
        self.root.mkdir()
        self._token = secrets.token_hex(16)
        self._log = folder / "server.log"
        self._kernel = ""
        _configure(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.allow_root=True"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
            *(f"--ServerApp.root_dir={self.root}", "--LabApp.news_url=None"),
            *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, env=_environment(folder, self._token), stdout=log, stderr=subprocess.STDOUT
            )
        self._await()

    def _await(self, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(urllib.error.URLError):
                self._ask("GET", "status")
                return
            time.sleep(0.2)
        self.close()
        message = (
            f"the Jupyter server did not answer within {seconds:.0f} s:\n{self._log.read_text()[-4000:]}"
        )
        raise RuntimeError(message)

    def _ask(self, method: str, path: str, content: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}api/{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={"Authorization": f"token {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return json.loads(answer.read() or b"null")

    def address(self, front_end: str, name: str) -> str:
        """Give the address of a notebook in a front end, ``"lab"`` or ``"notebook7"``."""
        address = self.url + ADDRESSES[front_end].format(name)
        return f"{address}{'&' if '?' in address else '?'}token={self._token}"

    def write(self, name: str, cells: Sequence[str], *, kernelspec: bool = True) -> Path:
        """Write a notebook of code cells; without a kernelspec the page asks which kernel to start."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        if kernelspec:
            notebook.metadata["kernelspec"] = {"name": KERNEL, "display_name": KERNEL, "language": "python"}
        path = self.root / name
        nbformat.write(notebook, path)
        return path

    def share_kernel(self, name: str) -> None:
        """Let the notebook run in the one kernel that all share: importing TensorFlow takes ten seconds."""
        if not self._kernel:
            self._kernel = self._ask("POST", "kernels", {"name": KERNEL})["id"]
        self._ask(
            "POST",
            "sessions",
            {"path": name, "name": name, "type": "notebook", "kernel": {"id": self._kernel}},
        )

    def close(self) -> None:
        """Stop the server; it stops its kernels."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()  # its kernels see that their parent is gone, and end
        self._process.wait()


def _configure(folder: Path) -> None:
    """Write the settings, and a kernelspec of this very interpreter."""
    for name, values in SETTINGS.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    spec = folder / "data" / "kernels" / KERNEL / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    described = {"argv": argv, "display_name": KERNEL, "language": "python"}
    spec.write_text(json.dumps(described), encoding="utf-8")


def _environment(folder: Path, token: str) -> dict[str, str]:
    """Keep the user's own configuration out, and let kernels import this checkout."""
    paths = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    found = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        **{name: str(folder / path) for name, path in paths.items()},
        "JUPYTER_TOKEN": token,
        "PYTHONPATH": os.pathsep.join([str(PROJECT), *([found] if found else [])]),
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
