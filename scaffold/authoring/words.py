"""Sentences of a template that a run could make false.

Results, verdicts and numbers that are measured stand between markers, which `report` fills.
Outside them, in captions, alternative texts and pages, only what holds by design may stand: such
phrases are listed, with the reason, in a file of facts beside the template.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

VERDICT = re.compile(
    r"\b(better|worse|beat(?:s|en)?|wins?|won|outperform\w*|superior|inferior|unbeat\w*|"
    r"famous(?:ly)?|proven|promis\w+|state[- ]of[- ]the[- ]art|impressive\w*|remarkabl\w*)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?<![\w.])\d*\.\d+(?![\w.])|(?<![\w.])\d[\d,]*(?:\.\d+)? ?(?:%|per cent\b)")
# What is no text of its own: filled by a run, filled by the answers, code, addresses, hidden.
LEFT_OUT = (
    re.compile(r"<!-- result:([\w-]+) -->.*?<!-- /result:\1 -->", re.DOTALL),
    re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL),
    re.compile(r"```.*?```", re.DOTALL),
    re.compile(r"`[^`\n]+`|\]\([^)]*\)|<!--.*?-->", re.DOTALL),
)
QUESTION = re.compile(r"[^.!?:*|]*\?")
BY_DESIGN = ("95 %",)  # the level of every interval


def facts(file: Path) -> dict[str, str]:
    """Phrases that no run can change, each with the reason."""
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def texts(layer: Path) -> Iterator[tuple[str, str]]:
    """Everything of a layer that a reader sees, by place, without what a run fills in."""
    for path in sorted(layer.rglob("*.jinja")):
        if path.name.endswith((".md.jinja", ".html.jinja")):
            text = path.read_text(encoding="utf-8")
            for pattern in LEFT_OUT:
                text = pattern.sub(" ", text)
            if path.name.endswith(".html.jinja"):
                text = re.sub(r"<[^>]*>", " ", text)
            yield path.relative_to(layer).as_posix(), text
    for path in sorted(layer.rglob("src/**/*.py")):
        for line, text in captions(path):
            yield f"{path.relative_to(layer).as_posix()}:{line}", text
    told = tomllib.loads((layer / "template.toml").read_text(encoding="utf-8"))
    yield "template.toml", f"{told.get('summary', '')} {told.get('question', '')}"


def captions(module: Path) -> Iterator[tuple[int, str]]:
    """Literal text in the captions of tables and in both texts of pictures."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            shown = {"Table": node.args[:1], "Picture": node.args}.get(node.func.id, [])
            shown += [word.value for word in node.keywords if word.arg in {"caption", "alt"}]
            for argument in shown:
                yield node.lineno, " ".join(_words(argument))


def _words(node: ast.AST) -> Iterator[str]:
    """The literal text below a node; how a number is to be formatted is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.FormattedValue) and isinstance(child, ast.JoinedStr)):
            yield from _words(child)


def faults(text: str, allowed: Iterable[str]) -> list[str]:
    """Words of comparison and numbers in a text, with a little of what stands around them.

    A question claims nothing.
    """
    text = " ".join(text.split())
    for phrase in sorted(allowed, key=len, reverse=True):
        text = text.replace(" ".join(phrase.split()), " ")
    text = QUESTION.sub(" ", text)
    return [
        f"{text[max(0, found.start() - 40) : found.end() + 30]!r}"
        for pattern in (VERDICT, NUMBER)
        for found in pattern.finditer(text)
    ]


def faults_of_layer(layer: Path, file: Path) -> list[str]:
    """The same of all texts of a layer, each with its place; `file` has its facts."""
    allowed = (*BY_DESIGN, *facts(file))
    return [f"{place}: {fault}" for place, text in texts(layer) for fault in faults(text, allowed)]


def idle_facts(layer: Path, file: Path) -> list[str]:
    """Facts that stand nowhere, or that give no reason."""
    whole = " ".join(" ".join(text.split()) for _, text in texts(layer))
    return [
        phrase
        for phrase, reason in facts(file).items()
        if " ".join(phrase.split()) not in whole or not reason
    ]
