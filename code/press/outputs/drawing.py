"""A figure as it is stored: an SVG whose text stays text, with no more digits than a screen shows.

Matplotlib writes six decimals a coordinate, a font's name beside every word, and pictures as RGBA. Scour shortens the
drawing; pictures inside are packed again without loss. The same figure gives the same bytes.
"""

from __future__ import annotations

import base64
import io
import re

FONTS = "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
"""The site's own; all are narrower than DejaVu Sans, by which Matplotlib measures, so no word outgrows its place."""
DIGITS = 5
"""Significant digits of a coordinate: a hundredth of a point in a figure of seven inches."""

_FAMILY = re.compile(r"""font-family:\s*[^;"]*;?\s*""")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>\s*")
_PNG = re.compile(r"data:image/png;base64,([^\"]+)")


def compact(svg: str) -> str:
    """``svg`` as Matplotlib wrote it, in fewer bytes, drawn the same."""
    from scour import scour

    plain = _FAMILY.sub("", svg).replace("<svg ", f'<svg font-family="{FONTS}" ', 1)
    options = scour.sanitizeOptions()
    options.digits = DIGITS
    options.strip_xml_prolog = options.strip_comments = options.strip_ids = options.shorten_ids = True
    options.remove_metadata = options.remove_descriptive_elements = True
    options.indent_type, options.newlines = "none", False
    return _PNG.sub(lambda found: _picture(found[1]), _DOCTYPE.sub("", scour.scourString(plain, options)))


def _picture(packed: str) -> str:
    """A base64 PNG as the smallest data address that shows the same pixels."""
    from PIL import Image

    content = base64.b64decode(packed)
    with Image.open(io.BytesIO(content)) as image:
        pixels = image.convert("RGBA")
    if pixels.getchannel("A").getextrema() == (255, 255):
        pixels = pixels.convert("RGB")
    written = io.BytesIO()
    pixels.save(written, "WEBP", lossless=True, quality=100, method=6, exact=True)
    if len(written.getvalue()) >= len(content):
        return f"data:image/png;base64,{packed}"
    return f"data:image/webp;base64,{base64.b64encode(written.getvalue()).decode()}"
