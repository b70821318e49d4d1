from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

digits = load_digits()
X_train, X_test, y_train, y_test = train_test_split(
    digits.data, digits.target, test_size=0.3, random_state=20
)

# scale pixels
scaler = MinMaxScaler()
X_train_scaled = scaler.fit_transform(X_train)
X_test_scaled = scaler.fit_transform(X_test)

clf = SVC(kernel="rbf", C=5, gamma=0.02)
clf.fit(X_train_scaled, y_train)
dummy = DummyClassifier(strategy="uniform", random_state=20).fit(X_train_scaled, y_train)

print("guessing:", accuracy_score(y_test, dummy.predict(X_test_scaled)))
print("svm     :", accuracy_score(y_test, clf.predict(X_test_scaled)))
