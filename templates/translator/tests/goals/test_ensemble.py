import numpy as np
import pytest

from project_package import writer
from project_package.kit.workspace import Workspace
from project_package.predict import Translator
from project_package.search import search
from project_package.subwords import END, START


def test_an_ensemble_answers_with_the_mean_of_its_probabilities(trained: Workspace) -> None:
    one = Translator.load(trained)
    other = Translator.read(trained.models / "repeat-1.safetensors")
    source = [*one.subwords.encode("A young dog runs in the park."), END]
    alone = [each.writer(source) for each in (one, other)]
    together = writer.Ensemble([each.writer(source) for each in (one, other)])
    for parents, pieces in (([0], [START]), ([0, 0], [7, 8])):
        logs, looked = together.advance(parents, pieces)
        told = [each.advance(parents, pieces) for each in alone]
        expected = np.mean([np.exp(each) for each, _ in told], axis=0)
        assert np.exp(logs) == pytest.approx(expected)
        assert looked == pytest.approx(np.mean([each for _, each in told], axis=0))
    found = search(writer.Ensemble([one.writer(source)]), 3, 40, one.penalty)
    assert found[0].pieces == one.search(source, 3)[0].pieces
