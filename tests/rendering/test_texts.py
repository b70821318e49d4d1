"""No sentence of a template says what a run could make false.

Results, verdicts and numbers that are measured stand between markers, which `report` fills.
Outside them, in captions, alternative texts and pages, only what holds by design may stand: such
phrases are listed, with the reason, in facts/TEMPLATE.toml.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scaffold import catalogue
from scaffold.authoring.words import captions, faults, faults_of_layer, idle_facts, texts

FACTS = Path(__file__).parent / "facts"
LAYERS = sorted(path.parent for path in catalogue.root().glob("*/template.toml"))


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_what_stands_outside_the_markers_holds_for_every_run(layer: Path) -> None:
    found = faults_of_layer(layer, FACTS / f"{layer.name}.toml")
    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_listed_fact_stands_somewhere_and_says_why(layer: Path) -> None:
    assert idle_facts(layer, FACTS / f"{layer.name}.toml") == []


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
