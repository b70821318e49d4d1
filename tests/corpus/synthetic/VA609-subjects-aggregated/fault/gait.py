import argparse

import pandas as pd
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

SENSOR = ["acc_mean", "acc_std", "gyro_mean", "gyro_std", "cadence"]


def read(path: str) -> pd.DataFrame:
    """One row per walking window, about 40 windows per subject."""
    return pd.read_csv(path).dropna(subset=SENSOR)


def summarise(windows: pd.DataFrame) -> pd.DataFrame:
    windows = windows[windows["cadence"].between(60, 160)]
    windows["turning"] = (windows["gyro_std"] > 1.5).astype(int)
    return windows


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("csv")
    ap.add_argument("--seed", type=int, default=0)
    ns = ap.parse_args()

    table = summarise(read(ns.csv))
    print(table.shape, table["subject"].nunique(), "subjects")
    train, test = train_test_split(table, test_size=0.25, random_state=ns.seed)

    for reg in (DummyRegressor(), RandomForestRegressor(random_state=ns.seed)):
        reg.fit(train[SENSOR], train["fall_risk"])
        print(type(reg).__name__, mean_absolute_error(test["fall_risk"], reg.predict(test[SENSOR])))


if __name__ == "__main__":
    main()
