import pandas as pd

df = pd.read_csv("raw/churn.csv")
df["age"] = df["age"].clip(0, 99)
df.to_csv("work/clean.csv", index=False)
