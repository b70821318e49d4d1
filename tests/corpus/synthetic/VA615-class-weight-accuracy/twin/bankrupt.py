"""Bankruptcy: about 3 % of the firms in the table fail."""
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

firms = pd.read_csv("taiwan_bankruptcy.csv")
y = firms.pop("Bankrupt?")
X_train, X_test, y_train, y_test = train_test_split(
    firms, y, test_size=0.2, stratify=y, random_state=1
)

models = {
    "majority": DummyClassifier(strategy="most_frequent"),
    "logistic": LogisticRegression(class_weight="balanced", max_iter=5000),
}
for name, clf in models.items():
    pipe = make_pipeline(StandardScaler(), clf).fit(X_train, y_train)
    pred = pipe.predict(X_test)
    print(f"{name:10s} accuracy {accuracy_score(y_test, pred):.3f} "
          f"balanced {balanced_accuracy_score(y_test, pred):.3f}")
