import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

df = pd.read_csv('data.csv')
X = df.drop('y', axis=1) + np.random.normal(size=(100, 4))
y = df['y']
m = LogisticRegression().fit(X[:80], y[:80])
print(m.score(X[80:], y[80:]))
