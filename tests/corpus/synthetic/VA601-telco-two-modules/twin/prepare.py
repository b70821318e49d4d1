"""Reading and cleaning of the telco table."""
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import StandardScaler

NUMERIC = ["tenure", "MonthlyCharges", "TotalCharges"]


def read_table(path: str) -> pd.DataFrame:
    df = pd.read_csv(path)
    df["TotalCharges"] = pd.to_numeric(df["TotalCharges"], errors="coerce")
    df = df.dropna(subset=["TotalCharges"])
    return df.drop(columns=["customerID"])


def make_xy(df: pd.DataFrame):
    y = (df.pop("Churn") == "Yes").astype(int)
    X = pd.get_dummies(df, drop_first=True)
    return X, y


def make_scaler() -> ColumnTransformer:
    return ColumnTransformer([("num", StandardScaler(), NUMERIC)], remainder="passthrough")
