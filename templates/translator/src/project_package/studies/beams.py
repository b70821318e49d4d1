"""What does it gain to search, rather than to take the likeliest piece each time?"""

import numpy as np

from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.workspace import Workspace
from ..scores import chrf, chrf_counts
from ..train import best_of, bests, bleu_of, search_all


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The validation set under several widths of the beam."""
    shipped, validation = evaluated.shipped, evaluated.validation
    rows = []
    for beam in sorted({*workspace.config["evaluate"]["beams"], shipped.beam}):
        found = search_all(shipped, validation.english, beam)
        said = best_of(found, shipped.subwords, shipped.penalty)
        sure = np.mean([each.total for each in bests(found, shipped.penalty)])
        label = f"**{beam}**" if beam == shipped.beam else str(beam)
        letters = chrf(chrf_counts(said, list(validation.german)))
        words = np.mean([len(text.split()) for text in said])
        rows.append([label, bleu_of(said, validation), letters, float(sure), float(words)])
    return Study(
        title="What does the search gain?",
        text="With a beam of 1 the likeliest piece is taken each time. A wider beam writes several "
        "translations side by side and finds likelier ones. Measured on the validation set; in "
        "bold what is served.",
        tables={
            "beams": Table(
                "Width of the beam on the validation set.",
                ["beam", "BLEU", "chrF", "log probability", "words"], rows,
            )
        },
    )  # fmt: skip
