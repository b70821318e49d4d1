"""From a photograph or a drawing to the 28 × 28 pixels that the network knows.

The steps follow those by which Fashion-MNIST was made (Xiao et al., 2017): trim to the garment,
put its longest edge at 28 pixels, centre it, white on black. Needs Pillow and NumPy only.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from .kit.workspace import ProjectError

SIDE = 28
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MOST_PIXELS = 25_000_000  # a photograph of today; more is a mistake or an attack
WORKING_SIDE = 448  # longest edge while looking for the garment
RIM = 0.04  # share of the picture along its edges that should show the ground
PLAIN = 24  # grey levels by which a plain ground may vary
FAINT = 12  # grey levels: a picture without more contrast shows nothing
GARMENT = 0.2  # of the contrast: what differs so much from the ground is garment
SPECK = 0.01  # of a line: fewer garment pixels in a row or column are dust


class PictureError(ProjectError):
    """The picture cannot be used, and the sentence says why."""


@dataclass(frozen=True)
class Prepared:
    """`pixels` uint8 (28, 28), white on black; `remark` says what may make them unlike the data."""

    pixels: NDArray[np.uint8]
    remark: str = ""


def prepare(content: bytes) -> Prepared:
    """Find the garment in an encoded picture; raises PictureError when there is nothing to see."""
    picture = read_picture(content)
    grey = np.asarray(picture, dtype=np.float32)
    ground, spread = measure_ground(grey)
    contrast = np.abs(grey - ground).max(axis=2)
    strongest = float(np.percentile(contrast, 99.5))
    if strongest < FAINT:
        raise PictureError("the picture is of one colour: there is nothing to recognise in it")
    strength = np.clip(contrast / strongest, 0, 1)
    top, bottom, left, right = find_garment(strength > GARMENT)
    remarks = []
    if spread > PLAIN:
        remarks.append("The ground is not plain, so some of it is taken for garment.")
    if min(top, left) == 0 or bottom == grey.shape[0] or right == grey.shape[1]:
        remarks.append("The garment touches the edge of the picture, so part of it may be missing.")
    return Prepared(fit_square(strength[top:bottom, left:right]), " ".join(remarks))


def read_picture(content: bytes) -> Image.Image:
    """Decode, turn as the camera was held, on white where transparent; at most WORKING_SIDE."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureError(f"the picture has more than {MOST_PIXELS // 10**6} megapixels")
            opened.draft("RGB", (WORKING_SIDE, WORKING_SIDE))
            turned = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PictureError(f"not a picture that can be read ({', '.join(FORMATS)})") from error
    white = Image.new("RGBA", turned.size, "white")
    flat = Image.alpha_composite(white, turned).convert("RGB")
    return scale(flat, min(1, WORKING_SIDE / max(flat.size)), Image.Resampling.BICUBIC)


def scale(picture: Image.Image, ratio: float, way: Image.Resampling) -> Image.Image:
    """Both sides times `ratio`: across, then down, as the order changes the last grey level.

    Pillow 13 would choose the order by the sizes; the demo in the browser does as is done here.
    """
    width, height = (max(1, round(side * ratio)) for side in picture.size)
    return picture.resize((width, picture.height), way).resize((width, height), way)


def measure_ground(grey: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """The median colour along the edges, and how far nine tenths of the edges are within it."""
    rim = max(1, round(RIM * min(grey.shape[:2])))
    edges = np.concatenate(
        [side.reshape(-1, 3) for side in (grey[:rim], grey[-rim:], grey[:, :rim], grey[:, -rim:])]
    )
    ground = np.median(edges, axis=0)
    return ground, float(np.percentile(np.abs(edges - ground).max(axis=1), 90))


def find_garment(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of what is set, specks of dust left out."""
    rows = np.flatnonzero(mask.mean(axis=1) > SPECK)
    columns = np.flatnonzero(mask.mean(axis=0) > SPECK)
    if len(rows) == 0 or len(columns) == 0:
        raise PictureError("nothing in the picture stands out from the ground")
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def fit_square(strength: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Scale so that the longest edge has 28 pixels, and centre on black."""
    levels = Image.fromarray(np.round(strength * 255).astype(np.uint8))
    small = np.asarray(scale(levels, SIDE / max(levels.size), Image.Resampling.BOX))
    square = np.zeros((SIDE, SIDE), np.uint8)
    height, width = small.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    square[top : top + height, left : left + width] = small
    return square
