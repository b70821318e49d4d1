import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score

df = pd.read_csv("data.csv")
mask = np.random.rand(len(df)) < 0.8
train, test = df[mask], df[~mask]
model = LogisticRegression().fit(train.drop(columns="y"), train["y"])
print(accuracy_score(test["y"], model.predict(test.drop(columns="y"))))
