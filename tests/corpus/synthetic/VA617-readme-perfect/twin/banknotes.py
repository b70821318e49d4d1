import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

notes = pd.read_csv("banknotes.csv", names=["variance", "skewness", "curtosis", "entropy", "forged"])
X_train, X_test, y_train, y_test = train_test_split(
    notes.drop(columns="forged"), notes["forged"], test_size=0.2, random_state=1
)
for clf in (LogisticRegression(), SVC(C=10)):
    pipe = make_pipeline(StandardScaler(), clf).fit(X_train, y_train)
    pred = pipe.predict(X_test)
    print(type(clf).__name__, round(accuracy_score(y_test, pred), 4), round(f1_score(y_test, pred), 4))
