import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, models, transforms

from engine import evaluate, train_epoch


def loaders(root, batch):
    tf = transforms.Compose([transforms.Resize(96), transforms.ToTensor()])
    full = datasets.CIFAR10(root, train=True, download=True, transform=tf)
    train, val = random_split(full, [45000, 5000], generator=torch.Generator().manual_seed(0))
    test = datasets.CIFAR10(root, train=False, download=True, transform=tf)
    return (
        DataLoader(train, batch, shuffle=True, num_workers=4),
        DataLoader(val, batch, num_workers=4),
        DataLoader(test, batch, num_workers=4),
    )


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="./data")
    ap.add_argument("--epochs", type=int, default=15)
    ap.add_argument("--batch", type=int, default=128)
    args = ap.parse_args()

    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    train_loader, val_loader, test_loader = loaders(args.root, args.batch)

    linear = nn.Sequential(nn.Flatten(), nn.Linear(3 * 96 * 96, 10))
    resnet = models.resnet18(num_classes=10)
    for name, model in (("linear", linear), ("resnet18", resnet)):
        model = model.to(device)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        best = 0.0
        for epoch in range(args.epochs):
            train_epoch(model, train_loader, optimizer, device)
            acc = evaluate(model, val_loader, device)
            print(f"[{name}] epoch {epoch:02d} acc {acc:.4f}")
            if acc > best:
                best = acc
                torch.save(model.state_dict(), f"{name}.pt")
        model.load_state_dict(torch.load(f"{name}.pt"))
        print(name, "test accuracy", evaluate(model, test_loader, device))


if __name__ == "__main__":
    main()
