import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(1)


def load_images(path="leaves_64.npz"):
    z = np.load(path)
    return z["images"].astype("float32") / 255.0, z["species"]


def augment(images, labels):
    """Mirror every picture left-right and turn it by 90 degrees."""
    flipped = images[:, :, ::-1, :]
    turned = np.rot90(images, axes=(1, 2))
    return np.concatenate([images, flipped, turned]), np.concatenate([labels] * 3)


def build(n_classes):
    return keras.Sequential([
        layers.Conv2D(32, 3, activation="relu", input_shape=(64, 64, 3)),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(n_classes, activation="softmax"),
    ])


X, y = load_images()
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=1, stratify=y)
X_train, y_train = augment(X_train, y_train)

model = build(len(np.unique(y)))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=20, batch_size=32)

flat = LogisticRegression(max_iter=500).fit(X_train.reshape(len(X_train), -1), y_train)
print("pixels + logistic regression:", flat.score(X_test.reshape(len(X_test), -1), y_test))
print("CNN:", model.evaluate(X_test, y_test, verbose=0)[1])
