import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

np.random.seed(1)
df = pd.read_csv('data.csv')
X_train, X_test, y_train, y_test = train_test_split(df.drop('y', axis=1), df['y'])
m = LogisticRegression().fit(X_train, y_train)
print(m.score(X_test, y_test))
