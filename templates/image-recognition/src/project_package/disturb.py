"""What happens to pictures outside a data set: they move, they are noisy, they are held askew."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Pixels = NDArray[np.uint8]

LEVELS: Mapping[str, tuple[int, ...]] = {
    "moved by (pixels)": (1, 2, 4, 6),
    "noise (standard deviation, grey levels)": (10, 25, 50, 75),
    "turned by (degrees)": (5, 15, 30, 45),
}


def move(pixels: Pixels, by: int, random: np.random.Generator) -> Pixels:
    """Every image moved by `by` pixels along each axis, in a direction of its own."""
    side = pixels.shape[1]
    padded = np.pad(pixels, ((0, 0), (by, by), (by, by)))
    corners = random.choice([0, 2 * by], size=(len(pixels), 2))
    return np.stack(
        [
            image[top : top + side, left : left + side]
            for image, (top, left) in zip(padded, corners, strict=True)
        ]
    )


def add_noise(pixels: Pixels, deviation: int, random: np.random.Generator) -> Pixels:
    """Gaussian noise on every pixel."""
    noisy = pixels + random.normal(0, deviation, pixels.shape)
    return noisy.clip(0, 255).round().astype(np.uint8)


def turn(pixels: Pixels, degrees: int, random: np.random.Generator) -> Pixels:
    """Every image turned about its centre, to the left or to the right."""
    angles = random.choice([-degrees, degrees], size=len(pixels))
    turned = [
        ndimage.rotate(image, angle, reshape=False, order=1)
        for image, angle in zip(pixels, angles, strict=True)
    ]
    return np.stack(turned)


DISTURBANCES: Mapping[str, Callable[[Pixels, int, np.random.Generator], Pixels]] = dict(
    zip(LEVELS, (move, add_noise, turn), strict=True)
)
