import argparse

from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, roc_auc_score
from sklearn.model_selection import train_test_split

from sklearn.pipeline import make_pipeline

from prepare import make_scaler, make_xy, read_table


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--csv", default="data/telco.csv")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()

    X, y = make_xy(read_table(args.csv))
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=args.seed
    )

    for estimator in (DummyClassifier(strategy="prior"), LogisticRegression(max_iter=2000)):
        model = make_pipeline(make_scaler(), estimator)
        model.fit(X_train, y_train)
        prob = model.predict_proba(X_test)[:, 1]
        print(type(estimator).__name__, "AUC", round(roc_auc_score(y_test, prob), 3))
    print(classification_report(y_test, model.predict(X_test)))


if __name__ == "__main__":
    main()
