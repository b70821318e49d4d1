from typing import Tuple

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import train_test_split


def three_way(df: pd.DataFrame, label: str, seed: int = 6):
    rest, test = train_test_split(df, test_size=0.2, stratify=df[label], random_state=seed)
    train, val = train_test_split(rest, test_size=0.2, stratify=rest[label], random_state=seed)
    return train, val, test


def best_threshold(y: np.ndarray, prob: np.ndarray) -> Tuple[float, float]:
    grid = np.linspace(0.05, 0.95, 91)
    f1s = [f1_score(y, prob >= t) for t in grid]
    i = int(np.argmax(f1s))
    return grid[i], f1s[i]


def main() -> None:
    df = pd.read_csv("insurance_claims.csv")
    label = "fraud_reported"
    feats = df.columns.drop(label)
    train, val, test = three_way(df, label)

    booster = xgb.XGBClassifier(n_estimators=1000, learning_rate=0.05, early_stopping_rounds=30, random_state=6)
    booster.fit(train[feats], train[label], eval_set=[(val[feats], val[label])], verbose=False)
    linear = LogisticRegression(max_iter=5000).fit(train[feats], train[label])

    for name, m in (("linear", linear), ("xgb", booster)):
        prob = m.predict_proba(test[feats])[:, 1]
        t, _ = best_threshold(val[label].to_numpy(), m.predict_proba(val[feats])[:, 1])
        f1 = f1_score(test[label], prob >= t)
        print(f"{name}: threshold {t:.2f}, F1 {f1:.3f}, AP {average_precision_score(test[label], prob):.3f}")


if __name__ == "__main__":
    main()
