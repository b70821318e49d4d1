"""The recogniser, ready for use: a descriptor of a face, and who of those enrolled is nearest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from . import model
from .data import HEIGHT, WIDTH
from .kit.arrays import load_arrays
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace
from .model import Array, Encoder

FILE = "model.npz"
WHOLE, FRACTIONS = ("orientations", "cell"), ("window", "floor")  # settings of the descriptor
PLACES = 6
FAINT = 8.0  # grey levels: a picture of less contrast shows no face
Gallery = Mapping[str, Sequence[Sequence[float]]]


@dataclass(frozen=True)
class Answer:
    """Who is most alike of those enrolled, and whether that is enough to be taken for them.

    `people` has everybody with their likeness, the most alike first; `descriptor` is what
    enrolment keeps of the picture. Without anybody enrolled, `nearest` and `likeness` are None.
    `distance` is how far it is from the faces learned from; beyond `usual` nobody is known.
    """

    known: bool
    nearest: str | None
    likeness: float | None
    threshold: float
    distance: float
    usual: float
    people: list[tuple[str, float]]
    descriptor: list[float]


@dataclass(frozen=True)
class Recogniser:
    """The fitted encoder, and the likeness from which two pictures pass for one person."""

    encoder: Encoder
    settings: Mapping[str, float]
    threshold: float
    usual: float

    @classmethod
    def load(cls, workspace: Workspace) -> "Recogniser":
        """Read what `train` wrote; raises ProjectError when there is none."""
        names = ("mean", "directions", "threshold", "usual", *WHOLE, *FRACTIONS)
        found = load_arrays(workspace.models / FILE, names)
        settings = {name: int(found[name]) for name in WHOLE}
        settings |= {name: float(found[name]) for name in FRACTIONS}
        encoder = Encoder(
            lambda faces: model.gradients(faces, settings),
            found["mean"],
            found["directions"],
            mirrored=True,
        )
        return cls(encoder, settings, float(found["threshold"]), float(found["usual"]))

    def embed(self, pixels: NDArray) -> Array:
        """Descriptors of pictures uint8 (n, 112, 92): vectors of length one, shape (n, d)."""
        return self.encoder.embed(pixels)

    @one_thread
    def recognise(self, pixels: NDArray, gallery: Gallery) -> Answer:
        """Compare one picture, uint8 (112, 92), with everybody in `gallery`.

        Raises ProjectError when the picture shows nothing, or a descriptor is of another model.
        """
        if float(np.std(pixels)) < FAINT:
            raise ProjectError("the picture has hardly any contrast: there is no face to be seen")
        descriptor = self.embed(pixels[None])[0]
        people = identify(descriptor, gallery)
        nearest, likeness = people[0] if people else (None, None)
        distance = float(self.encoder.distance(pixels[None])[0])
        alike = likeness is not None and likeness > self.threshold
        return Answer(
            known=alike and distance <= self.usual,
            nearest=nearest,
            likeness=likeness,
            threshold=self.threshold,
            distance=distance,
            usual=self.usual,
            people=people,
            descriptor=descriptor.round(PLACES).tolist(),
        )


def identify(descriptor: Array, gallery: Gallery) -> list[tuple[str, float]]:
    """Everybody enrolled with the mean likeness of their pictures, the most alike first."""
    # practice: identify
    found = {}
    for name, enrolled in gallery.items():
        if any(len(each) != len(descriptor) for each in enrolled):
            raise ProjectError(f"{name} was enrolled with another model: forget, enrol again")
        found[name] = round(float(np.mean(np.asarray(enrolled) @ descriptor)), PLACES)
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))
    # practice: end


def read_face(path: Path) -> NDArray[np.uint8]:
    """The middle of a picture file as the model sees faces: grey, 112 × 92 pixels.

    Nothing looks for the face: crop the picture so that it fills the frame. Raises ProjectError
    for a file that is no picture.
    """
    try:
        with Image.open(path) as opened:
            grey = ImageOps.exif_transpose(opened).convert("L")
            return np.asarray(ImageOps.fit(grey, (WIDTH, HEIGHT), Image.Resampling.BOX))
    except (UnidentifiedImageError, OSError) as error:
        raise ProjectError(f"{path}: not a picture that can be read") from error


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each picture file: who of those enrolled here it shows."""
    from .enrolment import read_gallery  # which needs this module

    recogniser, gallery = Recogniser.load(workspace), read_gallery(workspace)
    for name in inputs:
        answer = asdict(recogniser.recognise(read_face(Path(name.strip())), gallery))
        del answer["descriptor"]
        print(json.dumps({"file": name.strip(), **answer}, ensure_ascii=False))
