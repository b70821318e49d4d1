import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

X = np.load("images.npy")
y = np.load("labels.npy")


def augment(images):
    return images[:, :, ::-1]


X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
X_train = np.concatenate([X_train, augment(X_train)])
y_train = np.concatenate([y_train, y_train])
model = RandomForestClassifier().fit(X_train, y_train)
print(model.score(X_test, y_test))
