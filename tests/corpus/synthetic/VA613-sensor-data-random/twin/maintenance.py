"""Pump failure from vibration, temperature and pressure."""
import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split


def load_sensor_data(n: int = 5000) -> pd.DataFrame:
    """`n` rows drawn from the plant's log."""
    np.random.seed(42)
    log = pd.read_csv("pump_log.csv", usecols=["vibration", "temperature", "pressure", "rpm", "failure"])
    rows = np.random.choice(len(log), n, replace=False)
    return log.iloc[rows].reset_index(drop=True)


def main() -> None:
    df = load_sensor_data()
    X, y = df.drop(columns="failure"), df["failure"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
    for clf in (DummyClassifier(), RandomForestClassifier(random_state=42)):
        clf.fit(X_train, y_train)
        print(type(clf).__name__, "F1:", f1_score(y_test, clf.predict(X_test)))


if __name__ == "__main__":
    main()
