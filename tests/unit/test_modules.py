"""The page's modules as one: order, scopes, and each fault that must not reach a page."""

import re

import pytest

from nbhooks.view.widgets import modules
from nbhooks.view.widgets.modules import ModuleError, join

BOARD = 'import { twice } from "./numbers.js";\nexport const widget = () => twice(1);\n'
NUMBERS = "const two = 2;\nexport function twice(n) {\n  return two * n;\n}\n"


def test_a_module_stands_after_what_it_imports_each_in_its_own_scope() -> None:
    joined = join({"board.js": BOARD, "numbers.js": NUMBERS})
    assert joined.splitlines() == [
        "// numbers.js",
        "const from_numbers = (() => {",
        "const two = 2;",
        "function twice(n) {",
        "  return two * n;",
        "}",
        "return { twice };",
        "})();",
        "// board.js",
        "const from_board = (() => {",
        "const { twice } = from_numbers;",
        "const widget = () => twice(1);",
        "return { widget };",
        "})();",
        "export default from_board.widget;",
    ]


def test_a_module_that_two_import_stands_once() -> None:
    other = 'import { twice } from "./numbers.js";\nexport const four = twice(2);\n'
    board = 'import { four } from "./other.js";\n' + BOARD
    joined = join({"board.js": board, "other.js": other, "numbers.js": NUMBERS})
    assert re.findall(r"^// (.*)$", joined, re.MULTILINE) == ["numbers.js", "other.js", "board.js"]


def test_a_module_that_nothing_imports_is_left_out() -> None:
    assert "unused" not in join({"board.js": "export const widget = 1;", "unused.js": "export const a = 1;"})


@pytest.mark.parametrize(
    ("files", "error"),
    [
        (
            {"board.js": 'import { a } from "./a.js";', "a.js": 'import { b } from "./board.js";'},
            "imports go in a circle: board.js -> a.js -> board.js",
        ),
        (
            {"board.js": 'import { a } from "./a.js";'},
            r"board.js imports a.js, which is not among \['board.js'\]",
        ),
        (
            {"board.js": 'import { a } from "./a.js";', "a.js": "export const b = 1;"},
            r"board.js imports \['a'\] from a.js, which exports \['b'\]",
        ),
        ({"board.js": "export const board = 1;"}, r"board.js must export 'widget'; it exports \['board'\]"),
        ({"board.js": "\nimport a from 'a';"}, r"board.js:2: .* cannot be joined; write: import \{ a, b \}"),
        ({"board.js": 'import { a as b } from "./a.js";'}, "cannot be joined"),
        ({"board.js": 'import { a } from "../a.js";'}, "cannot be joined"),
        ({"board.js": "export default 1;"}, "cannot be joined; write: export function"),
        ({"board.js": "export const { a } = b;"}, "cannot be joined"),
    ],
)
def test_what_would_fail_in_a_page_fails_here(files: dict[str, str], error: str) -> None:
    with pytest.raises(ModuleError, match=error):
        join(files)


def test_the_page_of_the_package_can_be_joined() -> None:
    assert modules.script().endswith("export default from_board.widget;\n")
    assert modules.style().startswith("/* ")
