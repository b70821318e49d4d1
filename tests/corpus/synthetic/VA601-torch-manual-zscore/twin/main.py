import torch
from torch import nn
from torch.utils.data import DataLoader

from data import load

torch.manual_seed(13)


class Net(nn.Module):
    def __init__(self, d_in, hidden=64):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(d_in, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, x):
        return self.layers(x)


def train(model, ds, epochs=60, lr=1e-3):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        for xb, yb in DataLoader(ds, batch_size=64, shuffle=True):
            loss = nn.functional.mse_loss(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()


if __name__ == "__main__":
    train_ds, test_ds = load()
    X_te, y_te = test_ds.tensors
    baseline = train_ds.tensors[1].mean()
    print("MAE of the mean :", (y_te - baseline).abs().mean().item())
    for name, model in {"linear": nn.Linear(X_te.shape[1], 1), "mlp": Net(X_te.shape[1])}.items():
        train(model, train_ds)
        with torch.no_grad():
            print(f"MAE {name:12s}:", (y_te - model(X_te)).abs().mean().item())
