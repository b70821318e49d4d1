import argparse

import pandas as pd
import torch
from sklearn.metrics import f1_score
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split


class SoilSpectra(Dataset):
    def __init__(self, path):
        df = pd.read_csv(path)
        self.y = torch.tensor(df["texture_class"].to_numpy())
        self.x = torch.tensor(df.filter(like="nm_").to_numpy(), dtype=torch.float32)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def fit(model, loader, epochs):
    opt = torch.optim.Adam(model.parameters())
    for _ in range(epochs):
        for x, t in loader:
            opt.zero_grad()
            nn.functional.cross_entropy(model(x), t).backward()
            opt.step()
    return model.eval()


@torch.no_grad()
def score(model, loader):
    pairs = [(model(x).argmax(1), t) for x, t in loader]
    pred = torch.cat([p for p, _ in pairs])
    true = torch.cat([t for _, t in pairs])
    return f1_score(true, pred, average="macro")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("csv")
    parser.add_argument("--epochs", type=int, default=40)
    opt = parser.parse_args()

    torch.manual_seed(1)
    dataset = SoilSpectra(opt.csv)
    n_test = len(dataset) // 5
    train_set, test_set = random_split(dataset, [len(dataset) - n_test, n_test])
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=256)

    d = dataset.x.shape[1]
    nets = {
        "softmax": nn.Linear(d, 12),
        "cnn": nn.Sequential(nn.Unflatten(1, (1, d)), nn.Conv1d(1, 16, 9), nn.ReLU(),
                             nn.AdaptiveAvgPool1d(8), nn.Flatten(), nn.Linear(128, 12)),
    }
    for name, net in nets.items():
        print(name, "macro F1", score(fit(net, train_loader, opt.epochs), test_loader))
