"""What one would do without learning: purple is a white cell or a platelet, the rest are red cells.

Red cells are regions darker than the ground (naive), such regions taken apart by watershed, or
circles found by Hough's transform. Detections are as the network gives them, shape (n, 6).
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.feature import canny, peak_local_max
from skimage.filters import threshold_otsu
from skimage.measure import label, regionprops
from skimage.segmentation import watershed
from skimage.transform import hough_circle, hough_circle_peaks

from .boxes import SCORE

HOUGH, WATERSHED, REGIONS = "Hough circles", "watershed", "dark regions"
PURPLE = ("purple", "join")  # settings of what is not red, for all three alike
TUNED = {HOUGH: ("small", "large", "blur"), WATERSHED: ("lighter", "apart"), REGIONS: ("lighter",)}
RED, WHITE, PLATELET = 0, 1, 2
LIGHTEST = 255

Settings = Mapping[str, Any]


def grid(settings: Settings, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """All settings, with one value of each list in `names` for the list."""
    for values in product(*(settings[name] for name in names)):
        yield {**settings, **dict(zip(names, values, strict=True))}


def detect(pixels: NDArray[np.uint8], method: str, settings: Settings) -> NDArray[np.float64]:
    """Everything that a method finds in one picture."""
    big, purple = find_purple(pixels, settings)
    return np.concatenate([find_red(pixels, big, method, settings), purple])


def find_purple(
    pixels: NDArray[np.uint8], settings: Settings
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Where white cells are, as a mask, and white cells and platelets as detections.

    Purple is what has more blue than green. Large regions are white cells, small ones platelets.
    """
    shade = ndimage.gaussian_filter(pixels[..., 2].astype(float) - pixels[..., 1], 1)
    mask = ndimage.binary_fill_holes(ndimage.binary_opening(shade > settings["purple"]))
    margin = settings["join"]  # of the lobes of one nucleus
    joined = ndimage.binary_closing(np.pad(mask, margin), iterations=margin)
    regions = label(joined[margin:-margin, margin:-margin])
    found, big = [], np.zeros(mask.shape, bool)
    for region in regionprops(regions, intensity_image=shade):
        box, area = as_box(region.bbox), region.area
        if area >= settings["white"]:
            left, top, right, bottom = box
            grown = settings["grow"] * max(right - left, bottom - top)
            found.append([WHITE, *widen(box, grown, mask.shape), area / (area + settings["white"])])
            big[regions == region.label] = True
        elif area >= settings["platelet"]:
            strength = min(1.0, region.intensity_mean / LIGHTEST)
            found.append([PLATELET, *widen(box, settings["grow_small"], mask.shape), strength])
    return big, as_rows(found)


def find_red(
    pixels: NDArray[np.uint8], big: NDArray[np.bool_], method: str, settings: Settings
) -> NDArray[np.float64]:
    """Red cells, outside of white ones."""
    green = ndimage.gaussian_filter(pixels[..., 1].astype(float), 1)
    near = ndimage.binary_dilation(big, iterations=settings["join"]) if big.any() else big
    if method == HOUGH:
        return circles(green, near, settings)
    dark = ndimage.binary_fill_holes(green < threshold_otsu(green) + settings["lighter"])
    dark = ndimage.binary_opening(dark) & ~near
    regions = label(dark)
    if method == WATERSHED:
        depth = ndimage.distance_transform_edt(np.pad(dark, 1, mode="edge"))[1:-1, 1:-1]
        smooth = ndimage.gaussian_filter(depth, 1)
        tops = peak_local_max(
            smooth, min_distance=settings["apart"], labels=regions, exclude_border=False
        )
        seeds = np.zeros(dark.shape, int)
        seeds[tuple(tops.T)] = np.arange(1, len(tops) + 1)
        regions = watershed(-depth, seeds, mask=dark)
    found = []
    for region in regionprops(regions):
        if region.area < settings["red"]:
            continue
        usual = np.abs(np.log(np.sqrt(region.area_bbox) / settings["usual"]))
        found.append([RED, *as_box(region.bbox), region.solidity * np.exp(-usual)])
    return as_rows(found)


def circles(
    green: NDArray[np.float64], near: NDArray[np.bool_], settings: Settings
) -> NDArray[np.float64]:
    """Circles through edges, by how much of each is there."""
    edges = canny(
        green / LIGHTEST, settings["blur"],
        low_threshold=settings["edge"] / 2, high_threshold=settings["edge"],
    )  # fmt: skip
    radii = np.arange(settings["small"], settings["large"] + 1)
    space = hough_circle(edges & ~near, radii)
    votes, across, down, sizes = hough_circle_peaks(
        space, radii, settings["between"], settings["between"],
        threshold=settings["votes"], total_num_peaks=settings["circles"],
    )  # fmt: skip
    return as_rows(
        [
            [RED, *widen([x, y, x, y], radius, green.shape), vote]
            for vote, x, y, radius in zip(votes, across, down, sizes, strict=True)
        ]
    )


def as_box(bbox: tuple[int, int, int, int]) -> list[float]:
    """Left, top, right and bottom of a region."""
    top, left, bottom, right = map(float, bbox)
    return [left, top, right, bottom]


def widen(box: list[float], by: float, shape: tuple[int, ...]) -> list[float]:
    """A box with so many pixels more on each side, within the picture."""
    left, top, right, bottom = box
    height, width = shape
    return [max(0, left - by), max(0, top - by), min(width, right + by), min(height, bottom + by)]


def as_rows(found: list[list[float]]) -> NDArray[np.float64]:
    """Detections, shape (n, 6)."""
    return np.array(found, dtype=float).reshape(-1, SCORE + 1)
