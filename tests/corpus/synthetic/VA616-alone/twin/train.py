import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

frame = pd.read_csv("sales.csv")
X = frame.drop(columns=["sold"])
y = frame["sold"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
from sklearn.dummy import DummyClassifier

for model in (DummyClassifier(), GradientBoostingClassifier(random_state=0)):
    model.fit(X_train, y_train)
    print(accuracy_score(y_test, model.predict(X_test)))
