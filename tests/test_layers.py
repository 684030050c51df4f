"""Holds who may import whom: each room its neighbours, each outside package the rooms that may know it."""

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.project

PACKAGE = Path(__file__).parents[1] / "nbhooks"

# A room is a module or folder of nbhooks. What it names for its annotations alone counts too: it is known.
ROOMS = {
    "model": set(),
    "frames": {"model"},
    "figures": {"model"},
    # The sources.
    "tfevents": {"model"},
    "hooks": {"frames", "model"},
    # The views.
    "jupyter": set(),
    "view": {"figures", "frames", "jupyter", "model", "tfevents"},
    # Saved runs: read by one room, shown by another.
    "replay": {"figures", "frames", "model", "tfevents", "view"},
    "magics": {"replay"},
}
# The package's own module names everything in annotations, opens recordings at once, the rest on demand.
DOOR = "__init__"
DOOR_AT_ONCE = {"model"}

WIDGETS = {"view", "replay"}
# Who may import what is not ours when the program runs; an import for annotations alone costs nothing.
PACKAGES = {
    "anywidget": {"view"},
    "ipykernel": {"jupyter"},
    "ipywidgets": WIDGETS,
    "IPython": {"jupyter", "magics", "view"},
    "matplotlib": {"figures"},
    "google_crc32c": {"tfevents"},
    "numpy": {"figures", "frames", "hooks", "model", "replay", "tfevents", "view"},
    "pandas": {"frames", "replay"},
    "PIL": {"replay", "view"},
    "tensorboard": {"tfevents"},
    "tensorflow": {"hooks"},
    "tqdm": {"replay"},
    "traitlets": {"view"},
    "zmq": {"jupyter"},
}
# These take long to import, and who never needs them should not wait: inside functions only.
LATE = {"PIL", "matplotlib", "pandas"}


@dataclass(frozen=True)
class Import:
    """One imported name: where, of what, and when it happens."""

    file: str
    line: int
    name: str
    for_types: bool
    in_function: bool

    def __str__(self) -> str:
        """Where to look."""
        return f"{self.file}:{self.line} imports {self.name}"

    @property
    def room(self) -> str:
        """The room that imports."""
        return Path(self.file).parts[0].removesuffix(".py")

    @property
    def package(self) -> str:
        """The package that is imported."""
        return self.name.partition(".")[0]

    @property
    def neighbour(self) -> str:
        """The room that is imported, where the package is ours."""
        return f"{self.name}.".split(".")[1] or DOOR


def names(node: ast.Import | ast.ImportFrom) -> list[str]:
    """What a statement imports, in full: `from nbhooks import model` imports `nbhooks.model`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    assert node.level == 0, f"line {node.lineno}: a relative import hides the room it names"
    return [f"{node.module}.{alias.name}" for alias in node.names]


def imports_in(source: str, file: str) -> list[Import]:
    """Every import statement of a module, wherever it stands."""
    found = []

    def walk(node: ast.AST, *, for_types: bool, in_function: bool) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.extend(Import(file, node.lineno, name, for_types, in_function) for name in names(node))
        in_function = in_function or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.body:
                walk(child, for_types=True, in_function=in_function)
            for child in node.orelse:
                walk(child, for_types=for_types, in_function=in_function)
            return
        for child in ast.iter_child_nodes(node):
            walk(child, for_types=for_types, in_function=in_function)

    walk(ast.parse(source), for_types=False, in_function=False)
    return found


def wrong(found: Import) -> str | None:
    """Say what is wrong with an import, or nothing."""
    if found.package == "nbhooks":
        return wrong_room(found)
    if found.package == "importlib" and not found.name.startswith("importlib.metadata"):
        return None if found.room == DOOR else "only the door looks modules up by name"
    if found.for_types or found.package in sys.stdlib_module_names:
        return None
    return wrong_package(found)


def wrong_room(found: Import) -> str | None:
    """Say what is wrong with one room knowing another, or nothing."""
    if found.room == DOOR:
        free = found.for_types or found.in_function or found.neighbour in DOOR_AT_ONCE
        return None if free else "the door imports this before anybody asked"
    if found.room not in ROOMS:
        return "not among ROOMS: say there what this room may import"
    if found.neighbour not in ROOMS[found.room] | {found.room}:
        return f"{found.room} may import {sorted(ROOMS[found.room])}"
    return None


def wrong_package(found: Import) -> str | None:
    """Say what is wrong with a room using a package that is not ours, or nothing."""
    if "pyplot" in found.name:
        return "pyplot keeps global state, and draws from one thread only"
    if found.package not in PACKAGES:
        return "not among PACKAGES: say there who may import it"
    if found.room not in PACKAGES[found.package]:
        return f"only {sorted(PACKAGES[found.package])} may"
    if found.package in LATE and not found.in_function:
        return "imported at once, where it should wait until it is needed"
    return None


def files() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def module(path: Path) -> str:
    """The full name of the module in a file of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def arrows(sources: dict[str, str]) -> dict[str, set[str]]:
    """The modules that each module names: imports inside functions and for annotations count too."""
    found: dict[str, set[str]] = {}
    for name, source in sources.items():
        found[name] = set()
        for one in imports_in(source, name):
            target = one.name
            while target and target not in sources:  # an attribute of a module
                target = target.rpartition(".")[0]
            found[name] |= {target} - {""}
    return found


def circle(sources: dict[str, str]) -> list[str]:
    """The modules along a circle of imports, nothing if there is none."""
    known, done = arrows(sources), set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for neighbour in sorted(known[name]):
            if found := visit(neighbour, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(known) if (found := visit(name, []))), [])


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle({module(path): path.read_text() for path in files()}) == []


@pytest.mark.parametrize(
    "back",
    [
        "from nbhooks.a import A",
        "from nbhooks import a",
        "def f():\n    import nbhooks.a",
        "if TYPE_CHECKING:\n    from nbhooks.a import A",
    ],
)
def test_a_circle_is_found(back: str) -> None:
    straight = {"nbhooks": "", "nbhooks.a": "from nbhooks.b import B", "nbhooks.b": "from nbhooks import c"}
    assert circle({**straight, "nbhooks.c": ""}) == []
    assert circle({**straight, "nbhooks.c": back}) == ["nbhooks.a", "nbhooks.b", "nbhooks.c", "nbhooks.a"]


def test_every_import_is_allowed() -> None:
    faults = [
        f"{found}: {fault}"
        for path in files()
        for found in imports_in(path.read_text(), str(path.relative_to(PACKAGE)))
        if (fault := wrong(found))
    ]
    assert faults == []


def test_every_room_named_exists() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in files()}
    assert set(ROOMS) | {DOOR} == rooms


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("hooks/step_counter.py", "from nbhooks.view.dashboard import Dashboard"),
        ("hooks/step_counter.py", "from nbhooks import view"),
        ("hooks/step_counter.py", "if TYPE_CHECKING:\n    from nbhooks.view.renderer import Renderer"),
        ("hooks/step_counter.py", "def f():\n    import ipywidgets"),
        ("model/store.py", "import tensorflow as tf"),
        ("model/store.py", "def to_pandas():\n    import pandas"),
        ("frames.py", "import pandas"),
        ("frames.py", "try:\n    import pandas\nexcept ImportError:\n    pass"),
        ("figures.py", "def f():\n    from matplotlib import pyplot"),
        ("figures.py", "def f():\n    import matplotlib.pyplot as plt"),
        ("model/records.py", "import nbhooks"),
        ("model/records.py", "import requests"),
        ("model/records.py", "import importlib"),
        ("newcomer.py", "from nbhooks import records"),
        ("__init__.py", "from nbhooks.view.dashboard import Dashboard"),
    ],
)
def test_a_forbidden_import_is_found(file: str, source: str) -> None:
    [found] = imports_in(source, file)
    assert wrong(found) is not None


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = [
        *sorted(PACKAGES.keys() - {"numpy"}),
        "nbhooks.view.dashboard",
        "nbhooks.hooks",
        "nbhooks.view.panels",
    ]
    code = f"import sys, nbhooks; dir(nbhooks); print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_prints() -> None:
    prints = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert prints == []
