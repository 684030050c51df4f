"""%load_ext nbhooks adds %nbhooks, which shows the saved runs below a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError
from IPython.core.magic import Magics as BaseMagics
from IPython.core.magic import line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from nbhooks import replay

if TYPE_CHECKING:
    from collections.abc import Iterable


@magics_class
class Magics(BaseMagics):
    """The line magic ``%nbhooks``.

    Example:
        >>> %load_ext nbhooks  # doctest: +SKIP
        >>> %nbhooks logs/ --watch  # doctest: +SKIP
    """

    @magic_arguments()
    @argument("path", nargs="*", help="an event file, a folder with event files below it, or a pattern")
    @argument("--logdir", help="the same, as %%tensorboard calls it")
    @argument("--watch", action="store_true", help="go on reading what is written there")
    @argument("--runs", action="append", help="name or pattern of a run, may be given again; all by default")
    @argument("--tags", action="append", help="the same of a tag")
    @line_magic
    def nbhooks(self, line: str) -> None:
        """Show the saved runs below a path on nbhooks' panels.

        A watched path is watched until the cell is run again or somebody clicks "stop watching".
        """
        given = parse_argstring(self.nbhooks, line)
        paths: list[str] = [*given.path, *([given.logdir] if given.logdir is not None else [])]
        if len(paths) != 1:
            raise UsageError(f"%nbhooks takes one path, as in %nbhooks logs/, and was given {_listed(paths)}")
        path = _unquoted(paths[0])
        runs, tags = _all_unquoted(given.runs), _all_unquoted(given.tags)
        if given.watch:
            replay.watch(path, runs=runs, tags=tags)
            return
        try:
            loaded = replay.load(path, runs=runs, tags=tags)
        except FileNotFoundError as error:
            raise UsageError(str(error)) from error
        loaded.show()


def _listed(paths: list[str]) -> str:
    return f"{len(paths)}: {', '.join(paths)}" if paths else "none"


def _all_unquoted(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else [_unquoted(name) for name in names]


def _unquoted(word: str) -> str:
    """Take the quotes off that IPython leaves on a word."""
    quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "\"'"
    return word[1:-1] if quoted else word
