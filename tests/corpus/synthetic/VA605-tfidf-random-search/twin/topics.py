"""News topics: search over a linear classifier."""
from typing import List, Tuple

import numpy as np
from scipy.stats import loguniform
from sklearn.datasets import fetch_20newsgroups
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import RandomizedSearchCV, cross_val_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline

CATEGORIES = ["sci.space", "sci.med", "rec.autos", "talk.politics.misc"]


def corpus() -> Tuple[List[str], np.ndarray]:
    bunch = fetch_20newsgroups(
        subset="train", categories=CATEGORIES, remove=("headers", "footers", "quotes")
    )
    return bunch.data, bunch.target


def vectorizer() -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, max_df=0.6, min_df=3)


def main() -> None:
    docs, topics = corpus()
    pipe = Pipeline([("tfidf", vectorizer()), ("sgd", SGDClassifier(random_state=12))])
    simple = Pipeline([("tfidf", vectorizer()), ("nb", MultinomialNB())])

    print("NB macro-F1", cross_val_score(simple, docs, topics, cv=5, scoring="f1_macro").mean())
    search = RandomizedSearchCV(
        pipe,
        {"sgd__alpha": loguniform(1e-6, 1e-2), "sgd__loss": ["hinge", "modified_huber"]},
        n_iter=25,
        cv=5,
        scoring="f1_macro",
        random_state=12,
    )
    search.fit(docs, topics)
    print("SGD macro-F1", search.best_score_, search.best_params_)


if __name__ == "__main__":
    main()
