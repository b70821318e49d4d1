"""What does the way from a picture file to 28 × 28 pixels cost?"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..evaluate import Judged
from ..kit.results import Study
from ..kit.statistics import bootstrap, decimal
from ..kit.workspace import Workspace
from ..photograph import prepare


def study(workspace: Workspace, evaluated: Judged) -> Study:
    """Test images as files, read back through the page's own preprocessing."""
    test, seed = evaluated.images, workspace.seed
    test = test.take(slice(workspace.config["evaluate"]["photographed"]))
    random = np.random.default_rng(seed)
    seen = np.stack([prepare(as_photograph(image, random)).pixels for image in test.pixels])
    direct, through = (
        (evaluated.recogniser.probabilities(pixels).argmax(1) == test.labels).astype(float)
        for pixels in (test.pixels, seen)
    )
    lost = bootstrap(np.mean, through - direct, seed=seed)
    return Study(
        title="What does the way through a picture file cost?",
        text="Test images were printed dark on an off-white sheet of random size, with noise and "
        "JPEG artefacts, and read back as the service reads an upload.",
        notes={
            "photograph": f"{len(test):,} test images: accuracy {decimal(through.mean())}, against "
            f"{decimal(direct.mean())} for the original pixels: a difference of {lost.signed}."
        },
    )


def as_photograph(pixels: NDArray[np.uint8], random: np.random.Generator) -> bytes:
    """The image enlarged, dark on light, with margins and noise, as a JPEG file."""
    side = int(random.integers(150, 300))
    garment = Image.fromarray(255 - pixels).resize((side, side), Image.Resampling.BICUBIC)
    top, left = random.integers(20, 120, size=2)
    sheet = np.full((side + 140, side + 140), 255.0)
    sheet[top : top + side, left : left + side] = np.asarray(garment)
    sheet = sheet * 0.95 + random.normal(0, 3, sheet.shape)
    file = io.BytesIO()
    Image.fromarray(sheet.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()
