"""Holds what summaries are read as, and the newer panels, to what they say, whatever they are given."""

import base64
import io
import math
import struct
import zlib
from html.parser import HTMLParser

import ipywidgets
import numpy as np
import pytest
from PIL import Image as Pillow
from tensorboard.compat.proto import summary_pb2
from tensorboard.util import tensor_util

from nbhooks.model import summaries
from nbhooks.model.lifecycle import Phase
from nbhooks.model.records import (
    Audio,
    Feeds,
    File,
    Histogram,
    Image,
    Progress,
    Record,
    Scalar,
    Source,
    State,
    Tensor,
    Text,
)
from nbhooks.model.store import Store
from nbhooks.view import formatting
from nbhooks.view.panels import panel_for
from nbhooks.view.panels import thumbnails as thumbnails_room
from nbhooks.view.panels.panel import Panel
from nbhooks.view.panels.summaries import ROWS, TEXT
from nbhooks.view.panels.thumbnails import bars, thumbnail

HOSTILE = "<img src=x onerror=alert(1)>"
MARKUP = {"table", "thead", "tbody", "tr", "th", "td", "div", "svg", "path", "polyline", "progress"}


class Markup(HTMLParser):
    """Reads HTML into the names of its elements, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.cells: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.cells:
            self.cells[-1] += data

    def values(self, attribute: str) -> list[str | None]:
        return [value for name, value in self.attributes if name == attribute]


pytestmark = pytest.mark.usefixtures("panels")


def shown(kind: str, *records: Record, **detail: object) -> tuple[Store, Panel]:
    kept, source = Store(), Source("mine", kind, detail)
    for record in (source, *records):
        kept.write(record)
    return kept, panel_for(source, lambda: None)


def html(kept: Store, panel: Panel) -> str:
    snapshot = kept.snapshot()
    panel.draw(snapshot.sources[0], snapshot)
    return panel._body.value


def read(kind: str, *records: Record, **detail: object) -> Markup:
    """Draw a panel, and make sure that nothing is in it but what panels are made of."""
    markup = Markup(html(*shown(kind, *records, **detail)))
    assert {"img", *MARKUP} >= set(markup.elements)
    assert all(
        (source or "").startswith(("data:image/png;base64,", "data:image/jpeg;base64,"))
        for source in markup.values("src")
    )
    assert not any(name.startswith("on") for name, _ in markup.attributes)
    return markup


def picture(array: np.ndarray, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(array).save(buffer, form)
    return buffer.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with next to nothing in it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def image(tag: str, encoded: bytes, width: int = 8, height: int = 8, step: int = 1) -> Image:
    return Image("mine", tag, step, 0.0, 0, width, height, encoded)


def histogram(tag: str, edges: list[float], counts: list[float]) -> Histogram:
    total = sum(counts)
    low, high = (edges[0], edges[-1]) if counts else (math.inf, -math.inf)
    return Histogram("mine", tag, 1, 0.0, np.array(edges), np.array(counts, float), low, high, total, total)


# Summaries as records


def records(*values: summary_pb2.Summary.Value) -> list[Record]:
    message = summary_pb2.Summary.FromString(summary_pb2.Summary(value=values).SerializeToString())
    return list(summaries.records(message, "mine", 7, 1.5, tensor_util.make_ndarray))


def value(tag: str = "tag", plugin: str = "", **named: object) -> summary_pb2.Summary.Value:
    made = summary_pb2.Summary.Value(tag=tag, **named)
    if plugin:
        made.metadata.plugin_data.plugin_name = plugin
    return made


@pytest.mark.parametrize("number", [0.25, -3.0, math.inf, -math.inf])
def test_a_scalar_is_read(number: float) -> None:
    assert records(value(HOSTILE, simple_value=number)) == [Scalar("mine", HOSTILE, 7, 1.5, number)]


def test_a_scalar_that_is_none_is_read() -> None:
    (one,) = records(value(simple_value=math.nan))
    assert isinstance(one, Scalar)
    assert math.isnan(one.value)


def test_the_bins_of_a_histogram_end_where_the_values_do() -> None:
    proto = summary_pb2.HistogramProto(
        min=-2.0, max=5.0, num=10, sum=12.5, bucket_limit=[-1e300, 0.0, 1.0, 4.0, 1.7e308]
    )
    proto.bucket.extend([0, 3, 4, 2, 1])
    (one,) = records(value(histo=proto))
    assert isinstance(one, Histogram)
    assert one.edges.tolist() == [-2.0, -2.0, 0.0, 1.0, 4.0, 5.0]
    assert one.counts.tolist() == [0, 3, 4, 2, 1]
    assert (one.minimum, one.maximum, one.sum, one.num) == (-2.0, 5.0, 12.5, 10.0)
    assert (one.edges.dtype, one.counts.dtype) == (np.float64, np.float64)
    assert (one.source, one.tag, one.step, one.wall_time) == ("mine", "tag", 7, 1.5)


def test_a_histogram_of_one_value_has_one_place() -> None:
    proto = summary_pb2.HistogramProto(min=3.0, max=3.0, num=4, sum=12.0, bucket_limit=[2.9, 3.1, 1e308])
    proto.bucket.extend([0, 4, 0])
    (one,) = records(value(histo=proto))
    assert one.edges.tolist() == [3.0] * 4
    assert one.counts.sum() == 4
    assert bars(one.edges, one.counts) == ""


@pytest.mark.parametrize(
    "empty",
    [
        summary_pb2.HistogramProto(),
        summary_pb2.HistogramProto(min=1.7e308, max=-1.7e308, num=0, bucket_limit=[1.7e308], bucket=[0]),
    ],
    ids=["nothing", "as TensorFlow writes it"],
)
def test_a_histogram_of_nothing_has_no_bins(empty: summary_pb2.HistogramProto) -> None:
    (one,) = records(value(histo=empty))
    assert (len(one.edges), len(one.counts), one.num) == (1, 0, 0.0)


def test_pictures_and_sounds_stay_encoded() -> None:
    picture, sound = summary_pb2.Summary.Image, summary_pb2.Summary.Audio
    assert records(
        value("a", image=picture(width=640, height=480, colorspace=3, encoded_image_string=b"no PNG")),
        value("b", audio=sound(sample_rate=44100.0, encoded_audio_string=b"no WAV")),
    ) == [
        Image("mine", "a", 7, 1.5, 0, 640, 480, b"no PNG"),
        Audio("mine", "b", 7, 1.5, 0, 44100.0, b"no WAV"),
    ]


def proto(array: object, dtype: type | None = None) -> object:
    return tensor_util.make_tensor_proto(array, dtype)


def test_tensors_are_what_they_hold() -> None:
    scalar, whole, vector, words = records(
        value("a", tensor=proto(2.5), plugin="scalars"),
        value("b", tensor=proto(3, np.int64)),
        value("c", tensor=proto([1.0, 2.0], np.float32)),
        value("d", tensor=proto([b"x", b"y"])),
    )
    assert scalar == Scalar("mine", "a", 7, 1.5, 2.5)
    assert whole == Scalar("mine", "b", 7, 1.5, 3.0)
    assert isinstance(vector, Tensor)
    assert (vector.dtype, vector.shape, vector.value.tolist()) == ("float32", (2,), [1.0, 2.0])
    assert isinstance(words, Tensor)
    assert (words.dtype, words.shape, list(words.value)) == ("string", (2,), [b"x", b"y"])


def test_a_text_is_one_for_each_string() -> None:
    one, *several = records(
        value("a", tensor=proto(b"caf\xc3\xa9 \xff"), plugin="text"),
        value("b", tensor=proto([HOSTILE.encode(), b"2"]), plugin="text"),
    )
    assert one == Text("mine", "a", 7, 1.5, 0, "café \ufffd")
    assert [(text.index, text.value) for text in several] == [(0, HOSTILE), (1, "2")]


def test_what_has_no_known_kind_is_left_out() -> None:
    assert records(value("a"), value("b", obsolete_old_style_histogram=b"?"), value("c", simple_value=1)) == [
        Scalar("mine", "c", 7, 1.5, 1.0)
    ]
    assert records() == []


# Pictures


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
@pytest.mark.parametrize("shape", [(1, 1, 3), (480, 640, 3), (10, 600), (600, 10)])
def test_a_thumbnail_is_small_and_in_proportion(form: str, shape: tuple[int, ...]) -> None:
    drawn = Markup(thumbnail(picture(np.full(shape, 200, np.uint8), form)))
    (source,) = drawn.values("src")
    data = base64.b64decode(source.partition("base64,")[2])
    with Pillow.open(io.BytesIO(data), formats=("PNG",)) as small:
        longer = max(shape[:2])
        assert max(small.size) == min(longer, thumbnails_room.SIDE)
        assert small.convert("L").getpixel((0, 0)) == pytest.approx(200, abs=3)


def test_a_heavy_thumbnail_becomes_a_light_one_that_cannot_be_seen_through() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (64, 64, 4), np.uint8)
    noise[:32, :, 3] = 0
    (source,) = Markup(thumbnail(picture(noise))).values("src")
    form, _, data = source.partition(";base64,")
    assert form == "data:image/jpeg"
    assert len(base64.b64decode(data)) < 3_000
    with Pillow.open(io.BytesIO(base64.b64decode(data)), formats=("JPEG",)) as small:
        assert np.asarray(small)[:24].min() > 230


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
DISGUISED = {
    "an SVG": SVG,
    "an SVG behind XML": b'<?xml version="1.0"?>' + SVG,
    "HTML": b"<!doctype html><script>alert(1)</script>",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "a TIFF": picture(np.zeros((4, 4), np.uint8), "TIFF"),
    "nothing": b"",
    "a header alone": b"\x89PNG\r\n\x1a\n",
    "half a PNG": picture(np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8))[:2000],
    "a PNG whose header was changed": claiming(8, 8).replace(b"IHDR\0", b"IHDR\1"),
}


@pytest.mark.parametrize("what", DISGUISED)
def test_what_is_no_picture_is_not_shown_and_says_so(what: str) -> None:
    markup = read("summaries", image("<b>", DISGUISED[what]))
    assert "img" not in markup.elements
    assert "not shown (" in markup.text
    assert "alert" not in markup.text


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (2_001, 2_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_not_decoded(width: int, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pillow.Image, "thumbnail", lambda *_: pytest.fail("it was decoded"))
    markup = read("summaries", image("bomb", claiming(width, height), width, height))
    assert "img" not in markup.elements
    assert "too large to show" in markup.text or "not shown (" in markup.text
    assert f"{width:,}×{height:,}" in markup.text


def heights(drawn: str) -> list[int]:
    (path,) = Markup(drawn).values("d")
    return [int(part.split("v-")[1].split("h")[0]) for part in path.split("z")[:-1]]


def test_bars_spread_the_counts_over_one_width() -> None:
    even = heights(bars(np.array([0.0, 1.0, 24.0]), np.array([1.0, 23.0])))
    assert even == [formatting.TREND_HEIGHT] * thumbnails_room.BARS
    steep = heights(bars(np.array([0.0, 12.0, 24.0]), np.array([1.0, 4.0])))
    assert steep == [formatting.TREND_HEIGHT // 4] * 12 + [formatting.TREND_HEIGHT] * 12


@pytest.mark.parametrize(
    ("edges", "counts"),
    [
        ([0.0], []),
        ([0.0, 1.0], [0.0]),
        ([1.0, 1.0], [5.0]),
        ([0.0, math.inf], [5.0]),
        ([math.nan, 1.0], [5.0]),
        ([0.0, 1.0], [math.nan]),
        ([0.0, 1.0], [math.inf]),
        ([0.0, 1.0], [-5.0]),
        ([-1.7e308, 1.7e308], [5.0]),
    ],
)
def test_no_bars_of_what_has_none(edges: list[float], counts: list[float]) -> None:
    with np.errstate(all="raise", over="ignore", invalid="ignore"):
        assert bars(np.array(edges), np.array(counts, float)) == ""


# Summaries


def test_nothing_was_summed_up() -> None:
    assert read("summaries").text == "nothing was summed up yet"


def test_each_kind_has_its_row() -> None:
    markup = read(
        "summaries",
        Scalar("mine", "loss", 9, 0.0, 1.0),
        Scalar("mine", "loss", 1200, 0.0, 0.5),
        histogram("weights", [-1.0, 0.0, 2.0], [3.0, 5.0]),
        image("sample", picture(np.zeros((8, 8, 3), np.uint8))),
        Audio("mine", "voice", 2, 0.0, 0, 16000.0, b"x" * 2500),
        Text("mine", "words", 3, 0.0, 0, "hello"),
        Tensor("mine", "matrix", 4, 0.0, "float32", (2, 5), np.arange(10, dtype=np.float32).reshape(2, 5)),
        Tensor("mine", "pair", 4, 0.0, "int64", (2,), np.array([3, 4])),
        File("mine", "/logs/<run>/events.out", 4, 0.0, 12_345),
    )
    assert [
        [*markup.cells[first : first + 2], markup.cells[first + 3]]
        for first in range(0, len(markup.cells), 5)
    ] == [
        ["loss", "scalar", "0.5"],
        ["weights", "histogram", "-1 to 2, 8 values"],
        ["sample", "image", markup.cells[13]],
        ["voice", "audio", "16,000 Hz, 2.5 kB"],
        ["words", "text", "hello"],
        ["matrix", "tensor", "float32 2×5, 0 to 9, mean 4.5"],
        ["pair", "tensor", "3, 4 (int64 2)"],
    ]
    assert markup.cells[13].startswith("8×8, ")
    assert markup.cells[4::5][:-1] == ["1,200", "1", "1", "2", "3", "4"]
    assert (markup.elements.count("polyline"), markup.elements.count("path")) == (1, 1)
    assert markup.elements.count("img") == 1
    assert markup.text.endswith("12.3 kB in events.out")
    assert "/logs/<run>/events.out" in markup.values("title")


@pytest.mark.parametrize(
    "word", [HOSTILE, '"><script>alert(1)</script>', "' onload='alert(1)", "</td></table><h1>"]
)
def test_hostile_summaries_stay_text(word: str) -> None:
    strings = np.array([word.encode()], object)
    markup = read(
        "summaries",
        Scalar("mine", word, 1, 0.0, 1.0),
        Text("mine", f"{word} 2", 1, 0.0, 0, word),
        Tensor("mine", f"{word} 3", 1, 0.0, "string", (1,), strings),
        Tensor("mine", f"{word} 4", 1, 0.0, word, (1,), strings),
        histogram(f"{word} 5", [0.0, 1.0], [1.0]),
        Audio("mine", f"{word} 6", 1, 0.0, 0, math.nan, word.encode()),
        image(f"{word} 7", word.encode()),
        File("mine", f"/logs/{word}", 1, 0.0),
    )
    assert markup.values("data-tag") == [word, *(f"{word} {number}" for number in range(2, 8))]
    assert "img" not in markup.elements
    assert markup.cells[8] == word
    assert markup.cells[13].startswith(word)


def test_a_long_tag_and_a_long_text_are_cut() -> None:
    tag, words = "t" * 500, "w" * 5000
    markup = read("summaries", Text("mine", tag, 1, 0.0, 0, words))
    assert markup.values("data-tag") == [tag]
    assert tag in markup.values("title")
    assert markup.cells[3] == "w" * (TEXT - 1) + "…"


def test_two_hundred_tags_are_cut_and_say_so() -> None:
    markup = read("summaries", *(Scalar("mine", f"tag {n}", 1, 0.0, float(n)) for n in range(200)))
    assert markup.values("data-tag") == [f"tag {n}" for n in range(ROWS)]
    assert f"and {200 - ROWS} more tags" in markup.text


def test_scalars_that_are_none_are_named_and_marked() -> None:
    kept, panel = shown("summaries")
    assert panel.chart.layout.display == "none"
    for step, number in enumerate((1.0, math.nan, math.inf, -math.inf)):
        kept.write(Scalar("mine", "loss", step, 0.0, number))
        assert formatting.number(number) in Markup(html(kept, panel)).cells[3]
    assert panel.chart.layout.display is None
    (plot,) = panel.plots()
    assert [(mark.step, mark.kind) for mark in plot.marks] == [(step, "nonfinite") for step in (1, 2, 3)]


def test_what_did_not_change_is_neither_sent_nor_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, panel = shown("summaries", image("a", picture(np.zeros((8, 8, 3), np.uint8))))
    first = html(kept, panel)
    sent = []
    panel._body.observe(sent.append, "value")
    with monkeypatch.context() as patched:
        patched.setattr(
            "nbhooks.view.panels.summaries.thumbnail", lambda _: pytest.fail("it was drawn again")
        )
        assert html(kept, panel) == first
        kept.write(Scalar("mine", "loss", 1, 0.0, 1.0))
        assert html(kept, panel) != first
    assert len(sent) == 1
    kept.write(image("a", picture(np.full((8, 8, 3), 99, np.uint8)), step=2))
    assert html(kept, panel).count("<img") == 1
    assert len(sent) == 2


@pytest.mark.parametrize("side", [64, 512])
def test_a_body_stays_under_64_kilobytes(side: int) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (6, side, side, 3), np.uint8)
    images = [image(f"layer_{n}/picture", picture(noise[n]), side, side) for n in range(6)]
    scalars = [
        Scalar("mine", f"layer_{n}/loss", step, 0.0, math.sin(n + step) * 1e-5)
        for n in range(100 - len(images))
        for step in range(30)
    ]
    kept, panel = shown("summaries", *images, *scalars)
    body = html(kept, panel)
    assert len(Markup(body).values("data-tag")) == 100
    assert body.count("<img") == 6
    assert len(body.encode()) < 64_000


def test_of_further_pictures_the_size_is_told() -> None:
    black = picture(np.zeros((8, 8, 3), np.uint8))
    markup = read("summaries", *(image(f"picture {n}", black) for n in range(9)))
    assert markup.elements.count("img") == 6
    assert markup.text.count("8×8, ") == 9


# Waiting


def waiting(state: str, *steps: int, last: int = 500, began: float | None = 100.0) -> Markup:
    points = [
        Progress("mine", step, 100.0 + 5 * n, steps[0], last, "step", began) for n, step in enumerate(steps)
    ]
    return read("wait", *points, State(Phase(state), None, 200.0, "global step 500"))


@pytest.mark.parametrize(
    ("state", "steps", "line"),
    [
        ("waiting", (0,), "waiting for global step 500, now 0 · 0 ms"),
        ("waiting", (0, 100, 1_2), "waiting for global step 500, now 12 · 10 s"),
        ("running", (0, 700), "waited 5.0 s for global step 500; it was 700 then"),
        ("running", (900,), "waited 0 ms for global step 500; it was 900 then"),
        ("running", (0, 250), "stopped waiting for global step 500 after 5.0 s, at 250"),
        ("stopped", (0, 250), "stopped waiting for global step 500 after 5.0 s, at 250"),
        ("died", (0,), "stopped waiting for global step 500 after 0 ms, at 0"),
    ],
)
def test_a_wait(state: str, steps: tuple[int, ...], line: str) -> None:
    markup = waiting(state, *steps)
    assert markup.text == line
    assert ("progress" in markup.elements) is (steps[-1] < 500)


def test_a_wait_has_a_bar_between_its_ends() -> None:
    markup = waiting("waiting", 100, 300)
    assert (markup.values("value"), markup.values("max")) == (["200"], ["400"])
    assert waiting("waiting", 100, 50).values("value") == ["0"]


def test_nothing_to_wait_for() -> None:
    assert read("wait").text == "nothing to wait for so far"
    assert read("wait", Progress("mine", 1, 0.0, 0, None)).text == "nothing to wait for so far"
    assert waiting("waiting", 3, began=None).text == "waiting for global step 500, now 3 · –"


# Progress of what is no step


def test_evaluations_are_counted_by_themselves() -> None:
    kept, panel = shown(
        "progress", State(Phase.RUNNING, None, 0.0), Progress("mine", 0, 0.0, 0, 40, "evaluation")
    )
    kept.write(Source("other", "tensors"))
    kept.write(Scalar("other", "loss", 90_000, 1.0, 1.0))
    assert Markup(html(kept, panel)).text == "evaluation 0 of 40 · 0 %"
    kept.write(Progress("mine", 10, 2.0, 0, 40, "evaluation"))
    markup = Markup(html(kept, panel))
    assert markup.text == "evaluation 10 of 40 · 25 % · 5 evaluations/s · 6.0 s left"
    assert (markup.values("value"), markup.values("max")) == (["10"], ["40"])


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (0, "0 evaluations, until the data ends"),
        (1, "1 evaluation, until the data ends"),
        (2_500, "2,500 evaluations, until the data ends"),
    ],
)
def test_evaluations_without_an_end_are_a_count(count: int, line: str) -> None:
    markup = read("progress", Progress("mine", count, 1.0, 0, None, "evaluation"))
    assert markup.text == line
    assert "progress" not in markup.elements


def test_the_rate_of_what_has_no_end() -> None:
    kept, panel = shown("progress")
    for step in (0, 100):
        kept.write(Progress("mine", step, step / 50, 0, None, "evaluation"))
        line = Markup(html(kept, panel)).text
    assert line == "100 evaluations, until the data ends · 50 evaluations/s"


# Results


def test_no_results() -> None:
    assert read("results").text == "nothing is asked for"


@pytest.mark.parametrize(
    ("state", "left"), [("running", "at the end"), ("finished", "no value"), ("died", "no value")]
)
def test_results(state: str, left: str) -> None:
    markup = read(
        "results",
        Scalar("mine", "accuracy", 9, 0.0, 0.875),
        Scalar("mine", "loss", 9, 0.0, math.nan),
        Tensor("mine", "vector", 9, 0.0, "float32", (3,), np.array([1, 2, 3], np.float32)),
        Tensor("mine", "name", 9, 0.0, "string", (), np.array(b"caf\xc3\xa9", object)),
        Tensor("mine", "large", 9, 0.0, "int64", (100,), np.arange(100)),
        State(Phase(state), 9, 0.0),
        tags=("nothing", "accuracy"),
    )
    assert dict(zip(markup.cells[::2], markup.cells[1::2], strict=True)) == {
        "nothing": left,
        "accuracy": "0.875",
        "loss": "NaN",
        "vector": "1.0, 2.0, 3.0 (float32 3)",
        "name": "café (string scalar)",
        "large": "int64 100, 0 to 99, mean 49.5",
    }
    assert markup.cells[0] == "nothing"


def test_hostile_results_stay_text() -> None:
    strings = np.array([HOSTILE.encode()], object)
    markup = read(
        "results",
        Tensor("mine", HOSTILE, 9, 0.0, "string", (1,), strings),
        tags=(HOSTILE, f"{HOSTILE} 2", "t" * 500, *map(str, range(300))),
    )
    assert markup.values("data-tag")[:3] == [HOSTILE, f"{HOSTILE} 2", "t" * 500]
    assert markup.cells[1] == f"{HOSTILE} (string 1)"
    assert "img" not in markup.elements
    assert "and 103 more" in markup.text


# Feeds


def test_feeds() -> None:
    assert read("feeds").text == "nothing was fed yet"
    assert read("feeds", Feeds("mine", 1, 0.0, ())).text == "the last run was fed nothing"
    fed = (
        ("x:0", "float32", (32, 784)),
        ("rate:0", "float32", ()),
        ("y:0", "int64", None),
        ("e:0", "bool", (0,)),
    )
    markup = read("feeds", Feeds("mine", None, 0.0, fed))
    assert [tuple(markup.cells[at : at + 3]) for at in range(0, 12, 3)] == [
        ("x:0", "32×784", "float32"),
        ("rate:0", "scalar", "float32"),
        ("y:0", "unknown", "int64"),
        ("e:0", "0", "bool"),
    ]


def test_hostile_and_many_feeds() -> None:
    fed = ((HOSTILE, HOSTILE, None), *((f"x_{n}:0", "float32", (n,)) for n in range(250)))
    markup = read("feeds", Feeds("mine", 1, 0.0, fed))
    assert markup.cells[:3] == [HOSTILE, "unknown", HOSTILE]
    assert len(markup.values("data-tag")) == 200
    assert "and 51 more" in markup.text


# Files


def test_files_are_listed_latest_first() -> None:
    assert read("files").text == "none yet"
    written = [File("mine", f"/logs/timeline-{n}.json", n * 1000, 0.0, n * 1000 or None) for n in range(11)]
    markup = read("files", *written)
    assert markup.cells[3::4][:-1] == [f"timeline-{n}.json" for n in range(10, 3, -1)]
    assert markup.cells[-1].startswith("timeline-3.json")
    assert markup.cells[2::4][0] == "10.0 kB"
    assert markup.cells[0::4][-1] == "3,000"
    assert markup.text.endswith("and 3 earlier")
    assert read("files", written[0]).cells[2] == "–"


def test_a_hostile_path_stays_text() -> None:
    path = f'/logs/{HOSTILE}/" onload="alert(1)'
    markup = read("files", File("mine", path, 1, 0.0, 1))
    assert markup.values("title") == [path]
    assert markup.cells[3] == '" onload="alert(1)'
    assert "img" not in markup.elements


# Every one of them


@pytest.mark.parametrize("kind", ["wait", "results", "summaries", "feeds", "files"])
def test_a_closed_panel_leaves_no_widget(kind: str) -> None:
    widgets = ipywidgets.widgets.widget._instances
    before = len(widgets)
    _, panel = shown(kind)
    assert (panel.kind, panel.source) == (kind, "mine")
    panel.close()
    assert len(widgets) == before
