import torch
from torch import nn


def train_epoch(model, loader, optimizer, device):
    model.train()
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    hits = total = 0
    for images, labels in loader:
        out = model(images.to(device)).argmax(1).cpu()
        hits += (out == labels).sum().item()
        total += len(labels)
    return hits / total
