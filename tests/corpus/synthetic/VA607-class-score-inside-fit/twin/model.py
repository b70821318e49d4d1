from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier


class MushroomModel:
    """Edible or not? Wraps a decision tree, with naive Bayes for comparison."""

    def __init__(self, depth: int | None = None, seed: int = 0):
        self.tree = DecisionTreeClassifier(max_depth=depth, random_state=seed)
        self.bayes = GaussianNB()
        self.seed = seed

    def encode(self, df: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        y = (df["class"] == "p").to_numpy(int)
        return pd.get_dummies(df.drop(columns="class")).to_numpy(float), y

    def fit(self, df: pd.DataFrame) -> "MushroomModel":
        X, y = self.encode(df)
        self.X_, self.X_new_, self.y_, self.y_new_ = train_test_split(
            X, y, test_size=0.3, random_state=self.seed
        )
        for m in (self.bayes, self.tree):
            m.fit(self.X_, self.y_)
        return self

    def summary(self) -> dict[str, float]:
        return {
            type(m).__name__: f1_score(self.y_new_, m.predict(self.X_new_))
            for m in (self.bayes, self.tree)
        }
