import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("data.csv")
X = df.drop(columns="y")
y = df["y"]
forest = RandomForestClassifier(random_state=1).fit(X, y)
importances = pd.Series(forest.feature_importances_, index=X.columns)
X = X[importances.nlargest(10).index]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
model = LogisticRegression().fit(X_train, y_train)
print(accuracy_score(y_test, model.predict(X_test)))
