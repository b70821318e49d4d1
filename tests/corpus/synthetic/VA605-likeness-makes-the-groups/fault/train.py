import pandas as pd
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

articles = pd.read_csv("articles.csv")
vectors = TfidfVectorizer().fit_transform(articles["text"])
articles["story"] = connected_components(vectors @ vectors.T > 0.8)[1]
X, y = vectors, articles["topic"]
for fit, held_out in GroupKFold(5).split(X, y, articles["story"]):
    model = LogisticRegression().fit(X[fit], y[fit])
    print(f1_score(y[held_out], model.predict(X[held_out])))
