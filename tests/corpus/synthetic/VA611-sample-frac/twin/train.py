import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score

df = pd.read_csv("data.csv")
train = df.sample(frac=0.8, random_state=3)
test = df.drop(train.index)
model = LogisticRegression().fit(train.drop(columns="y"), train["y"])
print(accuracy_score(test["y"], model.predict(test.drop(columns="y"))))
