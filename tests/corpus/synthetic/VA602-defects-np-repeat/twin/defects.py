import numpy as np
import torch
import torch.nn as nn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

torch.manual_seed(5)
np.random.seed(5)


def read():
    d = np.load("casting_features.npz")
    return d["features"].astype(np.float32), d["defect"].astype(np.int64)


X, y = read()
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=5)
train_ds = TensorDataset(torch.tensor(X_tr), torch.tensor(y_tr))
# defects are rare (about 4 %): draw every defect row eight times as often
times = np.where(y_tr == 1, 8.0, 1.0)
loader = DataLoader(train_ds, batch_size=128, sampler=WeightedRandomSampler(times, len(times)))

net = nn.Sequential(nn.Linear(X.shape[1], 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 2))
opt = torch.optim.AdamW(net.parameters(), lr=5e-4)
for epoch in range(30):
    net.train()
    for xb, yb in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(net(xb), yb).backward()
        opt.step()

net.eval()
with torch.no_grad():
    pred = net(torch.tensor(X_te)).argmax(1).numpy()
simple = LogisticRegression(max_iter=1000).fit(X_tr, y_tr)
print("F1 logistic regression:", f1_score(y_te, simple.predict(X_te)))
print("F1 network:", f1_score(y_te, pred))
