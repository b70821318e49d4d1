import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(3)

frame = pd.read_excel("ENB2012_data.xlsx").sample(frac=1, random_state=3)
X = frame[[f"X{i}" for i in range(1, 9)]].to_numpy("float32")
y = frame["Y1"].to_numpy("float32")
n = int(0.8 * len(X))


def build() -> keras.Model:
    model = keras.Sequential([
        keras.Input((8,)),
        layers.BatchNormalization(),
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ])
    model.compile("adam", "mse", metrics=["mae"])
    return model


net = build()
net.fit(X[:n], y[:n], epochs=200, batch_size=32, verbose=0)
mse, mae = net.evaluate(X[n:], y[n:], verbose=0)

line = LinearRegression().fit(X[:n], y[:n])
print(f"linear model: MAE {mean_absolute_error(y[n:], line.predict(X[n:])):.2f} kWh")
print(f"network:      MAE {mae:.2f} kWh, RMSE {np.sqrt(mse):.2f}")
