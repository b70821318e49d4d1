"""Crop recommendation from soil values."""
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import classification_report, f1_score
from sklearn.model_selection import train_test_split

FEATURES = ["N", "P", "K", "temperature", "humidity", "ph", "rainfall"]


def main(path: str = "crops.csv") -> None:
    crops = pd.read_csv(path)
    X_train, X_test, y_train, y_test = train_test_split(
        crops[FEATURES], crops["label"], test_size=0.2, random_state=27
    )
    model = RandomForestClassifier(n_estimators=200, random_state=27)
    model.fit(X_train, y_train)
    pred = model.predict(X_test)
    print(classification_report(y_test, pred))
    print("macro F1:", f1_score(y_test, pred, average="macro"))


if __name__ == "__main__":
    main()
