import glob
import os

import librosa
import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

from features import mfcc, variants

rng = np.random.default_rng(21)
files = sorted(glob.glob("recordings/*/*.wav"))
labels = [os.path.basename(os.path.dirname(f)) for f in files]


def table(paths, names, extra):
    X, y = [], []
    for path, name in zip(paths, names):
        wave, sr = librosa.load(path, sr=22050)
        X.append(mfcc(wave, sr))
        y.append(name)
        if not extra:
            continue
        for v in variants(wave, sr, rng):
            X.append(mfcc(v, sr))
            y.append(name)
    return np.array(X), np.array(y)


f_train, f_test, l_train, l_test = train_test_split(files, labels, test_size=0.25, random_state=21)
X_train, y_train = table(f_train, l_train, extra=True)
X_test, y_test = table(f_test, l_test, extra=False)

for clf in (DummyClassifier(), ExtraTreesClassifier(400, random_state=21)):
    clf.fit(X_train, y_train)
    print(clf.__class__.__name__, f1_score(y_test, clf.predict(X_test), average="macro"))
