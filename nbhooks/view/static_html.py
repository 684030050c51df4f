"""The picture that stays: a board as HTML that needs no widget, kept in the saved notebook."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from IPython.display import display

from nbhooks import figures
from nbhooks.view import formatting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbhooks.figures import Plot

LIVE = "nbhooks-live"
"""The class of a board's widget, by which a page knows that it can show the widgets."""

AS_TEXT = ("mathjax_ignore", "tex2jax_ignore")
"""Classes of what must not be typeset where it holds dollars: for MathJax 3 and later, as in JupyterLab, and
for MathJax 2, as in nbconvert's pages."""

# In the live page the widgets are shown and the picture is hidden; where the widgets cannot be made again, as
# in a saved notebook that is reopened, the picture is shown and the error in their place hidden. A page that
# drops the style shows both.
_SWITCH = f"""<style>
.jp-OutputArea:has(.{LIVE}) .nbhooks-static {{ display: none }}
.jp-OutputArea:not(:has(.{LIVE}))
  .jp-OutputArea-child:has(.jupyter-widgets):has(+ .jp-OutputArea-child .nbhooks-static) {{ display: none }}
.nbhooks-static img {{ max-width: 100%; background: #fff }}
.nbhooks-static .nbhooks-heading {{ font-weight: bold; margin-top: 8px }}
.nbhooks-static table.nbhooks-table {{ margin: 0 }}
.nbhooks-static table.nbhooks-table td, .nbhooks-static table.nbhooks-table th {{
  text-align: left; padding: 1px 8px
}}
.nbhooks-static .nbhooks-name, .nbhooks-static .nbhooks-path {{
  max-width: 24em; overflow: hidden; text-overflow: ellipsis
}}
.nbhooks-static [data-level="alert"] {{ color: #c62828; font-weight: bold }}
.nbhooks-static [data-level="warning"] {{ color: #b26a00 }}
.nbhooks-static .nbhooks-values {{ max-height: 12em; overflow: auto }}
</style>"""


CHARTS = 12
"""Charts in the picture; more would make the notebook heavy."""


def page(texts: Sequence[str], plots: Sequence[Plot], left_out: int = 0) -> str:
    """Put a board together as HTML.

    Args:
        texts: what there is to read, a section each, as HTML.
        plots: the charts; those with no point are left out.
        left_out: how many further charts there would be.

    Returns:
        One element with the texts and, below them, one PNG of the charts, and the style that hides it
        wherever the widget is shown.
    """
    drawn = [plot for plot in plots if any(view.count for view in plot.series.values())]
    image = ""
    if drawn:
        encoded = base64.b64encode(figures.png(figures.small_multiples(drawn))).decode("ascii")
        image = f'<img alt="the charts of the run" src="data:image/png;base64,{encoded}">'
        if left_out > 0:
            image += f"<p>{formatting.plural(left_out, 'more chart')}, in the frames</p>"
    return f'{_SWITCH}<div class="nbhooks-static {" ".join(AS_TEXT)}">{"".join(texts)}{image}</div>'


class Picture:
    """The outputs that hold a board's static HTML, one behind each place where its widgets are displayed.

    Args:
        draw: returns the HTML.
    """

    def __init__(self, draw: Callable[[], str]) -> None:
        self._draw = draw
        self._displays: list[tuple[str, str, Any]] = []
        self._version: object = None

    @property
    def displayed(self) -> bool:
        """Whether there is such an output."""
        return bool(self._displays)

    def display(self, cell: str, execution: str) -> None:
        """Add an output, empty until the next `renew`, below what has been displayed last.

        Args:
            cell: where it is; its outputs of other executions have been cleared, and are forgotten.
            execution: of the cell.
        """
        self._displays = [one for one in self._displays if one[0] != cell or one[1] == execution]
        self._displays.append((cell, execution, display({"text/html": ""}, raw=True, display_id=True)))
        self._version = None

    def renew(self, version: object) -> None:
        """Draw the HTML anew, unless `version` equals that of the last time.

        Args:
            version: changes with whatever the picture shows.
        """
        if self._displays and version != self._version:
            self._version = version
            html = {"text/html": self._draw()}
            for _, _, output in self._displays:
                output.update(html, raw=True)
