from fastapi.testclient import TestClient

TEXT = (
    "It rained all day. The ferries stay, the mayor said on Sunday. Nobody in town was surprised."
)


def test_a_sentence_tells_which_words_of_the_headline_it_says(client: TestClient) -> None:
    article = {"headline": "Town: ferry stays", "text": TEXT}
    (summary,) = client.post("/predict", json={"articles": [article]}).json()["summaries"]
    assert [sentence.get("shared") for sentence in summary["sentences"]] == [
        [],
        ["ferry", "stays"],
        ["Town"],
    ]
    (plain,) = client.post("/predict", json={"articles": [{"text": TEXT}]}).json()["summaries"]
    assert [sentence["shared"] for sentence in plain["sentences"]] == [[], [], []]
