import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

df = pd.read_csv('data.csv')
X_train, X_test, y_train, y_test = train_test_split(df.drop('y', axis=1), df['y'], random_state=1)
sc = StandardScaler()
X_train = sc.fit_transform(X_train)
X_test = sc.transform(X_test)
m = LogisticRegression().fit(X_train, y_train)
print(m.score(X_test, y_test))
