import seaborn as sns
from sklearn.dummy import DummyClassifier
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler

penguins = sns.load_dataset("penguins").dropna()

# sklearn wants numbers
for col in ["species", "island", "sex"]:
    penguins[col + "_code"] = LabelEncoder().fit_transform(penguins[col])

y = penguins["species_code"]
X = penguins.drop(columns=["species", "species_code", "island", "sex"])
print(X.columns)

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.33, random_state=9)

dummy = DummyClassifier(strategy="most_frequent").fit(X_train, y_train)
mlp = make_pipeline(StandardScaler(), MLPClassifier((16,), max_iter=2000, random_state=9))
mlp.fit(X_train, y_train)

print(classification_report(y_test, dummy.predict(X_test), zero_division=0))
print(classification_report(y_test, mlp.predict(X_test)))
