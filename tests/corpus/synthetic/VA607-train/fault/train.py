import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score

df = pd.read_csv('data.csv')
X = df.drop('y', axis=1)
y = df['y']
m = RandomForestClassifier().fit(X, y)
print(accuracy_score(y, m.predict(X)))
