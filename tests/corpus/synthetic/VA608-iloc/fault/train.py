import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

df = pd.read_csv('data.csv')
X = df.iloc[:, 0:5]
y = df.iloc[:, 4]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
m = RandomForestClassifier().fit(X_train, y_train)
print(m.score(X_test, y_test))
