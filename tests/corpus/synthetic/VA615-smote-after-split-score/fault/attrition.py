import argparse

import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.metrics import classification_report
from sklearn.tree import DecisionTreeClassifier


def parse():
    p = argparse.ArgumentParser(description="IBM HR attrition")
    p.add_argument("--file", default="WA_Fn-UseC_-HR-Employee-Attrition.csv")
    p.add_argument("--seed", type=int, default=0)
    return p.parse_args()


def load(file):
    hr = pd.read_csv(file).drop(columns=["EmployeeCount", "Over18", "StandardHours", "EmployeeNumber"])
    y = (hr.pop("Attrition") == "Yes").astype(int)
    return pd.get_dummies(hr), y


def main():
    args = parse()
    X, y = load(args.file)
    print(y.value_counts())          # 1233 stay, 237 leave
    X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=args.seed)
    X_tr, y_tr = SMOTE(random_state=args.seed).fit_resample(X_tr, y_tr)

    tree = DecisionTreeClassifier(max_depth=4, random_state=args.seed).fit(X_tr, y_tr)
    forest = RandomForestClassifier(500, random_state=args.seed).fit(X_tr, y_tr)
    print("tree  :", tree.score(X_te, y_te))
    print("forest:", forest.score(X_te, y_te))


if __name__ == "__main__":
    main()
