"""What a reader expects of any translator, whatever its score (Ribeiro et al., CheckList, 2020)."""

import numpy as np
import pytest

from project_package import data
from project_package.kit.workspace import ProjectError, Workspace
from project_package.predict import MOST_PIECES, Translator

PLAIN = "A young dog runs in the park."


@pytest.fixture(scope="module")
def translator(trained: Workspace) -> Translator:
    return Translator.load(trained)


def test_one_and_several_are_told_apart(translator: Translator) -> None:
    assert translator.translate("Two old dogs sleep in the snow.").text.startswith("Zwei")
    assert translator.translate("An old dog sleeps in the snow.").text.startswith("Ein ")


@pytest.mark.parametrize("place", ["in the park", "on the beach", "under a tree"])
def test_a_negation_is_not_lost(translator: Translator, place: str) -> None:
    assert "nicht" in translator.translate(f"A happy cat does not sleep {place}.").text
    assert "nicht" not in translator.translate(f"A happy cat sleeps {place}.").text


def test_gender_follows_the_german_noun(translator: Translator) -> None:
    begins = {
        noun: translator.translate(f"A small {noun} waits on the bridge.").text.split()[0]
        for noun in ("dog", "cat", "child")
    }
    assert begins == {"dog": "Ein", "cat": "Eine", "child": "Ein"}


def test_spaces_and_the_form_of_letters_do_not_matter(translator: Translator) -> None:
    said = translator.translate(PLAIN)
    assert translator.translate(f"  {PLAIN.replace(' ', '   ')}\n") == said
    composed, apart = (translator.translate(f"A {each} runs.") for each in ("café", "cafe\u0301"))
    assert composed == apart


def test_the_search_finds_nothing_less_likely_than_without_it(
    translator: Translator, trained: Workspace
) -> None:
    pairs = data.load(trained, "validation", reader="train").head(30)
    gains = []
    for text in pairs.english:
        numbers = [*translator.subwords.encode(text), 2]
        gains.append(
            translator.search(numbers, 6)[0].total - translator.search(numbers, 1)[0].total
        )
    assert np.mean(gains) >= 0
    assert np.mean(np.array(gains) >= -1.5) > 0.9


def test_attention_and_probabilities_are_what_they_say(translator: Translator) -> None:
    said = translator.translate(PLAIN, beam=3)
    weights = np.array(said.attention)
    assert weights.shape == (len(said.pieces), len(said.source))
    assert weights.sum(axis=1) == pytest.approx(1)
    assert 0 < said.probability <= 1
    assert "".join(said.pieces[:-1]).replace("▁", " ").strip() == said.text
    assert said.pieces[-1] == said.source[-1] == "<end>"
    assert 1 <= len(said.others) <= 5
    assert said.text not in [other.text for other in said.others]


def test_the_same_question_gets_the_same_answer(translator: Translator) -> None:
    assert translator.translate(PLAIN) == translator.translate(PLAIN)


def test_letters_that_were_never_seen_are_counted(translator: Translator) -> None:
    said = translator.translate("A 犬 runs.")
    assert said.unknown == 1
    assert "<unknown>" in said.source
    assert translator.translate(PLAIN).unknown == 0


@pytest.mark.parametrize("text", ["x", "?!", "🙂" * 10, "<b>", "\x00", "▁", "dog " * 40])
def test_odd_input_gets_an_answer_without_special_pieces(translator: Translator, text: str) -> None:
    said = translator.translate(text)
    assert "<" not in said.text.replace("<b>", "")
    assert len(said.pieces) <= 2 * len(said.source) + 10


def test_what_cannot_be_translated_is_said(translator: Translator) -> None:
    with pytest.raises(ProjectError, match="nothing to translate"):
        translator.translate(" \n ")
    with pytest.raises(ProjectError, match="can be read"):
        translator.translate("dog " * MOST_PIECES)


def test_it_knows_the_captions_of_its_sample_well_enough(
    translator: Translator, trained: Workspace
) -> None:
    """So that the tests above are of a translator, and not of noise."""
    pairs = data.load(trained, "validation", reader="train").head(40)
    same = [translator.translate(one).text == other for one, other in
            zip(pairs.english, pairs.german, strict=True)]  # fmt: skip
    assert np.mean(same) > 0.3
