import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

SEED = 5
SETTINGS = {"Logistic regression": 1.0, "SVM": 0.87, "Random forest": 0.91}   # C, C, max_features


def split(path="sonar.csv"):
    df = pd.read_csv(path)
    X, y = df.iloc[:, :-1], (df.iloc[:, -1] == "M").astype(int)
    return train_test_split(X, y, test_size=0.3, random_state=SEED)


def make():
    return {
        "Logistic regression": LogisticRegression(C=SETTINGS["Logistic regression"], max_iter=2000),
        "SVM": SVC(C=SETTINGS["SVM"]),
        "Random forest": RandomForestClassifier(max_features=SETTINGS["Random forest"], random_state=SEED),
    }
