import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import train_test_split
from lightgbm import LGBMClassifier

SEED = 2023

df = pd.read_csv("credit_default.csv")
target = df.pop("default")

tr_x, te_x, tr_y, te_y = train_test_split(df, target, test_size=0.2, random_state=SEED)

# one frame for both parts so that the dummy columns line up
both = pd.concat([tr_x, te_x], axis=0)
both = pd.get_dummies(both, columns=["education", "marriage", "sex"])

# compress the six monthly bill amounts
bill_cols = [c for c in both.columns if c.startswith("BILL_AMT")]
pca = PCA(n_components=2, random_state=SEED)
pca.fit(both[bill_cols].iloc[: len(tr_y)])
comps = pca.transform(both[bill_cols])
both["bill_pc1"], both["bill_pc2"] = comps[:, 0], comps[:, 1]
both = both.drop(columns=bill_cols)

tr_x, te_x = both.iloc[: len(tr_y)], both.iloc[len(tr_y):]
print("explained:", pca.explained_variance_ratio_.round(3))

models = {
    "logreg": LogisticRegression(max_iter=5000),
    "lgbm": LGBMClassifier(n_estimators=300, learning_rate=0.05, random_state=SEED),
}
for name, model in models.items():
    model.fit(tr_x, tr_y)
    p = model.predict_proba(te_x)[:, 1]
    print(name, "AUC=%.3f" % roc_auc_score(te_y, p), "AP=%.3f" % average_precision_score(te_y, p))
