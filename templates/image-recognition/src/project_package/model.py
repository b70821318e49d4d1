"""The network and what it becomes when it is shipped. Nothing here reads or writes a file.

Images enter as float32, shape (n, 1, 28, 28), 0 for the ground and 1 for the brightest garment.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

KERNEL = 3  # a convolution's side, in pixels
BRIGHTEST = 255  # of a grey level in a byte
SEARCH_STEPS = 100  # of the temperature; it has settled long before
FLATTEST = 0.01  # the inverse temperature that the search may not fall below


class ResidualNetwork(nn.Module):
    """Six 3 × 3 convolutions, four of them in two residual blocks (He et al., 2016)."""

    def __init__(
        self,
        classes: int,
        width: int,
        logit_scale: float,
        mean: float = 0.0,
        deviation: float = 1.0,
    ) -> None:
        """`width` channels at 28 pixels, twice as many at 14, twice more at 7.

        `mean` and `deviation` of the training pixels are what the network carries with it;
        `logit_scale` keeps early steps calm, as the largest of 49 places overshoots at first.
        """
        super().__init__()
        first, second, third = width, width * 2, width * 2 * 2
        self.logit_scale = logit_scale
        self.register_buffer("mean", torch.tensor(float(mean)))
        self.register_buffer("deviation", torch.tensor(float(deviation)))
        self.features = nn.Sequential(
            convolution(1, first),
            nn.MaxPool2d(2),
            convolution(first, second),
            ResidualBlock(second),
            nn.MaxPool2d(2),
            convolution(second, third),
            ResidualBlock(third),
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Linear(third, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits, shape (n, classes)."""
        seen = (images - self.mean) / self.deviation
        scores: Tensor = self.head(self.features(seen)) * self.logit_scale
        return scores


class ResidualBlock(nn.Module):
    """x + two convolutions of x, each with its own ReLU (Page, 2018)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            convolution(channels, channels), convolution(channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Same shape as `x`."""
        result: Tensor = x + self.change(x)
        return result


class Recogniser(nn.Module):
    """What is shipped: both mirror images averaged, logits calibrated, probabilities out."""

    def __init__(self, network: ResidualNetwork, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("temperature", torch.tensor(float(temperature)))

    def forward(self, images: Tensor) -> Tensor:
        """Probabilities, shape (n, classes)."""
        return torch.softmax(flip_averaged(self.network, images) / self.temperature, dim=1)


def convolution(before: int, after: int) -> nn.Sequential:
    """3 × 3 convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(before, after, KERNEL, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()
    )


def flip_averaged(network: nn.Module, images: Tensor) -> Tensor:
    """Mean logits of every image and its mirror image, shape (n, classes)."""
    logits: Tensor = (network(images) + network(images.flip(-1))) / 2
    return logits


def as_input(pixels: Tensor) -> Tensor:
    """uint8 (n, 28, 28) to the network's input."""
    return pixels.unsqueeze(1).float() / BRIGHTEST


def augment(pixels: Tensor, shift: int, random: torch.Generator) -> Tensor:
    """Every image mirrored or not and moved by up to `shift` pixels, shape as `pixels`."""
    # practice: augment
    rows, side, device = len(pixels), pixels.shape[-1], pixels.device
    mirrored = (torch.rand(rows, generator=random) < 0.5).to(device)
    corner = torch.randint(0, 2 * shift + 1, (2, rows, 1), generator=random).to(device)
    flipped = torch.where(mirrored[:, None, None], pixels.flip(2), pixels)
    padded = nn.functional.pad(flipped, [shift] * 2 * 2)
    down, across = corner + torch.arange(side, device=device)
    each = torch.arange(rows, device=device)
    return padded[each[:, None, None], down[:, :, None], across[:, None, :]]
    # practice: end


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The divisor of the logits with the lowest log loss (Guo et al., 2017)."""
    # practice: fit_temperature
    inverse = torch.ones((), requires_grad=True)
    search = torch.optim.LBFGS([inverse], max_iter=SEARCH_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        value = nn.functional.cross_entropy(logits * inverse, labels)
        value.backward()
        return value

    search.step(loss)
    return float(1 / inverse.detach().clamp(min=FLATTEST))
    # practice: end


def cheapest_threshold(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], error_cost: float
) -> float:
    """The confidence from which on to answer, when asking a person costs 1, an error `error_cost`.

    Halfway between two images, so that the threshold does not sit on one of them.
    """
    # practice: cheapest_threshold
    order = np.argsort(-confidence, kind="stable")
    errors = np.concatenate([[0], np.cumsum(~right[order])])
    asked = np.arange(len(order), -1, -1)
    answered = int(np.argmin(errors * error_cost + asked))
    edges = np.concatenate([[1.0], confidence[order], [0.0]])
    return float((edges[answered] + edges[answered + 1]) / 2)
    # practice: end
