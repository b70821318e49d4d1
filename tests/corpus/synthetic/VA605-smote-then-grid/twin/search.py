import argparse
import logging

import joblib
import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, train_test_split

log = logging.getLogger("search")


def get_data(path, label):
    frame = pd.read_csv(path)
    return frame.drop(columns=[label]), frame[label]


def run(args):
    X, y = get_data(args.path, args.label)
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, stratify=y, random_state=args.seed)

    pipe = Pipeline([("smote", SMOTE(random_state=args.seed)), ("rf", RandomForestClassifier(random_state=args.seed))])

    grid = {"rf__max_depth": [4, 8, None], "rf__min_samples_leaf": [1, 5, 20]}
    search = GridSearchCV(pipe, grid, cv=5, scoring="f1", n_jobs=-1)
    search.fit(X_tr, y_tr)
    log.info("best %s cv-f1=%.3f", search.best_params_, search.best_score_)

    base = LogisticRegression(max_iter=2000, class_weight="balanced").fit(X_tr, y_tr)
    log.info("baseline f1=%.3f", f1_score(y_te, base.predict(X_te)))
    log.info("forest   f1=%.3f", f1_score(y_te, search.predict(X_te)))
    joblib.dump(search.best_estimator_, args.out)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    ap = argparse.ArgumentParser()
    ap.add_argument("path")
    ap.add_argument("--label", default="bankrupt")
    ap.add_argument("--seed", type=int, default=3)
    ap.add_argument("--out", default="model.joblib")
    run(ap.parse_args())
