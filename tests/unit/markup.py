"""HTML as tests of the view read it, and text that is hostile in it."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" onmouseover="alert(1)',
    "</td></tr></table><h1>big</h1>",
    "</pre></code></div><style>*{display:none}</style>",
    "<!-- ",
    "]]>",
    "&lt;b&gt;&amp;",
    "<" * 100,
    "&" * 30,
]


class Markup(HTMLParser):
    """Reads HTML.

    Attributes:
        elements: what begins and ends, in order: a tag with the names of its attributes, ``/tag``, comments.
        tags: the names of the elements that begin.
        attributes: every attribute with its value.
        cells: the text of each ``td``, with what stands behind it up to the next.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.attributes += attrs
        self.tags.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.elements.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.elements.append(("declaration", decl))

    def handle_pi(self, data: str) -> None:
        self.elements.append(("instruction", data))

    def unknown_decl(self, data: str) -> None:
        self.elements.append(("unknown", data))

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.cells:
            self.cells[-1] += data

    @property
    def text(self) -> str:
        """All text, without what is around it."""
        return "".join(self.words)

    def values(self, attribute: str) -> list[str | None]:
        """The values of an attribute, in the order of the elements that have it."""
        return [value for name, value in self.attributes if name == attribute]

    @property
    def handlers(self) -> list[str]:
        """The attributes that would run code."""
        return [name for name, _ in self.attributes if name.startswith("on")]
