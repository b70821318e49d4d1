"""Which pictures show the same field under the microscope, one a little beside the other?

Two pictures are laid over each other at every shift at which they share enough, and compared by
the correlation of what they share (Padfield, 2012, by Fourier transforms). Hashes of whole
pictures do not see a shift.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

LUMA = np.array([0.299, 0.587, 0.114])  # of red, green and blue


def find_fields(pixels: NDArray[np.uint8], settings: Mapping[str, float]) -> NDArray[np.int64]:
    """The number of each picture's field, shape (n,); `pixels` (n, height, width, 3).

    Pictures that resemble each other are of one field, and so are those that resemble them.
    """
    # practice: find_fields
    alike = resemblance(shrink_all(pixels, settings), settings["least_shared"])
    rows, columns = np.nonzero(alike > settings["alike"])
    links = coo_array((np.ones(len(rows)), (rows, columns)), shape=alike.shape)
    return connected_components(links, directed=False)[1].astype(np.int64)
    # practice: end


def shrink_all(pixels: NDArray[np.uint8], settings: Mapping[str, float]) -> NDArray[np.float64]:
    """Grey pictures, shape (n, settings height, settings width), each with mean 0."""
    height, width = int(settings["height"]), int(settings["width"])
    grey = np.stack([picture @ LUMA for picture in pixels])
    small = areas_of(grey.shape[1], height) @ grey @ areas_of(grey.shape[2], width).T
    return small - small.mean(axis=(1, 2), keepdims=True)


def areas_of(large: int, small: int) -> NDArray[np.float64]:
    """Matrix, shape (small, large), that takes means over equal parts of a line of pixels."""
    edges = np.linspace(0, large, small + 1)
    ends = np.minimum(edges[1:, None], np.arange(1, large + 1))
    starts = np.maximum(edges[:-1, None], np.arange(large))
    return np.maximum(ends - starts, 0) * small / large


def resemblance(grey: NDArray[np.float64], least_shared: float) -> NDArray[np.float64]:
    """The largest correlation of any two pictures over all shifts, shape (n, n), diagonal 0.

    Shifts at which they share less than `least_shared` of the picture are left out.
    """
    many, height, width = grey.shape
    shape = next_fast_len(2 * height - 1), next_fast_len(2 * width - 1)
    mask = rfft2(np.ones((height, width)), shape)
    shared = irfft2(mask * mask.conj(), shape).round()
    enough = shared >= least_shared * height * width
    pixels = shared[enough]
    waves = [rfft2(picture, shape) for picture in grey]
    squares = [rfft2(picture**2, shape) for picture in grey]

    def over(first: NDArray, second: NDArray) -> NDArray[np.float64]:
        """Sums of products at every shift with enough in common."""
        found: NDArray[np.float64] = irfft2(first * second.conj(), shape)[enough]
        return found

    sums = [(over(wave, mask), over(mask, wave)) for wave in waves]
    spreads = [
        (over(square, mask) - one**2 / pixels, over(mask, square) - other**2 / pixels)
        for square, (one, other) in zip(squares, sums, strict=True)
    ]
    floor = np.finfo(float).eps * max(1.0, float((grey**2).sum(axis=(1, 2)).max()))
    found = np.zeros((many, many))
    for row in range(many):
        for other in range(row):
            shared_part = over(waves[row], waves[other]) - sums[row][0] * sums[other][1] / pixels
            spread = np.maximum(spreads[row][0], floor) * np.maximum(spreads[other][1], floor)
            found[row, other] = found[other, row] = (shared_part / np.sqrt(spread)).max()
    return found
