from __future__ import annotations

from pathlib import Path

import pytest

from scaffold import catalogue as catalogue_module
from scaffold.catalogue import Data, Target, names, source, template
from scaffold.errors import TemplateError, UnknownName
from tests.factories import TINY, make_catalogue

REAL = catalogue_module.root()


def test_layers_are_no_templates(catalogue: Path) -> None:
    assert names() == ["tiny"]


def test_a_template_is_a_record_of_its_merged_metadata(catalogue: Path) -> None:
    tiny = template("tiny")
    assert tiny.title == "Tiny project"
    assert tiny.dependencies == ("NumPy>=2", "scikit-learn>=1")
    assert tiny.data == Data(
        "Numbers", "Nobody", "https://example.com/numbers", "CC0-1.0", 1000, redistribution=True
    )
    assert tiny.target.baseline_name == "guessing"


def test_an_unknown_template_is_answered_with_the_nearest(catalogue: Path) -> None:
    with pytest.raises(UnknownName) as caught:
        template("tinny")
    assert caught.value.hint == "Did you mean tiny?"


def test_a_name_cannot_reach_outside_the_catalogue(catalogue: Path) -> None:
    for name in ("../tiny", "_base", ".", ""):
        with pytest.raises(UnknownName):
            source(name)


def test_missing_metadata_names_the_file(tmp_path: Path) -> None:
    folder = make_catalogue(tmp_path, {**TINY, "tiny/template.toml": 'title = "Tiny"\n'})
    with pytest.raises(TemplateError, match=r"tiny.template\.toml: Data lacks .*'publisher'"):
        template("tiny", folder)


@pytest.mark.parametrize(
    ("higher", "value", "meets"),
    [
        (True, 0.9, True),
        (True, 0.7, False),
        (False, 0.7, True),
        (True, 0.8, True),
        (False, 0.8, True),
    ],
)
def test_a_bound_is_met_in_the_metrics_own_direction(
    higher: bool, value: float, meets: bool
) -> None:
    target = Target("m", "M", higher, 0.5, "guessing", gate=0.8, stretch=0.9)
    assert target.meets(value, target.gate) is meets


@pytest.mark.parametrize("name", names(REAL))
def test_every_template_states_a_baseline_that_its_gate_beats(name: str) -> None:
    target = template(name, REAL).target
    assert target.baseline_name
    assert target.meets(target.gate, target.baseline)
    assert target.gate != target.baseline
    assert target.meets(target.stretch, target.gate)


@pytest.mark.parametrize("name", names(REAL))
def test_every_template_is_described_in_full(name: str) -> None:
    record = template(name, REAL)
    assert record.question.endswith("?")
    assert record.skills
    assert record.minutes > 0
    assert record.data.url.startswith("https://")
    assert all(topic == topic.lower().replace(" ", "-") for topic in record.topics)
    assert 1 <= len(record.topics) <= 20  # GitHub takes twenty


@pytest.mark.parametrize("name", names())
def test_a_single_prediction_of_every_template_has_one_thread(name: str) -> None:
    text = (REAL / name / "src" / "project_package" / "predict.py").read_text("utf-8")
    assert "    @one_thread\n    def " in text
