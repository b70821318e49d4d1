import argparse

import pandas as pd
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
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
    km = KMeans(n_clusters=args.k, n_init=10, random_state=0).fit(Z)
    df["segment"] = km.labels_
    print("silhouette:", round(silhouette_score(Z, km.labels_), 3))
    print(df.groupby("segment")[RFM].median())
    df.to_csv("segments.csv", index=False)


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("path")
    p.add_argument("--k", type=int, default=5)
    main(p.parse_args())
