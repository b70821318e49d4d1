import pandas as pd
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

def load():
    df = pd.read_csv('data.csv')
    return df.drop(columns=['y']), df['y']
def prep(X):
    return SelectKBest(k=10).fit_transform(X, y)
X, y = load()
X = prep(X)
a, b, c, d = train_test_split(X, y, random_state=0)
m = LogisticRegression().fit(a, c)
print(accuracy_score(d, m.predict(b)))
