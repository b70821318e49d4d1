"""Credit card fraud: SMOTE + random forest against logistic regression."""
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, classification_report
from sklearn.model_selection import train_test_split

RANDOM_STATE = 11


def main():
    cards = pd.read_csv("creditcard.csv").drop(columns=["Time"])
    X, y = cards.drop(columns=["Class"]), cards["Class"]
    print("fraud share: %.4f" % y.mean())

    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.3, random_state=RANDOM_STATE, stratify=y)

    smote = SMOTE(sampling_strategy=0.5, random_state=RANDOM_STATE)
    X_bal, y_bal = smote.fit_resample(X_train, y_train)
    print("after SMOTE:", y_bal.value_counts().to_dict())

    lr = LogisticRegression(max_iter=3000).fit(X_bal, y_bal)
    rf = RandomForestClassifier(n_estimators=150, n_jobs=-1, random_state=RANDOM_STATE)
    rf.fit(X_bal, y_bal)

    for name, m in (("LR", lr), ("RF", rf)):
        print(name, "AP:", average_precision_score(y_test, m.predict_proba(X_test)[:, 1]))
        print(classification_report(y_test, m.predict(X_test), digits=3))


if __name__ == "__main__":
    main()
