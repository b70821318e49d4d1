import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_percentage_error, r2_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("kc_houses.csv")

# ---- feature engineering ----
df["age"] = 2015 - df["yr_built"]
df["renovated"] = (df["yr_renovated"] > 0).astype(int)
df["price_per_sqft"] = df["price"] / df["sqft_living"]
df["lot_ratio"] = df["sqft_living"] / df["sqft_lot"]
df = df.drop(columns=["id", "date", "yr_built", "yr_renovated", "zipcode"])

X = df.drop(columns=["price"])
y = df["price"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=123)

for reg in [LinearRegression(), GradientBoostingRegressor(n_estimators=400, random_state=123)]:
    reg.fit(X_train, y_train)
    pred = reg.predict(X_test)
    print(
        reg.__class__.__name__,
        "R2 %.3f" % r2_score(y_test, pred),
        "MAPE %.1f %%" % (100 * mean_absolute_percentage_error(y_test, pred)),
    )
