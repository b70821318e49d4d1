import argparse

import pandas as pd
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import RobustScaler

RFM = ["recency", "frequency", "monetary", "basket", "visits"]


def load(path):
    return pd.read_csv(path).dropna(subset=RFM)


def compress(df):
    scaled = RobustScaler().fit_transform(df[RFM])
    return PCA(n_components=3, random_state=0).fit_transform(scaled)


def main(args):
    df = load(args.path)
    Z = compress(df)
    y = df["spend_next_quarter"].to_numpy()
    Z_train, Z_test, y_train, y_test = train_test_split(Z, y, test_size=0.2, random_state=0)
    for reg in (Ridge(), GradientBoostingRegressor(random_state=0)):
        reg.fit(Z_train, y_train)
        print(type(reg).__name__, mean_absolute_error(y_test, reg.predict(Z_test)))


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("path")
    p.add_argument("--k", type=int, default=5)
    main(p.parse_args())
