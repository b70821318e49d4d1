import pandas as pd
from keras.callbacks import EarlyStopping
from keras.layers import Dense, Input
from keras.models import Model
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

df = pd.read_csv("data.csv")
X = df.drop(columns="y")
y = df["y"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
inputs = Input((8,))
model = Model(inputs, Dense(1)(inputs))
model.compile("adam", "mse")
model.fit(X_train, y_train, validation_split=0.2, callbacks=[EarlyStopping(patience=3)])
print(model.evaluate(X_test, y_test))
print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
