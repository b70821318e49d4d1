"""The commands of a page, and a shell that types them one after the other, as a reader would.

A block ```` ```console ```` holds lines behind `$ ` and, below each, what is to be seen; `…` stands
for anything there, on a line of its own for any lines. A block ```` ```sh ```` is typed as a whole.
A comment before a block says what it takes: `<!-- needs: environment -->`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

TOP = Path(__file__).parents[2]
FENCE = re.compile(
    r"^(?P<indent> *)(?:<!-- needs: (?P<needs>[\w, ]+) -->\n(?P=indent))?"
    r"```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
EXIT_CODE = re.compile(r"# exit code (\d+)")
MARK = "@@ command {} ended with"


@dataclass(frozen=True)
class Command:
    """What is typed, and what a page says of it."""

    page: Path
    line: int
    text: str
    shown: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()

    @property
    def code(self) -> int:
        found = EXIT_CODE.search(self.text)
        return int(found[1]) if found else 0

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(TOP)}:{self.line}: {self.text}"

    def misses(self, output: str) -> str:
        """The first line that the page shows and the output has not, "" if it has them all."""
        lines = [line.rstrip() for line in output.splitlines()]
        at, anywhere = 0, False
        for shown in self.shown:
            if shown == "…":
                anywhere = True
                continue
            pattern = re.escape(shown).replace("…", ".*")
            rest = range(at, len(lines) if anywhere else min(at + 1, len(lines)))
            found = next((here for here in rest if re.fullmatch(pattern, lines[here])), None)
            if found is None:
                return shown
            at, anywhere = found + 1, False
        if self.shown and not anywhere and at < len(lines):
            return f"nothing more, but there is: {lines[at]}"
        return ""


@dataclass(frozen=True)
class Page:
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def commands(self) -> list[Command]:
        return [
            command
            for block in FENCE.finditer(self.text)
            if block["language"] in {"console", "sh"}
            for command in self._commands_of(block)
        ]

    @property
    def needs(self) -> frozenset[str]:
        return frozenset().union(*(command.needs for command in self.commands))

    def _commands_of(self, block: re.Match[str]) -> Iterator[Command]:
        needs = frozenset((block["needs"] or "").replace(",", " ").split())
        first = self.text.count("\n", 0, block.start("body")) + 1
        lines = [line.removeprefix(block["indent"]) for line in block["body"].splitlines()]
        if block["language"] == "sh":
            yield Command(self.path, first, "\n".join(lines), needs=needs)
            return
        starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
        assert starts[:1] == [0], f"{self.path}:{first}: a console block begins with a prompt"
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            typed, shown = [lines[start][2:]], lines[start + 1 : end]
            while shown and shown[0].startswith("> "):
                typed.append(shown.pop(0)[2:])
            yield Command(self.path, first + start, "\n".join(typed), tuple(shown), needs)


def follow(
    commands: Sequence[Command],
    folder: Path,
    environment: Mapping[str, str],
    seconds: int,
    same: Mapping[str, str],
) -> None:
    """Type the commands into one shell; AssertionError at the first that goes another way.

    `same`: what is called otherwise here than on the page, as it is here and as it is there.
    """  # fmt: skip
    typed = [
        f"{each.text}\ncode=$?; echo; echo {MARK.format(n)} $code"
        for n, each in enumerate(commands)
    ]
    done = subprocess.run(
        ["bash", "-c", "\n".join(typed)], cwd=folder, env=dict(environment), timeout=seconds,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", check=False,
    )  # fmt: skip
    rest = done.stdout
    for here, there in same.items():
        rest = rest.replace(here, there)
    for number, command in enumerate(commands):
        mark = re.search(rf"\n?{re.escape(MARK.format(number))} (\d+)\n", rest)
        assert mark, f"{command.place}: the shell ended\n{rest}"
        output, rest = rest[: mark.start()].removesuffix("\n"), rest[mark.end() :]
        assert int(mark[1]) == command.code, f"{command.place}: exit code {mark[1]}\n{output}"
        missing = command.misses(output)
        assert not missing, f"{command.place}: not as shown: {missing}\n{output}"
