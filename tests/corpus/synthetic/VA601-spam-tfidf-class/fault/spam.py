"""SMS spam filter (UCI collection)."""
from __future__ import annotations

import csv
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import BernoulliNB
from sklearn.svm import LinearSVC


class SpamExperiment:
    def __init__(self, path: Path, seed: int = 0) -> None:
        self.path = path
        self.seed = seed
        self.vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, stop_words="english")

    def read(self) -> tuple[list[str], list[int]]:
        texts, labels = [], []
        with self.path.open(encoding="latin-1") as handle:
            for label, text, *_ in csv.reader(handle, delimiter="\t"):
                texts.append(text.lower())
                labels.append(int(label == "spam"))
        return texts, labels

    def split(self):
        texts, labels = self.read()
        matrix = self.vectorizer.fit_transform(texts)
        return train_test_split(matrix, labels, test_size=0.2, random_state=self.seed, stratify=labels)

    def run(self) -> None:
        X_tr, X_te, y_tr, y_te = self.split()
        for model in (BernoulliNB(), LinearSVC(C=0.5)):
            model.fit(X_tr, y_tr)
            pred = model.predict(X_te)
            print(
                f"{type(model).__name__:12s} "
                f"P={precision_score(y_te, pred):.3f} "
                f"R={recall_score(y_te, pred):.3f} F1={f1_score(y_te, pred):.3f}"
            )


if __name__ == "__main__":
    SpamExperiment(Path("SMSSpamCollection")).run()
