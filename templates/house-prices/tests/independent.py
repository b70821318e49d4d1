"""What test_recompute.py needs to know of this project, from pandas and scikit-learn alone."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from project_package.predict import Appraiser
from project_package.workspace import Workspace

RAW = "house_sales.csv"
CHANCE = (0.3, 0.6)  # of the headline, with prices shuffled among the houses
BASELINE_LEVEL = {  # on the sample, whatever the seed
    "ridge with zip code": 0.17,
    "nearest sales": 0.18,
    "linear model": 0.21,
    "median price": 0.43,
}
AREAS = ["sqft_living", "sqft_above", "sqft_basement", "sqft_lot", "sqft_living_15nn"]
PLAIN = ["month_of_sale", "latitude", "longitude", "floors", "bedrooms", "bathrooms", "grade",
         "condition", "view", "waterfront", "year_built"]  # fmt: skip


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, bootstrap unit and price of the sealed test set."""
    test = pd.read_csv(workspace.processed / "test.csv")
    return pd.DataFrame({"id": test.id, "group": test.house, "truth": test.price})


def metric(truth: ArrayLike, predicted: ArrayLike) -> float:
    """The headline's metric."""
    ratio = pd.Series(np.asarray(predicted)) / pd.Series(np.asarray(truth))
    return float((ratio - 1).abs().quantile(0.5))


def raw_file(workspace: Workspace) -> Path:
    """The table that the run began with."""
    sample = json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]
    return (workspace.sample if sample else workspace.raw) / RAW


def raw_count(workspace: Workspace) -> int:
    """Sales in that table."""
    return len(pd.read_csv(raw_file(workspace)))


def unusable(workspace: Workspace) -> int:
    """Sales without a price or a living area."""
    table = pd.read_csv(raw_file(workspace))
    return int(((table.price <= 0) | (table.sqft_living <= 0)).sum())


DROPS = {"no price or no living area": unusable}


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Give every sale the price of another one."""
    table = pd.read_csv(folder / RAW)
    table["price"] = random.permutation(table.price)
    table.to_csv(folder / RAW, index=False)


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the model in models/ says of the sealed test set."""
    return Appraiser.load(workspace).prices(pd.read_csv(workspace.processed / "test.csv"))


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Each baseline tuned and fitted anew on the sealed training set: prices of the test set."""
    train, test = (pd.read_csv(workspace.processed / f"{part}.csv") for part in ("train", "test"))
    folds = GroupKFold(
        workspace.config["train"]["folds"], shuffle=True, random_state=workspace.seed
    )

    def linear(district: bool) -> TransformedTargetRegressor:
        columns = [
            (make_pipeline(FunctionTransformer(np.log1p), StandardScaler()), AREAS),
            (StandardScaler(), PLAIN),
        ]
        if district:
            columns.append(
                (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["zipcode"])
            )
        return dollars(make_pipeline(make_column_transformer(*columns), Ridge()))

    searched = {
        "ridge with zip code": (linear(True), {"regressor__ridge__alpha": [0.1, 1, 10]}),
        "nearest sales": (
            dollars(
                make_pipeline(
                    FunctionTransformer(places_and_sizes),
                    KNeighborsRegressor(weights="distance", algorithm="brute"),
                )
            ),
            {"regressor__kneighborsregressor__n_neighbors": [5, 8, 10, 15, 20]},
        ),
    }
    fitted = {
        name: GridSearchCV(
            regressor, grid, cv=folds, scoring=lambda fit, x, y: -metric(y, fit.predict(x))
        ).fit(train, train.price, groups=train.house)
        for name, (regressor, grid) in searched.items()
    }
    fitted["linear model"] = linear(False).fit(train, train.price)
    fitted["median price"] = dollars(DummyRegressor(strategy="median")).fit(train, train.price)
    return {name: regressor.predict(test) for name, regressor in fitted.items()}


def dollars(regressor: object) -> TransformedTargetRegressor:
    """Fitted to the logarithm of the price, asked in dollars."""
    return TransformedTargetRegressor(regressor, func=np.log, inverse_func=np.exp)


def places_and_sizes(houses: pd.DataFrame) -> np.ndarray:
    """Columns in which a difference of one sets two houses about equally far apart."""
    return np.column_stack(
        [
            37.1 * houses.latitude,
            25.1 * houses.longitude,
            3 * np.log(houses.sqft_living),
            0.7 * np.log(houses.sqft_lot),
            houses.grade,
            0.3 * houses.condition,
            0.7 * houses["view"],
            5 * houses.waterfront,
            houses.year_built / 30,
        ]
    )
