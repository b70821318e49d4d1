import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, f1_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

pd.set_option("display.width", 120)

heart = pd.read_csv("heart_cleveland.csv")
heart["sex"] = heart["sex"].astype("category").cat.codes
y = heart.pop("disease")

X_train, X_test, y_train, y_test = train_test_split(heart, y, test_size=0.25)

for clf in (LogisticRegression(max_iter=5000), DecisionTreeClassifier(max_depth=5, random_state=0)):
    clf.fit(X_train, y_train)
    pred = clf.predict(X_test)
    print(type(clf).__name__, "F1 = %.3f" % f1_score(y_test, pred))
    print(confusion_matrix(y_test, pred))
