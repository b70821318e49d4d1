"""Pictures of a project: whether they may be shown, and how large they are."""

from __future__ import annotations

import re
import struct
from pathlib import Path

SHOWN = {".png", ".svg", ".jpg", ".jpeg", ".gif", ".webp"}
PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}

Size = tuple[int, int]
"""Width and height in pixels of the web page."""


def is_harmless(content: bytes) -> bool:
    """Whether it could be opened by itself: an SVG with a script in it would run it then."""
    return not re.search(rb"<script|\son\w+\s*=|javascript:|<foreignObject", content, re.IGNORECASE)


def size_of(path: Path, content: bytes) -> Size | None:
    """How large a picture is by its own account; None where it does not say."""
    match path.suffix.lower():
        case ".svg":
            return _svg_size(content[:4096].decode("utf-8", errors="replace"))
        case ".png" if content.startswith(b"\x89PNG") and len(content) >= 24:
            width, height = struct.unpack(">II", content[16:24])
            return width, height
        case ".gif" if content.startswith(b"GIF8") and len(content) >= 10:
            width, height = struct.unpack("<HH", content[6:10])
            return width, height
    return None


def _svg_size(text: str) -> Size | None:
    tag = re.search(r"<svg\b[^>]*>", text, re.DOTALL)
    if tag is None:
        return None
    given = dict(re.findall(r"\b(width|height|viewBox)\s*=\s*[\"']([^\"']*)", tag[0]))
    lengths = [_pixels(given.get(side, "")) for side in ("width", "height")]
    if lengths[0] and lengths[1]:
        return lengths[0], lengths[1]
    box = re.findall(r"[\d.]+", given.get("viewBox", ""))
    return (round(float(box[2])), round(float(box[3]))) if len(box) == 4 else None


def _pixels(length: str) -> int:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", length)
    return round(float(found[1]) * PIXELS[found[2]]) if found and found[2] in PIXELS else 0
