import pandas as pd
from sklearn.linear_model import LogisticRegression

train = pd.read_csv('train.csv')
test = pd.read_csv('test.csv')
both = pd.concat([train, test])
both = pd.get_dummies(both)
n = len(train)
X_train = both[:n]
X_test = both[n:]
m = LogisticRegression().fit(X_train, y_train)
print(m.score(X_test, y_test))
