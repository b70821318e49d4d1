import lightgbm as lgb
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("data.csv")
X = df.drop(columns="y")
y = df["y"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
X_fit, X_val, y_fit, y_val = train_test_split(X_train, y_train, random_state=1)
rows = lgb.Dataset(X_fit, y_fit)
held_out = lgb.Dataset(X_test, y_test, reference=rows)
model = lgb.train({}, rows, valid_sets=[held_out], callbacks=[lgb.early_stopping(20)])
print(roc_auc_score(y_test, model.predict(X_test)))
print(roc_auc_score(y_test, LogisticRegression().fit(X_fit, y_fit).predict(X_test)))
