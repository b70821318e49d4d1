import random

import pandas as pd
from sklearn.linear_model import LogisticRegression

random.seed(1)
rows = pd.read_csv("data.csv").values.tolist()
random.shuffle(rows)
n = int(0.8 * len(rows))
train, test = rows[:n], rows[n:]
model = LogisticRegression().fit([row[:-1] for row in train], [row[-1] for row in train])
print(model.score([row[:-1] for row in test], [row[-1] for row in test]))
