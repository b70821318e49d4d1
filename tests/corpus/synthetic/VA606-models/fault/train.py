import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

df = pd.read_csv('data.csv')
X_train, X_test, y_train, y_test = train_test_split(df.drop('y', axis=1), df['y'], random_state=1)
best_score = 0
for C in [.1, 1, 10]:
    m = LogisticRegression(C=C).fit(X_train, y_train)
    s = accuracy_score(y_test, m.predict(X_test))
    if s > best_score:
        best_score = s
best = m
print(best_score)
