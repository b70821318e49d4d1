import base64
import io

from fastapi.testclient import TestClient
from PIL import Image

from project_package import data
from project_package.kit.workspace import Workspace


def encode(pixels) -> str:
    file = io.BytesIO()
    Image.fromarray(255 - pixels).resize((200, 200)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_an_unsure_verdict_names_the_next_likeliest_class(
    client: TestClient, trained: Workspace
) -> None:
    unseen = data.load(trained, "validation", reader="train").pixels[:32]
    verdicts = []
    for start in range(0, len(unseen), 8):
        request = {"images": [encode(pixels) for pixels in unseen[start : start + 8]]}
        verdicts += client.post("/predict", json=request).json()["verdicts"]
    assert not all(verdict["sure"] for verdict in verdicts)
    for verdict in verdicts:
        second = verdict["second"]
        if verdict["sure"]:
            assert second is None
            continue
        chances = verdict["probabilities"]
        assert second != verdict["label"]
        assert chances[second] == sorted(chances.values())[-2]
