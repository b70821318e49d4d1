"""The sales: download, clean, keep every house on one side, split."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold

from .kit import holdout
from .kit.holdout import Ledger, connect
from .kit.sources import PythonPackage, fetch_first
from .kit.workspace import Workspace

# The publisher asks for an account, so a package that carries the same table is the source.
SOURCES = [
    PythonPackage(
        "Python package safe-ds-datasets 0.19.0",
        "safe-ds-datasets==0.19.0",
        {
            "safeds_datasets/tabular/_house_sales/data/house_sales.csv": (
                "51ca5335289faa69ff4cff3c2a56ca0d165c994c3345a19810de90ea8d437802"
            )
        },
    )
]
TABLE = "house_sales.csv"
FIRST_YEAR, MONTHS = 2014, 12  # `month_of_sale` counts from its January
PARTS = ("train", "validation", "test")
UNUSABLE = "no price or no living area"

# The same house has the same place, lot and year of building; the table's id is a row number.
SAME_HOUSE = ["latitude", "longitude", "sqft_lot", "year_built"]
FEATURES = [
    "month_of_sale",
    "zipcode",
    "latitude",
    "longitude",
    "sqft_living",
    "sqft_above",
    "sqft_basement",
    "sqft_lot",
    "sqft_living_15nn",
    "sqft_lot_15nn",
    "floors",
    "bedrooms",
    "bathrooms",
    "grade",
    "condition",
    "view",
    "waterfront",
    "year_built",
    "year_renovated",
]


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write the three parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source, table = "committed sample", workspace.sample / TABLE
    else:
        source, table = fetch_first(SOURCES, workspace.raw), workspace.raw / TABLE
    sha256 = hashlib.sha256(table.read_bytes()).hexdigest()
    holdout.require_same_data(workspace, sha256, sample)

    read = pd.read_csv(table)
    sales, ledger = clean(read), Ledger(len(read))
    ledger.drop("cleaning", len(sales), UNUSABLE)
    parts = split(sales, workspace.seed, workspace.config["data"])
    files = {
        name: (write_part(workspace, name, part), list(part.id)) for name, part in parts.items()
    }
    counts = count(sales)
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(parts["test"]),
    )  # fmt: skip
    print(f"{len(sales):,} sales from the {source}: {counts}")


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """One part: id, house, price in dollars, and FEATURES."""
    return pd.read_csv(holdout.open_part(workspace, part, reader), dtype={"id": str})


def inputs(sales: pd.DataFrame) -> list[str]:
    """The house of each sale, in words: another sale of it is no other house."""
    return [" ".join(f"{value:.10g}" for value in house) for house in sales[SAME_HOUSE].to_numpy()]


def clean(table: pd.DataFrame) -> pd.DataFrame:
    """One row a sale, rows without a price or a living area left out.

    `month_of_sale` counts from January 2014; `house` is the number shared by sales of one house.
    """
    # practice: clean
    sales = table[(table.price > 0) & (table.sqft_living > 0)].reset_index(drop=True)
    sales["id"] = sales["id"].astype(str)
    sales["month_of_sale"] = (sales.year - FIRST_YEAR) * MONTHS + sales.month
    sales["house"] = connect(list(sales[SAME_HOUSE].itertuples(index=False, name=None)))
    return sales[["id", "house", "price", *FEATURES]]
    # practice: end


def split(sales: pd.DataFrame, seed: int, settings: Mapping[str, int]) -> dict[str, pd.DataFrame]:
    """Training, validation and test set by name, every house in one of them.

    The houses are dealt by `seed` into `parts` that are equally large; `test_parts` of these are
    the test set, `validation_parts` the validation set, the others the training set.
    """
    # practice: split
    folds = GroupKFold(n_splits=settings["parts"], shuffle=True, random_state=seed)
    fold = np.empty(len(sales), dtype=int)
    for number, (_, rows) in enumerate(folds.split(sales, groups=sales.house)):
        fold[rows] = number
    test = fold < settings["test_parts"]
    validation = ~test & (fold < settings["test_parts"] + settings["validation_parts"])
    chosen = {"train": ~test & ~validation, "validation": validation, "test": test}
    return {name: sales[chosen[name]].reset_index(drop=True) for name in PARTS}
    # practice: end


def count(sales: pd.DataFrame) -> dict[str, int]:
    """What the data sheet reports."""
    sizes = sales.house.value_counts()
    return {
        "sales": len(sales),
        "houses": len(sizes),
        "sales_of_a_house_sold_twice": int(sizes[sizes > 1].sum()),
        "exact_copies": int(sales.drop(columns="id").duplicated().sum()),
        "median_price": int(sales.price.median()),
    }


def write_part(workspace: Workspace, name: str, part: pd.DataFrame) -> Path:
    """Write one part as CSV."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.csv"
    part.to_csv(path, index=False, lineterminator="\n")
    return path
