import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

df = pd.read_csv('data.csv', parse_dates=['Date'])
df['lag'] = df['Close'].shift(1)
X = df[['lag']]
y = df['Close']
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
m = RandomForestClassifier().fit(X_train, y_train)
print(m.score(X_test, y_test))
