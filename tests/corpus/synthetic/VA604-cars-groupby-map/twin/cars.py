import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

df = pd.read_csv("used_cars.csv")
df = df[(df.price > 500) & (df.price < 80_000)]
df["age"] = 2022 - df["year"]
df["automatic"] = (df["gearbox"] == "automatic").astype(int)

train, test = train_test_split(df, test_size=0.2, random_state=8)
train, test = train.copy(), test.copy()

# brands -> one number
brand_price = train.groupby("brand")["price"].mean()
for part in (train, test):
    part["brand_level"] = part["brand"].map(brand_price).fillna(train["price"].mean())

feats = ["age", "km", "power", "automatic", "brand_level"]

for model in (LinearRegression(), RandomForestRegressor(300, random_state=8, n_jobs=-1)):
    model.fit(train[feats], train["price"])
    mae = mean_absolute_error(test["price"], model.predict(test[feats]))
    print(f"{model.__class__.__name__:24s} MAE = {mae:,.0f} EUR")
