import numpy as np
from sklearn.linear_model import LogisticRegression

X = np.random.rand(100, 4)
y = np.random.randint(0, 2, 100)
m = LogisticRegression().fit(X[:80], y[:80])
print(m.score(X[80:], y[80:]))
