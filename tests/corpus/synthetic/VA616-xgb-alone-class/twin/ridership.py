from dataclasses import dataclass

import numpy as np
import pandas as pd
from xgboost import XGBRegressor


@dataclass
class Forecaster:
    """Daily metro riders one week ahead."""

    path: str
    horizon: int = 7
    test_days: int = 120

    def table(self) -> pd.DataFrame:
        riders = pd.read_csv(self.path, parse_dates=["day"], index_col="day").sort_index()
        out = riders.copy()
        for k in (7, 14, 21, 28):
            out[f"lag_{k}"] = riders["riders"].shift(k)
        out["weekday"] = out.index.dayofweek
        return out.dropna()

    def run(self) -> dict:
        t = self.table()
        train, test = t.iloc[: -self.test_days], t.iloc[-self.test_days:]
        cols = [c for c in t.columns if c.startswith("lag_")] + ["weekday"]
        model = XGBRegressor(n_estimators=300, max_depth=4, random_state=0)
        model.fit(train[cols], train["riders"])
        truth = test["riders"].to_numpy()
        return {
            "xgboost": np.abs(truth - model.predict(test[cols])).mean(),
            "same day last week": np.abs(truth - test["lag_7"].to_numpy()).mean(),
        }


if __name__ == "__main__":
    for name, mae in Forecaster("metro.csv").run().items():
        print(f"{name:15s} MAE {mae:,.0f}")
