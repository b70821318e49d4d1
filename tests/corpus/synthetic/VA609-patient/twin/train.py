import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold

df = pd.read_csv('data.csv')
X = df.drop(columns=['patient_id', 'y'])
y = df['y']
for a, b in GroupKFold(5).split(X, y, df['patient_id']):
    m = RandomForestClassifier().fit(X.iloc[a], y.iloc[a])
    print(m.score(X.iloc[b], y.iloc[b]))
