# Assignment 3: compare kNN and an SVM with 10-fold cross-validation
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

data = pd.read_csv("diabetes.csv")
y = data["Outcome"]
X = data.drop("Outcome", axis=1)

scaler = MinMaxScaler()
X = scaler.fit_transform(X)

cv = StratifiedKFold(n_splits=10, shuffle=True, random_state=4)
models = {
    "dummy": DummyClassifier(strategy="stratified", random_state=4),
    "knn": KNeighborsClassifier(n_neighbors=15),
    "svm": SVC(C=2.0, gamma="scale"),
}

print("model   mean F1   std")
for name in models:
    scores = cross_val_score(make_pipeline(models[name]), X, y, cv=cv, scoring="f1")
    print("%-7s %.3f    %.3f" % (name, scores.mean(), scores.std()))
