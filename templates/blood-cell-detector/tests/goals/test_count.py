from project_package import data
from project_package.serve import encode


def test_counts_are_added_up_over_pictures(client, trained) -> None:
    train = data.load(trained, "train", reader="train")
    pictures = [encode(pixels) for pixels in train.pixels[:4]]
    answer = client.post("/count", json={"pictures": pictures})
    assert answer.status_code == 200
    each = [client.post("/predict", json=picture).json()["counts"] for picture in pictures]
    expected = {kind: sum(counts[kind] for counts in each) for kind in each[0]}
    assert answer.json() == {"counts": expected, "pictures": 4}
    assert client.post("/count", json={"pictures": []}).status_code == 422
    assert client.post("/count", json={"pictures": pictures[:1] * 21}).status_code == 422
