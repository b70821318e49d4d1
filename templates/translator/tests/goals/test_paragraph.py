def test_a_paragraph_is_translated_sentence_by_sentence(client) -> None:
    sentences = ["A dog runs.", "Two cats sleep!", "Who waits on the bridge?", "A man"]
    answer = client.post(
        "/paragraph", json={"text": " ".join(sentences[:2]) + "\n" + " ".join(sentences[2:])}
    )
    assert answer.status_code == 200
    alone = client.post("/predict", json={"sentences": sentences}).json()["translations"]
    assert answer.json()["german"] == " ".join(each["text"] for each in alone)
    assert client.post("/paragraph", json={"text": ""}).status_code == 422
    assert client.post("/paragraph", json={"text": "x" * 20_000}).status_code == 422
