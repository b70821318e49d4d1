import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

df = pd.read_csv('data.csv')
X = df.iloc[:, :-1]
y = df.iloc[:, -1]
X, y = SMOTE(random_state=1).fit_resample(X, y)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=.2, random_state=1)
m = RandomForestClassifier().fit(X_train, y_train)
print(f1_score(y_test, m.predict(X_test)))
