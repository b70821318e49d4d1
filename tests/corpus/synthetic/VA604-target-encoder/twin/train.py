import pandas as pd
from category_encoders import TargetEncoder
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

frame = pd.read_csv("sales.csv")
X = frame.drop(columns=["sold"])
y = frame["sold"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
encoder = TargetEncoder()
X_train = encoder.fit_transform(X_train, y_train)
X_test = encoder.transform(X_test)
model = RandomForestClassifier().fit(X_train, y_train)
print(model.score(X_test, y_test))
