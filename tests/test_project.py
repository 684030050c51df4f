"""Holds what the project promises around its code: wheel, versions, Binder files, pages and notebooks."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import nbhooks

pytestmark = pytest.mark.project

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = ["CHANGELOG.md", "CONTRIBUTING.md", "README.md"]
LONGEST_SCRIPT = 200


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True
    )
    [built] = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def installed(wheel: Path) -> metadata.Distribution:
    """What the wheel says about itself."""
    [distribution] = metadata.distributions(path=[str(wheel)])
    return distribution


def requirements(lines: list[str]) -> dict[str, Requirement]:
    """Requirements by name, from the lines of a requirements file."""
    stripped = [line.partition("#")[0].strip() for line in lines]
    parsed = [Requirement(line) for line in stripped if line]
    return {requirement.name: requirement for requirement in parsed}


def bound(requirement: Requirement, *operators: str) -> Version:
    """The version that a requirement names with one of these operators."""
    [version] = [part.version for part in requirement.specifier if part.operator in operators]
    return Version(version)


def files_of(folder: Path) -> set[str]:
    """The files under a folder that are part of the project, relative to it."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    held = files_of(wheel / "nbhooks")
    assert held == files_of(ROOT / "nbhooks")
    assert {"py.typed", "view/widgets/page/board.js", "view/widgets/page/board.css"} <= held
    assert {path.name.partition("-")[0] for path in wheel.iterdir()} == {"nbhooks"}
    assert any(str(file).endswith("licenses/LICENSE") for file in installed(wheel).files or ())


def test_the_wheel_can_be_imported_without_the_checkout(wheel: Path) -> None:
    code = "import nbhooks; print(nbhooks.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=wheel.parent,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(wheel)


def test_there_is_one_version(wheel: Path) -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert nbhooks.__version__ == installed(wheel).version == newest[1]


def test_the_oldest_set_is_the_lower_bounds(wheel: Path) -> None:
    oldest = requirements((ROOT / "tests" / "oldest.txt").read_text().splitlines())
    asked = requirements([line.partition(";")[0] for line in installed(wheel).requires or ()])
    assert {name: bound(requirement, ">=") for name, requirement in asked.items()} == {
        # The kernel is no dependency: it comes with whatever opens the notebook.
        name: bound(requirement, "==")
        for name, requirement in oldest.items()
        if name != "ipykernel"
    }


def test_binder_installs_what_nbhooks_needs_and_every_version_is_bounded(wheel: Path) -> None:
    given = requirements((ROOT / "binder" / "requirements.txt").read_text().splitlines())
    asked = requirements([line.partition(";")[0] for line in installed(wheel).requires or ()])
    # postBuild installs with --no-deps, so that the pinned image is what runs.
    assert given.keys() >= (asked.keys() - {"tensorflow"}) | {"jupyterlab", "scikit-learn"}
    for name, requirement in given.items():
        assert bound(requirement, ">=") < bound(requirement, "<"), name
        if name in asked:
            assert bound(requirement, ">=") in asked[name].specifier, name


def test_binder_accepts_the_repository() -> None:
    command = shutil.which("jupyter-repo2docker", path=str(Path(sys.executable).parent))
    assert command is not None, "jupyter-repo2docker is missing here; `make test` installs it"
    done = subprocess.run(
        [command, "--no-build", str(ROOT)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    version = (ROOT / "binder" / "runtime.txt").read_text().strip().replace("-", "=")
    assert f"Building conda environment for {version}" in done.stderr
    assert '-r "binder/requirements.txt"' in done.stdout
    assert "RUN ./binder/postBuild" in done.stdout


@pytest.mark.parametrize("name", ["binder/postBuild", ".ci/run"])
def test_scripts_can_run_and_stop_at_the_first_fault(name: str) -> None:
    script = ROOT / name
    first, *others = script.read_text().splitlines()
    assert os.access(script, os.X_OK)
    assert first == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in others


def test_the_readme_begins_with_how_to_install() -> None:
    title, first, *_ = [line for line in (ROOT / "README.md").read_text().splitlines() if line.strip()]
    assert title.startswith("# ")
    assert first.strip() == 'pip install "nbhooks[tensorflow]"'


@pytest.mark.parametrize("name", PAGES)
def test_pages_name_only_what_exists(name: str) -> None:
    page = (ROOT / name).read_text()
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    # Commands stand in backquotes or in an indented block.
    assert set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", page, re.MULTILINE)) <= set(targets)
    links = re.findall(r"\]\(([^):#]+)\)", page)
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert "TODO" not in page


def test_there_are_notebooks() -> None:
    assert "01_quickstart.ipynb" in [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_kept_without_outputs(path: Path) -> None:
    notebook = json.loads(path.read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []
    assert "widgets" not in notebook["metadata"]


def test_modules_begin_with_one_sentence() -> None:
    modules = [
        path for folder in ("nbhooks", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")
    ]
    first_lines = {
        str(path.relative_to(ROOT)): (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]
        for path in modules
    }
    assert {name: line for name, line in first_lines.items() if not line.endswith(".")} == {}


def test_scripts_for_the_page_are_short_and_begin_with_a_comment() -> None:
    scripts = sorted((ROOT / "nbhooks").rglob("*.js"))
    assert [path for path in scripts if not path.read_text().startswith("// ")] == []
    assert len(scripts) > 1
    assert [path for path in scripts if len(path.read_text().splitlines()) > LONGEST_SCRIPT] == []
