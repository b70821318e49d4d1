"""How the library speaks while it works: through a reporter that the command line hands in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

State = Literal["running", "done", "skipped", "failed"]


class Reporter(Protocol):
    """Receives what happens, in order; a step is told twice: that it runs, then how it ended."""

    def step(self, name: str, state: State, detail: str = "", seconds: float | None = None) -> None:
        """A step begins (`running`) or ends (`done`, `skipped`, `failed`)."""
        ...

    def progress(self, text: str) -> None:
        """A sign of life of the running step; a later one may replace it."""
        ...

    def message(self, text: str) -> None:
        """A sentence that should stay on the screen."""
        ...


class Silent:
    """Says nothing."""

    def step(self, name: str, state: State, detail: str = "", seconds: float | None = None) -> None:
        pass

    def progress(self, text: str) -> None:
        pass

    def message(self, text: str) -> None:
        pass


SILENT = Silent()


@dataclass
class Recording:
    """Keeps what was said, for tests and for many projects at once."""

    steps: list[tuple[str, State]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def step(self, name: str, state: State, detail: str = "", seconds: float | None = None) -> None:
        self.steps.append((name, state))

    def progress(self, text: str) -> None:
        self.texts.append(text)

    def message(self, text: str) -> None:
        self.messages.append(text)
