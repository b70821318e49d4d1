import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import nn

torch.manual_seed(4)
rng = np.random.default_rng(4)

z = np.load("har_windows.npz")
signals = torch.tensor(z["signals"], dtype=torch.float32)      # (windows, 6, 128)
activity = torch.tensor(z["activity"])
subject = z["subject_id"]
print("windows per subject:", np.bincount(subject)[1:])

order = rng.permutation(np.unique(subject))
cut = int(0.7 * len(order))
train = np.flatnonzero(np.isin(subject, order[:cut]))
test = np.flatnonzero(np.isin(subject, order[cut:]))


def small_cnn():
    return nn.Sequential(
        nn.Conv1d(6, 32, 7, padding=3), nn.ReLU(), nn.MaxPool1d(4),
        nn.Conv1d(32, 64, 5, padding=2), nn.ReLU(), nn.AdaptiveAvgPool1d(1),
        nn.Flatten(), nn.Linear(64, 6),
    )


def fit(model, epochs=25):
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(train), len(train) // 64):
            opt.zero_grad()
            nn.functional.cross_entropy(model(signals[batch]), activity[batch]).backward()
            opt.step()
    return model.eval()


for name, model in (("linear", nn.Sequential(nn.Flatten(), nn.Linear(768, 6))), ("cnn", small_cnn())):
    fit(model)
    with torch.no_grad():
        pred = model(signals[test]).argmax(1)
    print(name, "macro F1", f1_score(activity[test], pred, average="macro"))
