import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

df = pd.read_csv('data.csv')
X_train, X_test, y_train, y_test = train_test_split(df.drop('y', axis=1), df['y'], random_state=1)
models = {'lr': LogisticRegression(), 'rf': RandomForestClassifier()}
for name, m in models.items():
    m.fit(X_train, y_train)
    print(name, accuracy_score(y_test, m.predict(X_test)))
