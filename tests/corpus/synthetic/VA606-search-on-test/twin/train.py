import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, train_test_split

df = pd.read_csv("data.csv")
X = df.drop(columns="y")
y = df["y"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1, 10]}, cv=5)
search.fit(X_train, y_train)
model = LogisticRegression(**search.best_params_).fit(X_train, y_train)
print(accuracy_score(y_test, model.predict(X_test)))
