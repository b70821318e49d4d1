import pandas as pd
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

def load():
    df = pd.read_csv('data.csv')
    return df.drop(columns=['y']), df['y']
def prep(X, y):
    return SelectKBest(k=10).fit(X, y)
X, y = load()
a, b, c, d = train_test_split(X, y, random_state=0)
s = prep(a, c)
m = LogisticRegression().fit(s.transform(a), c)
print(accuracy_score(d, m.predict(s.transform(b))))
