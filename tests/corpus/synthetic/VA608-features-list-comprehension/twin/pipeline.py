import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

import config


def columns(df: pd.DataFrame) -> list[str]:
    """Names of the model's inputs."""
    return [c for c in df.columns if c not in (config.TARGET, *config.IGNORED)]


def pipeline(df: pd.DataFrame, names: list[str], estimator) -> Pipeline:
    text = [c for c in names if df[c].dtype == object]
    ohe = OneHotEncoder(handle_unknown="ignore", min_frequency=20)
    return Pipeline([
        ("prep", ColumnTransformer([("cat", ohe, text)], remainder="passthrough")),
        ("reg", estimator),
    ])


def main() -> None:
    df = pd.read_csv("survey.csv")
    names = columns(df)
    train, test = train_test_split(df, test_size=config.TEST_SHARE, random_state=config.SEED)
    for est in (DummyRegressor(strategy="median"), LGBMRegressor(random_state=config.SEED)):
        pipe = pipeline(df, names, est).fit(train[names], train[config.TARGET])
        mae = mean_absolute_error(test[config.TARGET], pipe.predict(test[names]))
        print(type(est).__name__, f"{mae:,.0f}")


if __name__ == "__main__":
    main()
