import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

frame = pd.read_csv("steps.csv")
print(frame.groupby("subject")["gait"].count())
X_train, X_test, y_train, y_test = train_test_split(
    frame[["acceleration", "turn"]], frame["gait"], random_state=4
)
model = LogisticRegression().fit(X_train, y_train)
print(f1_score(y_test, model.predict(X_test)))
