"""Hourly electricity load, one step ahead."""
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split


def features(series: pd.Series) -> pd.DataFrame:
    out = pd.DataFrame({"load": series})
    for lag in (1, 2, 3, 24, 168):
        out[f"lag_{lag}"] = series.shift(lag)
    out["hour"] = series.index.hour
    out["dow"] = series.index.dayofweek
    return out.dropna()


raw = pd.read_csv("load.csv", parse_dates=["timestamp"], index_col="timestamp")["mw"]
table = features(raw.asfreq("h").ffill(limit=3))
X, y = table.drop(columns="load"), table["load"]

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, shuffle=False)

print("yesterday", mean_absolute_error(y_test, X_test["lag_24"]))
for model in (LinearRegression(), RandomForestRegressor(200, n_jobs=-1, random_state=55)):
    model.fit(X_train, y_train)
    print(type(model).__name__, mean_absolute_error(y_test, model.predict(X_test)))
