import pandas as pd
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import PoissonRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, TimeSeriesSplit, cross_val_score


class PollenTable:
    """Daily pollen counts with weather of the days before."""

    windows = (3, 7, 14)

    def __init__(self, path: str):
        self.df = pd.read_csv(path, parse_dates=["day"]).sort_values("day").set_index("day")

    def xy(self):
        d = self.df
        X = pd.DataFrame(index=d.index)
        for w in self.windows:
            X[f"pollen_mean_{w}"] = d["pollen"].rolling(w).mean().shift(1)
            X[f"temp_max_{w}"] = d["temp"].rolling(w).max().shift(1)
        X["doy"] = d.index.dayofyear
        keep = X.notna().all(axis=1)
        return X[keep], d.loc[keep, "pollen"]


def main():
    X, y = PollenTable("pollen_daily.csv").xy()
    cv = TimeSeriesSplit(n_splits=5, gap=14)
    for est in (
        DummyRegressor(strategy="median"),
        PoissonRegressor(max_iter=1000),
        HistGradientBoostingRegressor(loss="poisson", random_state=6),
    ):
        mae = -cross_val_score(est, X, y, cv=cv, scoring="neg_mean_absolute_error")
        print(f"{type(est).__name__:32s} {mae.mean():7.2f} +- {mae.std():.2f}")


if __name__ == "__main__":
    main()
