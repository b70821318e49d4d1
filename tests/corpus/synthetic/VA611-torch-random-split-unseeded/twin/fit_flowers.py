import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms

from common import setup

device = setup()
tf = transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()])
flowers = datasets.ImageFolder("flowers", transform=tf)

n_test = int(0.2 * len(flowers))
train_ds, test_ds = random_split(flowers, [len(flowers) - n_test, n_test])
train_dl = DataLoader(train_ds, batch_size=64, shuffle=True)
test_dl = DataLoader(test_ds, batch_size=256)
k = len(flowers.classes)

nets = {
    "linear": nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, k)),
    "cnn": nn.Sequential(
        nn.Conv2d(3, 32, 3, stride=2), nn.ReLU(), nn.Conv2d(32, 64, 3, stride=2), nn.ReLU(),
        nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(64 * 16, k),
    ),
}
for name, net in nets.items():
    net.to(device)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(10):
        for x, y in train_dl:
            opt.zero_grad()
            nn.functional.cross_entropy(net(x.to(device)), y.to(device)).backward()
            opt.step()
    net.eval()
    right = 0
    with torch.no_grad():
        for x, y in test_dl:
            right += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
    print(f"{name}: {right / n_test:.3f}")
