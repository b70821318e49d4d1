import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

weather = pd.read_csv("stations.csv")
cols = ["altitude", "latitude", "humidity", "pressure"]

train, test = train_test_split(weather, test_size=0.3, random_state=66)
train, test = train.copy(), test.copy()

imputer = SimpleImputer(strategy="median")
scaler = StandardScaler()

for part in (train, test):
    part[cols] = imputer.fit_transform(part[cols])
    part[cols] = scaler.fit_transform(part[cols])

for reg in (Ridge(), RandomForestRegressor(random_state=66)):
    reg.fit(train[cols], train["rainfall"])
    print(type(reg).__name__, mean_absolute_error(test["rainfall"], reg.predict(test[cols])))
