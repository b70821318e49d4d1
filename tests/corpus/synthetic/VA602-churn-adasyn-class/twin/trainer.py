from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import ADASYN
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier


@dataclass
class Trainer:
    path: str
    label: str = "churned"
    seed: int = 99
    sampler: Any = field(default=None)

    def __post_init__(self):
        self.sampler = ADASYN(random_state=self.seed, n_neighbors=5)

    def load(self):
        df = pd.read_parquet(self.path)
        self.y = df[self.label].to_numpy()
        self.X = pd.get_dummies(df.drop(columns=self.label)).to_numpy(dtype=float)
        return self

    def prepare(self):
        parts = train_test_split(self.X, self.y, test_size=0.25, random_state=self.seed)
        self.X_train, self.X_test, self.y_train, self.y_test = parts
        self.X_train, self.y_train = self.sampler.fit_resample(self.X_train, self.y_train)
        return self

    def fit(self):
        self.simple = LogisticRegression(max_iter=2000).fit(self.X_train, self.y_train)
        self.model = XGBClassifier(n_estimators=250, max_depth=5, random_state=self.seed)
        self.model.fit(self.X_train, self.y_train)
        return self

    def report(self):
        for m in (self.simple, self.model):
            score = roc_auc_score(self.y_test, m.predict_proba(self.X_test)[:, 1])
            print(f"{type(m).__name__}: ROC-AUC {score:.3f}")


if __name__ == "__main__":
    Trainer("churn.parquet").load().prepare().fit().report()
