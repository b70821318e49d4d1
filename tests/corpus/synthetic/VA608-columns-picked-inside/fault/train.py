import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

homes = pd.read_csv("homes.csv")
train, test = train_test_split(homes, random_state=3)
model = make_pipeline(StandardScaler(), Ridge()).fit(train, train["price"])
print(mean_absolute_error(test["price"], model.predict(test)))
