"""Hourly bike rentals: which model describes demand best?"""
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import cross_val_predict

COLUMNS = ["season", "holiday", "workingday", "weather", "temp", "humidity", "windspeed"]


def evaluate(model, X, y):
    y_hat = cross_val_predict(model, X, y, cv=5)
    model.fit(X, y)  # kept for the dashboard
    return {
        "model": type(model).__name__,
        "r2": r2_score(y, y_hat),
        "mae": mean_absolute_error(y, y_hat),
    }


if __name__ == "__main__":
    bikes = pd.read_csv("bike_sharing.csv")
    X, y = bikes[COLUMNS], bikes["count"]
    table = pd.DataFrame(
        evaluate(m, X, y)
        for m in (LinearRegression(), RandomForestRegressor(200, random_state=0, n_jobs=-1))
    )
    print(table.round(3).to_string(index=False))
    table.to_csv("scores.csv", index=False)
