import numpy as np
import pytest
from fastapi.testclient import TestClient

from project_package import data
from project_package.kit.workspace import Workspace, read_json
from project_package.predict import Summarizer
from project_package.serve import LARGEST_BATCH, LONGEST, LONGEST_ARTICLE, SHORTEST

ARTICLE = {
    "headline": "Ferry stays",
    "text": "It rained all day. The ferry stays, the mayor said on Sunday. Nobody was surprised.",
}


def test_an_article_gets_a_summary_with_all_scores(client: TestClient) -> None:
    answer = client.post("/predict", json={"articles": [ARTICLE], "words": 10})
    (summary,) = answer.json()["summaries"]
    assert summary["words"] <= 10
    assert summary["summary"] in ARTICLE["text"]
    assert sorted(s["rank"] for s in summary["sentences"]) == [1, 2, 3]
    assert "".join(s["gap"] + s["text"] for s in summary["sentences"]) == ARTICLE["text"]


def test_a_headline_is_not_needed(client: TestClient) -> None:
    answer = client.post("/predict", json={"articles": [{"text": ARTICLE["text"]}]})
    assert answer.json()["summaries"][0]["used_headline"] is False


def test_a_batch_keeps_its_order(client: TestClient) -> None:
    other = {"text": "Snow fell over the hills. The school stays closed until Monday."}
    answers = client.post("/predict", json={"articles": [ARTICLE, other, ARTICLE]}).json()
    first, second, third = answers["summaries"]
    assert first == third != second


def test_the_monitors_reference_is_of_articles_with_their_first_sentence(
    trained: Workspace,
) -> None:
    """As readers send them; the ranker itself learns from the rest alone."""
    training = read_json(trained.models / "training.json", made_by="train")
    articles = data.load(trained, "train", reader="train")
    told = zip(articles.reference, articles.source, strict=True)
    sent = [[first, *rest] for first, rest in told]
    assert training["reference_summaries"]["sentences"] == [len(each) for each in sent]
    summarizer = Summarizer.load(trained)
    rows = zip(sent, articles.headline, strict=True)
    served = [summarizer.scores(each, headline).max() for each, headline in rows]
    assert np.corrcoef(served, training["reference_scores"])[0, 1] > 0.9


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({"articles": []}, "articles"),
        ({"articles": [{"headline": "no text"}]}, "text"),
        ({"articles": [{"text": 7}]}, "text"),
        ({"articles": [{"text": "x", "author": "y"}]}, "author"),
        ({"articles": [{"text": "x" * (LONGEST_ARTICLE + 1)}]}, "text"),
        ({"articles": [{"text": "x"}] * (LARGEST_BATCH + 1)}, "articles"),
        ({"articles": [ARTICLE], "words": SHORTEST - 1}, "words"),
        ({"articles": [ARTICLE], "words": LONGEST + 1}, "words"),
        ({"articles": [ARTICLE], "words": "many"}, "words"),
        ({"articles": [{"text": " \n "}]}, "no sentence"),
        ({"articles": [{"text": "It is over. " * 1_001}]}, "can be compared"),
    ],
)
def test_a_refusal_names_what_is_wrong(client: TestClient, request_body, named) -> None:
    answer = client.post("/predict", json=request_body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]
