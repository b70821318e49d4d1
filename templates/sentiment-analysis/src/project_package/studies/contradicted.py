"""What do the means change that their own ratings contradict?"""

import numpy as np
import pandas as pd

from ..data import ROUNDING
from ..evaluate import Evaluated
from ..kit.results import Study
from ..kit.statistics import decimal
from ..kit.workspace import Workspace
from ..train import pearson_r


def study(_workspace: Workspace, evaluated: Evaluated) -> Study:
    """The score on tweets with these rows and without them."""
    return Study(
        title="Means that their own ratings contradict",
        text="Some tweets have a published mean that is not the mean of what people are said to "
        "have answered. The published means are used all the same, here and everywhere.",
        notes={"contrived": contrived_note(evaluated.snippets)},
    )


def contrived_note(snippets: pd.DataFrame) -> str:
    """The tweets whose published mean is not the mean of their ratings, and what they change."""
    tweets = snippets[snippets.kind == "tweets"]
    off = (tweets.rating - tweets.ratings.map(np.mean)).abs() > ROUNDING
    kept = tweets[~off]
    without, whole = (
        f"{decimal(pearson_r(rows.rating, rows.model))} "
        f"(VADER {decimal(pearson_r(rows.rating, rows.vader))})"
        for rows in (kept, tweets)
    )
    return (
        f"{int(off.sum())} of the {len(tweets):,} tweets in the test set have a published mean "
        "that is not the mean of their published ratings. Without them Pearson r on tweets is "
        f"{without} instead of {whole}."
    )
