"""Holds pictures to be small, safe and in proportion."""

import base64
import io

import numpy as np
import pytest
from drawn_panels import claiming, image, picture, read
from PIL import Image as Pillow

from nbhooks.view.panels import thumbnails as thumbnails_room
from nbhooks.view.panels.thumbnails import thumbnail


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
@pytest.mark.parametrize("shape", [(1, 1, 3), (480, 640, 3), (10, 600), (600, 10)])
def test_a_thumbnail_is_small_and_in_proportion(form: str, shape: tuple[int, ...]) -> None:
    source = thumbnail(picture(np.full(shape, 200, np.uint8), form))
    data = base64.b64decode(source.partition("base64,")[2])
    with Pillow.open(io.BytesIO(data), formats=("PNG",)) as small:
        longer = max(shape[:2])
        assert max(small.size) == min(longer, thumbnails_room.SIDE)
        assert small.convert("L").getpixel((0, 0)) == pytest.approx(200, abs=3)


def test_a_heavy_thumbnail_becomes_a_light_one_that_cannot_be_seen_through() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (64, 64, 4), np.uint8)
    noise[:32, :, 3] = 0
    source = thumbnail(picture(noise))
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
    assert "img" not in markup.tags
    assert "not shown (" in markup.text
    assert "alert" not in markup.text


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (2_001, 2_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_not_decoded(width: int, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pillow.Image, "thumbnail", lambda *_: pytest.fail("it was decoded"))
    markup = read("summaries", image("bomb", claiming(width, height), width, height))
    assert "img" not in markup.tags
    assert "too large to show" in markup.text or "not shown (" in markup.text
    assert f"{width:,}×{height:,}" in markup.text
