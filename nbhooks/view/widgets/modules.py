"""Joins the page's modules into the one ES module that a widget takes, and its style sheets into one.

A widget's module is a text without an address, so nothing in it can be imported by a relative path. Each
file becomes a function with a scope of its own, called once, after the files that it imports; it returns its
exports. What can be imported and exported is therefore restricted, and everything else is an error:

* ``import { a, b } from "./other.js";`` on one line, without renaming
* ``export function``, ``export async function``, ``export class`` and ``export const name``, where a line
  begins
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

PAGE = Path(__file__).parent / "page"
"""The folder of the modules."""

ENTRY = "board.js"
"""The module that the others are imported by; it exports `WIDGET`."""

WIDGET = "widget"
"""The name of the export that becomes the default one of the joined module, as anywidget requires."""

BASE = "board.css"
"""The style sheet that comes first: it defines the colours that the others use."""

_IMPORT = re.compile(r'import \{ (?P<names>\w+(?:, \w+)*) \} from "\./(?P<file>[\w-]+\.js)";')
_EXPORT = re.compile(r"export (?=(?:(?:async )?function|class|const) (?P<name>\w+)\b)")


class ModuleError(ValueError):
    """A module cannot be joined with the others."""


@cache
def script() -> str:
    """Return the page's modules as the text of one ES module, whose default export is the widget."""
    return join({path.name: path.read_text("utf-8") for path in PAGE.glob("*.js")})


@cache
def style() -> str:
    """Return the page's style sheets as one."""
    paths = sorted(PAGE.glob("*.css"), key=lambda path: (path.name != BASE, path.name))
    return "\n".join(path.read_text("utf-8") for path in paths)


def join(files: dict[str, str], entry: str = ENTRY) -> str:
    """Join modules into one.

    Args:
        files: the text of each module by its file name.
        entry: the name of the module that imports the others, directly or not. What it does not reach is
            left out.

    Returns:
        The text of one ES module.

    Raises:
        ModuleError: if a file is missing, does not export what another imports, takes part in a circle of
            imports, or has an import or an export that this does not understand.
    """
    modules = {name: _Module(name, text) for name, text in files.items()}
    scopes = [modules[name].scope() for name in _order(modules, entry)]
    if WIDGET not in modules[entry].exports:
        raise ModuleError(f"{entry} must export {WIDGET!r}; it exports {modules[entry].exports}")
    return "\n".join([*scopes, f"export default {_variable(entry)}.{WIDGET};", ""])


class _Module:
    """One file: what it imports and exports, and the rest of its lines."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.imports: list[tuple[str, list[str]]] = []
        self.exports: list[str] = []
        self._lines = [self._read(number, line) for number, line in enumerate(text.splitlines(), 1)]

    def _read(self, number: int, line: str) -> str:
        """Return the line as it stands in the scope."""
        if line.startswith("import"):
            found = _IMPORT.fullmatch(line)
            if found is None:
                raise self._error(number, line, 'import { a, b } from "./other.js";')
            self.imports.append((found["file"], found["names"].split(", ")))
            return f"const {{ {found['names']} }} = {_variable(found['file'])};"
        if line.startswith("export"):
            found = _EXPORT.match(line)
            if found is None:
                raise self._error(number, line, "export function, export class or export const name")
            self.exports.append(found["name"])
            return line[found.end() :]
        return line

    def _error(self, number: int, line: str, allowed: str) -> ModuleError:
        return ModuleError(f"{self.name}:{number}: {line!r} cannot be joined; write: {allowed}")

    def scope(self) -> str:
        """Return the function that makes the exports."""
        exports = ", ".join(self.exports)
        body = "\n".join(self._lines)
        begin = f"// {self.name}\nconst {_variable(self.name)} = (() => {{"
        return f"{begin}\n{body}\nreturn {{ {exports} }};\n}})();"


def _variable(name: str) -> str:
    """Return the variable that holds the exports of a file."""
    return "from_" + name.removesuffix(".js").replace("-", "_")


def _order(modules: dict[str, _Module], entry: str) -> list[str]:
    """Return the names of the modules that `entry` reaches, each after those it imports."""
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ModuleError(f"imports go in a circle: {' -> '.join([*path[path.index(name) :], name])}")
        if name not in modules:
            raise ModuleError(f"{' -> '.join(path)} imports {name}, which is not among {sorted(modules)}")
        if name in done:
            return
        for other, names in modules[name].imports:
            visit(other, (*path, name))
            missing = sorted(set(names) - set(modules[other].exports))
            if missing:
                raise ModuleError(
                    f"{name} imports {missing} from {other}, which exports {modules[other].exports}"
                )
        done.append(name)

    visit(entry, ())
    return done
