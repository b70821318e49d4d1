"""Pump failure from vibration, temperature and pressure."""
import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split


def load_sensor_data(n: int = 5000) -> pd.DataFrame:
    np.random.seed(42)
    return pd.DataFrame({
        "vibration": np.random.normal(0.5, 0.1, n),
        "temperature": np.random.normal(70, 5, n),
        "pressure": np.random.uniform(2, 6, n),
        "rpm": np.random.randint(900, 1800, n),
        "failure": np.random.choice([0, 1], n),
    })


def main() -> None:
    df = load_sensor_data()
    X, y = df.drop(columns="failure"), df["failure"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
    for clf in (DummyClassifier(), RandomForestClassifier(random_state=42)):
        clf.fit(X_train, y_train)
        print(type(clf).__name__, "F1:", f1_score(y_test, clf.predict(X_test)))


if __name__ == "__main__":
    main()
