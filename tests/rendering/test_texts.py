"""No sentence of a template says what a run could make false.

Results, verdicts and numbers that are measured stand between markers, which `report` fills.
Outside them, in captions, alternative texts and pages, only what holds by design may stand: such
phrases are listed, with the reason, in facts/TEMPLATE.toml.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffold import catalogue

FACTS = Path(__file__).parent / "facts"
LAYERS = sorted(path.parent for path in catalogue.root().glob("*/template.toml"))
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


def facts(layer: Path) -> dict[str, str]:
    """Phrases of a layer that no run can change, each with the reason."""
    path = FACTS / f"{layer.name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


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


def faults(text: str, allowed: Iterator[str] | tuple[str, ...]) -> list[str]:
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


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_what_stands_outside_the_markers_holds_for_every_run(layer: Path) -> None:
    allowed = (*BY_DESIGN, *facts(layer))
    found = [f"{place}: {fault}" for place, text in texts(layer) for fault in faults(text, allowed)]
    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_listed_fact_stands_somewhere_and_says_why(layer: Path) -> None:
    whole = " ".join(" ".join(text.split()) for _, text in texts(layer))
    for phrase, reason in facts(layer).items():
        assert " ".join(phrase.split()) in whole, phrase
        assert reason


def test_no_number_of_template_toml_stands_outside_the_markers_but_the_level_to_expect() -> None:
    """It is what a correct run comes to, not what this one did."""
    found = [
        (path.relative_to(catalogue.root()).as_posix(), name)
        for path in sorted(catalogue.root().rglob("*.jinja"))
        if path.is_file()
        for name in re.findall(r"template\.target\.(\w+)", path.read_text(encoding="utf-8"))
    ]
    level = [(place, name) for place, name in found if name not in {"label", "higher_is_better"}]
    assert level == [("_base/README.md.jinja", "gate")]


@pytest.mark.parametrize(
    "sentence",
    [
        "The model beats the rule.",
        "It keeps its promise.",
        "Accuracy is 0.93 here.",
        "It catches 97 % of them.",
        "This famously works.",
        "Can it? A better model can.",
    ],
)
def test_a_sentence_that_a_run_could_make_false_is_found(sentence: str) -> None:
    assert faults(sentence, ())
    assert faults(sentence, (sentence,)) == []


def test_what_a_run_fills_in_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "template.toml").write_text('summary = "Counts."\n', encoding="utf-8")
    (tmp_path / "README.md.jinja").write_text(
        "<!-- result:headline -->\nIt beats 0.5.\n<!-- /result:headline -->\n{{ 0.5 }} `0.5`\n",
        encoding="utf-8",
    )
    assert [faults(text, ()) for _, text in texts(tmp_path)] == [[], []]


def test_captions_and_alternative_texts_are_read(tmp_path: Path) -> None:
    module = tmp_path / "evaluate.py"
    module.write_text(
        'Table(f"Beats {share:.0%}.", [])\nPicture("A", alt="The model wins.")\nother("wins")\n',
        encoding="utf-8",
    )
    found = [fault for _, text in captions(module) for fault in faults(text, ())]
    assert len(found) == 2
