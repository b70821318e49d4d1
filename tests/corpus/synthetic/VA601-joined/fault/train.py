import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

train = pd.read_csv('train.csv')
test = pd.read_csv('test.csv')
both = pd.concat([train, test])
both = StandardScaler().fit_transform(both)
n = len(train)
X_train = both[:n]
X_test = both[n:]
m = LogisticRegression().fit(X_train, y_train)
print(m.score(X_test, y_test))
