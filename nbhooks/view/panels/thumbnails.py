"""Pictures the size of a word: an image made small, a histogram as bars."""

from __future__ import annotations

import base64
import io
import warnings
from typing import TYPE_CHECKING

import numpy as np

from nbhooks import figures
from nbhooks.view import formatting

if TYPE_CHECKING:
    import numpy.typing as npt

PIXELS = 4_000_000
"""Pixels beyond which an image is not decoded."""

SIDE = 64
"""Pixels of a thumbnail's longer side."""

LIGHT = 2_500
"""Bytes up to which a thumbnail is sent as it is; a larger one is sent as a JPEG, to limit the traffic."""

QUALITY = 60
"""Of that JPEG: noise, which is the worst there is, takes less than 3 kB."""

FORMATS = ("PNG", "JPEG", "GIF")
"""What TensorFlow writes, and nothing else: each further decoder is one more risk."""

BARS = 24

BUCKETS = 1_000_000
"""Buckets of a histogram beyond which it is not drawn."""


def thumbnail(encoded: bytes) -> str:
    """Draw an image small, as HTML; or the reason why it is not shown.

    Args:
        encoded: hostile. Its size is read before anything is decoded.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(encoded), formats=FORMATS) as image:
                if image.width * image.height > PIXELS:
                    return "too large to show"
                image.thumbnail((SIDE, SIDE))
                small, form, buffer = image.convert("RGBA"), "png", io.BytesIO()
                small.save(buffer, "PNG")
                if buffer.tell() > LIGHT:
                    paper = Image.new("RGBA", small.size, "white")  # a JPEG cannot be seen through
                    form, buffer = "jpeg", io.BytesIO()
                    Image.alpha_composite(paper, small).convert("RGB").save(buffer, "JPEG", quality=QUALITY)
    except Exception as error:  # noqa: BLE001 - a decoder raises whatever the bytes lead it to
        return f"not shown ({type(error).__name__})"
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img class="nbhooks-thumbnail" alt="the image" src="data:image/{form};base64,{data}">'


def bars(edges: npt.NDArray[np.float64], counts: npt.NDArray[np.float64]) -> str:
    """Draw a histogram as SVG, its counts spread over bars of one width."""
    if len(counts) > BUCKETS:
        return "too large to show"
    if len(counts) == 0 or not np.isfinite(edges).all() or edges[-1] <= edges[0]:
        return ""
    ends = np.linspace(edges[0], edges[-1], BARS + 1)
    heights = figures.spread(edges, counts, ends)
    if not heights.max() > 0:
        return ""
    width, height = formatting.TREND_WIDTH, formatting.TREND_HEIGHT
    tall = np.ceil(heights / heights.max() * height).astype(int)
    each = width / BARS
    drawn = "".join(
        f"M{number * each:g} {height}v-{size}h{each:g}v{size}z" for number, size in enumerate(tall) if size
    )
    return (
        f'<svg class="nbhooks-trend" width="{width}" height="{height}" aria-hidden="true">'
        f'<path d="{drawn}" fill="{formatting.TREND_COLOUR}"/></svg>'
    )
