import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

frame = pd.read_csv("letters.csv")
words = frame["subject"] + " " + frame["text"]
X_train, X_test, y_train, y_test = train_test_split(words, frame["spam"], random_state=4)
model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(X_train, y_train)
print(f1_score(y_test, model.predict(X_test)))
