import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("data.csv")
X = df.drop(columns="y")
y = df["y"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
X_fit, X_val, y_fit, y_val = train_test_split(X_train, y_train, random_state=1)
model = LogisticRegression().fit(X_fit, y_fit)
chances = model.predict_proba(X_val)[:, 1]
for limit in np.arange(0.1, 0.9, 0.1):
    print(limit, accuracy_score(y_val, chances > limit))
print(accuracy_score(y_test, model.predict(X_test)))
