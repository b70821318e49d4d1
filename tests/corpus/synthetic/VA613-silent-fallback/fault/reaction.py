import argparse

from sklearn.dummy import DummyRegressor
from sklearn.linear_model import RidgeCV
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.svm import SVR

from data.loader import load

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="data/eeg.npz")
    args = parser.parse_args()
    power, rt = load(args.data)
    P_train, P_test, r_train, r_test = train_test_split(power, rt, test_size=0.2, random_state=1)
    for reg in (DummyRegressor(), RidgeCV(), SVR(C=100)):
        reg.fit(P_train, r_train)
        print(f"{type(reg).__name__}: {mean_absolute_error(r_test, reg.predict(P_test)):.1f} ms")
