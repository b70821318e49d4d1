"""Arrhythmia per heart beat. `beats.csv` has many beats of each patient."""
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupShuffleSplit, train_test_split

beats = pd.read_csv("beats.csv")
print(len(beats), "beats of", beats["patient_id"].nunique(), "patients")

X = beats.drop(columns=["patient_id", "arrhythmia"])
y = beats["arrhythmia"]

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=18)

for clf in (LogisticRegression(max_iter=5000), RandomForestClassifier(300, random_state=18)):
    clf.fit(X_train, y_train)
    print(type(clf).__name__, "F1", round(f1_score(y_test, clf.predict(X_test)), 3))
