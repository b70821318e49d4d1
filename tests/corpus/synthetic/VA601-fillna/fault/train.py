import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

df = pd.read_csv('data.csv')
df['age'] = df['age'].fillna(df['age'].mean())
X_train, X_test, y_train, y_test = train_test_split(df.drop('y', axis=1), df['y'], random_state=1)
m = LogisticRegression().fit(X_train, y_train)
print(m.score(X_test, y_test))
