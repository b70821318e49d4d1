import numpy as np

from project_package import data
from project_package.demo import encode


def test_a_number_is_spelled_digit_by_digit(client, trained) -> None:
    train = data.load(trained, "train", reader="train")
    recordings = [encode(sound) for sound in train.sounds[:4]] + [encode(np.zeros(4000, np.int16))]
    answer = client.post("/spell", json={"recordings": recordings})
    assert answer.status_code == 200
    said = [client.post("/predict", json={"recording": each}).json() for each in recordings]
    assert answer.json()["digits"] == [each["digit"] if each["sure"] else None for each in said]
    assert answer.json()["digits"][-1] is None
    assert client.post("/spell", json={"recordings": []}).status_code == 422
    assert client.post("/spell", json={"recordings": recordings[:1] * 13}).status_code == 422
