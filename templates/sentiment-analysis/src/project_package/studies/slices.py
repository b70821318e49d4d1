"""Where does it fail?"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from .. import lexicon
from ..evaluate import Evaluated
from ..kit.results import EACH_ALONE, Study, Table
from ..kit.statistics import bootstrap, decimal
from ..kit.workspace import Workspace
from ..train import pearson_r
from .taught import mean_absolute_error

SARCASM = r"(?i)''[^']{1,40}''|\"[^\"]{1,40}\"|\?!|!\?|\b(?:yeah right|oh great|of course|as if)\b"
EMOTICON = r"[:;=8][\-o*']?[)\](\[dDpP/\\|]|<3|\^_\^"


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The taught model and VADER on parts of the test set."""
    settings = workspace.config["evaluate"]
    return Study(
        title="Where does it fail?",
        text="Parts of the test set that a reader would ask about, rated by the model that was "
        "taught all four kinds.",
        tables={"slices": slices_table(evaluated.snippets, settings, workspace.seed)},
    )


def find_slices(snippets: pd.DataFrame, short: int, long: int) -> dict[str, pd.Series]:
    """Parts of the data that a reader would ask about."""
    words = snippets.text.str.split().str.len()
    negated = snippets.text.map(lexicon.is_negated)
    return {
        "negation": negated,
        "no negation": ~negated,
        f"short (up to {short} words)": words <= short,
        f"long (over {long} words)": words > long,
        "marks of sarcasm": snippets.text.str.contains(SARCASM, regex=True),
        "emoticons": snippets.text.str.contains(EMOTICON, regex=True),
        "“but”": snippets.text.str.contains(r"\bbut\b", case=False, regex=True),
        "no word that VADER knows": snippets.vader == 0,
    }


def slices_table(snippets: pd.DataFrame, settings: Mapping[str, Any], seed: int) -> Table:
    """Error of model and VADER in parts of the data; errors compare where r does not."""
    rows = []
    for name, chosen in find_slices(snippets, settings["short"], settings["long"]).items():
        part = snippets[chosen]
        if len(part) < settings["slice_min"]:
            continue
        columns = part.rating, part.model
        rows.append(
            [
                name,
                len(part),
                bootstrap(pearson_r, *columns, groups=part.group, seed=seed),
                "–" if part.vader.nunique() == 1 else decimal(pearson_r(part.rating, part.vader)),
                bootstrap(mean_absolute_error, *columns, groups=part.group, seed=seed),
            ]
        )
    return Table(
        "All four kinds of the test set together, taught. Sarcasm has no label here: its marks are "
        f"words in quotation marks, “?!” and a few stock phrases. {EACH_ALONE}",
        ["snippets with", "n", "model, r", "VADER, r", "model, mean absolute error"],
        rows,
    )
