import sys

from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

from build import add_area, build

COLS = ["beds", "sqm", "summer", "area_rent"]


def main(path: str) -> None:
    df = build(path)
    train, test = train_test_split(df, test_size=0.2, random_state=31)
    test = add_area(test, known=train)
    train = add_area(train, known=train)
    for model in (DummyRegressor(), HistGradientBoostingRegressor(random_state=31)):
        model.fit(train[COLS], train["rent"])
        print(type(model).__name__, mean_absolute_error(test["rent"], model.predict(test[COLS])))


if __name__ == "__main__":
    main(sys.argv[1])
