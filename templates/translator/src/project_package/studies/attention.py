"""Where does it look while it writes?"""

import numpy as np

from ..contrast import OWN
from ..evaluate import Evaluated
from ..kit import figures
from ..kit.results import Picture, Study
from ..kit.workspace import Workspace
from ..predict import Translation
from ..subwords import SPACE

SHOWN = OWN[:2]


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The attention of the last layer for two sentences of this project's own."""
    names = {}
    for number, text in enumerate(SHOWN, start=1):
        name, said = f"attention-{number}", evaluated.shipped.translate(text)
        names[name] = draw(workspace, name, text, said)
    return Study(
        title="Where it looks",
        text="For each piece that is written, how much the last layer looks at each piece of the "
        "source, the mean over its heads. It shows what is near in that layer; it is no proof of "
        "a reason (Jain and Wallace, 2019).",
        figures=names,
    )


def draw(workspace: Workspace, name: str, text: str, said: Translation) -> Picture:
    """A square of shades."""
    weights = np.array(said.attention)
    size = (1.5 + 0.42 * weights.shape[1], 1.2 + 0.34 * weights.shape[0])
    with figures.figure(workspace.figures / name, *size) as (_, axes):
        axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axes.grid(visible=False)
        source, pieces = ([piece.replace(SPACE, " ") for piece in side] for side in
                          (said.source, said.pieces))  # fmt: skip
        axes.set_xticks(range(len(source)), source, rotation=60, ha="right")
        axes.set_yticks(range(len(pieces)), pieces)
    return Picture(
        f"“{text}” → “{said.text}”: a row for each piece written, dark where it looked.",
        "Shades in rows and columns; they are dark near the words that belong together.",
    )
