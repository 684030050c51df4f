"""An image made small, as a data URI."""

from __future__ import annotations

import base64
import io
import warnings

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


class NotShownError(Exception):
    """An image is not shown; the message says why."""


def _check(pixels: int) -> None:
    if pixels > PIXELS:
        raise NotShownError("too large to show")


def thumbnail(encoded: bytes) -> str:
    """Draw an image small.

    Args:
        encoded: hostile. Its size is read before anything is decoded.

    Returns:
        A data URI of a PNG or a JPEG.

    Raises:
        NotShownError: if it is too large, or is no image.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(encoded), formats=FORMATS) as image:
                _check(image.width * image.height)
                image.thumbnail((SIDE, SIDE))
                small, form, buffer = image.convert("RGBA"), "png", io.BytesIO()
                small.save(buffer, "PNG")
                if buffer.tell() > LIGHT:
                    paper = Image.new("RGBA", small.size, "white")  # a JPEG cannot be seen through
                    form, buffer = "jpeg", io.BytesIO()
                    Image.alpha_composite(paper, small).convert("RGB").save(buffer, "JPEG", quality=QUALITY)
    except NotShownError:
        raise
    except Exception as error:
        # A decoder raises whatever the bytes lead it to.
        raise NotShownError(f"not shown ({type(error).__name__})") from error
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f"data:image/{form};base64,{data}"
