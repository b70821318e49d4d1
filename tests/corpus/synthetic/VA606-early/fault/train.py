import pandas as pd
from sklearn.model_selection import train_test_split
from tensorflow.keras.callbacks import EarlyStopping
from tensorflow.keras import Sequential

df = pd.read_csv('data.csv')
X_train, X_test, y_train, y_test = train_test_split(df.drop('y', axis=1), df['y'], random_state=1)
model = Sequential()
es = EarlyStopping(patience=3)
model.fit(X_train, y_train, validation_data=(X_test, y_test), callbacks=[es])
print(model.evaluate(X_test, y_test))
