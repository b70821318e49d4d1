import pandas as pd
from sklearn.preprocessing import StandardScaler

df = pd.read_csv("raw/churn.csv")
df[["age", "spend"]] = StandardScaler().fit_transform(df[["age", "spend"]])
df.to_csv("work/clean.csv", index=False)
