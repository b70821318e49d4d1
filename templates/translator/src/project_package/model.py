"""The transformer (Vaswani et al., 2017) and, beside it, a recurrent network with attention.

Both read pieces of English, shape (n, read), and learn to continue pieces of German, shape
(n, written), which begin with START; 0 fills up rows that are shorter. One table of vectors serves
to read, to write and to choose the next piece. No input or output.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from .subwords import NOTHING

WAVES = 10_000.0  # longest wave of a place, as in the paper

Settings = Mapping[str, Any]


def build(pieces: int, settings: Settings, kind: str = "transformer") -> "Network":
    """The network of `[model]` for a vocabulary of so many pieces."""
    return KINDS[kind](pieces, settings)


def places(many: int, width: int) -> Tensor:
    """A pattern of waves for each place in a text, shape (many, width)."""
    waves = torch.exp(torch.arange(0, width, 2) * (-math.log(WAVES) / width))
    angles = torch.arange(many)[:, None] * waves
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)


def drop(values: Tensor, share: float, random: torch.Generator | None) -> Tensor:
    """While training, a share of the values put out and the others raised; else as they are."""
    if random is None or share <= 0:
        return values
    kept = torch.empty_like(values).bernoulli_(1 - share, generator=random)
    return values * kept / (1 - share)


class Network(nn.Module):
    """What both have in common: vectors of pieces, and the scores of the next one."""

    def __init__(self, pieces: int, settings: Settings) -> None:
        super().__init__()
        self.width, self.dropout = settings["width"], settings["dropout"]
        self.pieces = nn.Parameter(torch.randn(pieces, self.width) / math.sqrt(self.width))
        self.bias = nn.Parameter(torch.zeros(pieces))

    def read(self, source: Tensor, random: torch.Generator | None = None) -> tuple[Tensor, ...]:
        """A memory of the source."""
        raise NotImplementedError

    def write(
        self, written: Tensor, memory: tuple[Tensor, ...], random: torch.Generator | None = None
    ) -> Tensor:
        """At each place what is known of the next piece, shape (n, written, width)."""
        raise NotImplementedError

    def forward(
        self, source: Tensor, written: Tensor, random: torch.Generator | None = None
    ) -> Tensor:
        """As `write`; with `random`, as in training, parts are dropped."""
        return self.write(written, self.read(source, random), random)

    def logits(self, known: Tensor) -> Tensor:
        """Scores of every piece."""
        return functional.linear(known, self.pieces, self.bias)

    def vectors(self, numbers: Tensor) -> Tensor:
        """Of each piece its vector, as long as a pattern of places."""
        return functional.embedding(numbers, self.pieces) * math.sqrt(self.width)


class Attention(nn.Module):
    """Looks from each place to places of a memory, by several heads."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.asks, self.gives = nn.Linear(width, width), nn.Linear(width, width)
        self.keys, self.values = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, from_: Tensor, to: Tensor, hidden: Tensor | None, ahead: bool) -> Tensor:
        """`hidden` is false where nothing may be looked at; with `ahead` only backwards."""

        def split(values: Tensor) -> Tensor:
            return values.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        seen = functional.scaled_dot_product_attention(
            split(self.asks(from_)), split(self.keys(to)), split(self.values(to)),
            attn_mask=hidden, is_causal=ahead,
        )  # fmt: skip
        found: Tensor = self.gives(seen.transpose(1, 2).flatten(2))
        return found


class Layer(nn.Module):
    """Looks at its own text, at the memory if there is one, and thinks; each adds to what was."""

    def __init__(self, settings: Settings, writes: bool) -> None:
        super().__init__()
        width, self.writes, self.dropout = settings["width"], writes, settings["dropout"]
        self.own = Attention(width, settings["heads"])
        self.own_norm, self.think_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        if writes:
            self.other, self.other_norm = Attention(width, settings["heads"]), nn.LayerNorm(width)
        self.first = nn.Linear(width, settings["hidden"])
        self.second = nn.Linear(settings["hidden"], width)

    def forward(
        self, state: Tensor, hidden: Tensor | None, memory: Tensor | None,
        random: torch.Generator | None,
    ) -> Tensor:  # fmt: skip
        """The same places, shape (n, places, width), one layer further."""
        own, seen = self.own_norm(state), None if self.writes else hidden
        state = state + drop(self.own(own, own, seen, self.writes), self.dropout, random)
        if memory is not None:
            looked = self.other(self.other_norm(state), memory, hidden, False)
            state = state + drop(looked, self.dropout, random)
        thought = torch.relu(self.first(self.think_norm(state)))
        return state + drop(self.second(thought), self.dropout, random)


class Transformer(Network):
    """Layers that read, layers that write."""

    def __init__(self, pieces: int, settings: Settings) -> None:
        super().__init__(pieces, settings)
        many = range(settings["layers"])
        self.readers = nn.ModuleList(Layer(settings, writes=False) for _ in many)
        self.writers = nn.ModuleList(Layer(settings, writes=True) for _ in many)
        self.read_norm, self.write_norm = nn.LayerNorm(self.width), nn.LayerNorm(self.width)

    def read(self, source: Tensor, random: torch.Generator | None = None) -> tuple[Tensor, ...]:
        """The memory, shape (n, read, width), and where there is a piece, (n, 1, 1, read)."""
        hidden = (source != NOTHING)[:, None, None]
        state = self._placed(source, random)
        for layer in self.readers:
            state = layer(state, hidden, None, random)
        return self.read_norm(state), hidden

    def write(
        self, written: Tensor, memory: tuple[Tensor, ...], random: torch.Generator | None = None
    ) -> Tensor:
        """At each place what is known of the next piece."""
        state, (read, hidden) = self._placed(written, random), memory
        for layer in self.writers:
            state = layer(state, hidden, read, random)
        known: Tensor = self.write_norm(state)
        return known

    def _placed(self, numbers: Tensor, random: torch.Generator | None) -> Tensor:
        placed = self.vectors(numbers) + places(numbers.shape[1], self.width)
        return drop(placed, self.dropout, random)


class Recurrent(Network):
    """Two gated recurrent units, and attention from one to the other (Luong et al., 2015)."""

    def __init__(self, pieces: int, settings: Settings) -> None:
        super().__init__(pieces, settings)
        width = self.width
        self.reader = nn.GRU(width, width, batch_first=True)
        self.backward_reader = nn.GRU(width, width, batch_first=True)
        self.memory = nn.Linear(2 * width, width)
        self.writer = nn.GRU(width, width, batch_first=True)
        self.asks, self.gives = nn.Linear(width, width), nn.Linear(2 * width, width)

    def read(self, source: Tensor, random: torch.Generator | None = None) -> tuple[Tensor, ...]:
        """The memory, where there is a piece, (n, 1, read), and the writer's first state."""
        there = source != NOTHING
        vectors = drop(self.vectors(source), self.dropout, random)
        onward, _ = self.reader(vectors)
        lengths = there.sum(1, keepdim=True)
        turned = lengths - 1 - torch.arange(source.shape[1])
        turned = torch.where(turned < 0, turned + source.shape[1], turned)[:, :, None]
        back, _ = self.backward_reader(vectors.gather(1, turned.expand_as(vectors)))
        back = back.gather(1, turned.expand_as(back))
        memory = torch.tanh(self.memory(torch.cat([onward, back], dim=2)))
        memory = drop(memory, self.dropout, random)
        mean = (memory * there[:, :, None]).sum(1) / lengths
        return memory, there[:, None], mean[None]

    def write(
        self, written: Tensor, memory: tuple[Tensor, ...], random: torch.Generator | None = None
    ) -> Tensor:
        """At each place what is known of the next piece."""
        return self.go_on(written, memory, memory[2], random)[0]

    def go_on(
        self, written: Tensor, memory: tuple[Tensor, ...], state: Tensor,
        random: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """The same from a state on, (1, n, width), and the state thereafter."""
        read, there, _ = memory
        vectors = drop(self.vectors(written), self.dropout, random)
        told, state = self.writer(vectors, state)
        likeness = (self.asks(told) @ read.transpose(1, 2)).masked_fill(~there, -math.inf)
        looked = torch.softmax(likeness, dim=2) @ read
        known = torch.tanh(self.gives(torch.cat([told, looked], dim=2)))
        return drop(known, self.dropout, random), state


KINDS: dict[str, type[Network]] = {"transformer": Transformer, "recurrent": Recurrent}
