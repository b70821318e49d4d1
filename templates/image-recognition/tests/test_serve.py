import base64
import io
import subprocess
import sys
import time

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from project_package.data import CLASSES
from project_package.kit.workspace import Workspace
from project_package.serve import LARGEST_BATCH, create_app


def trousers() -> str:
    picture = Image.new("L", (200, 240), 255)
    drawing = ImageDraw.Draw(picture)
    drawing.polygon([(60, 20), (140, 20), (150, 220), (115, 220), (100, 80), (85, 220), (50, 220)])
    return encode(picture)


def encode(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_a_picture_gets_a_verdict_with_what_was_seen_and_why(client: TestClient) -> None:
    (verdict,) = client.post("/predict", json={"images": [trousers()]}).json()["verdicts"]
    assert set(verdict["probabilities"]) == set(CLASSES)
    assert verdict["label"] == max(verdict["probabilities"], key=verdict["probabilities"].get)
    assert verdict["sure"] is (verdict["probability"] >= verdict["threshold"])
    assert np.shape(verdict["pixels"]) == (28, 28)
    assert np.shape(verdict["occlusion"]) == (8, 8)


def test_a_batch_keeps_its_order(client: TestClient) -> None:
    other = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(other).rectangle((10, 40, 90, 80), fill=0)
    batch = [trousers(), encode(other), trousers()]
    answers = client.post("/predict", json={"images": batch}).json()["verdicts"]
    assert answers[0] == answers[2] != answers[1]


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({"images": []}, "images"),
        ({"images": [7]}, "images"),
        ({"images": ["%%%"]}, "images"),
        ({"images": [base64.b64encode(b"not a picture").decode()]}, "not a picture"),
        ({"images": [encode(Image.new("L", (50, 50)))]}, "one colour"),
        ({"images": [trousers()], "model": "x"}, "model"),
        ({"images": [trousers()] * (LARGEST_BATCH + 1)}, "images"),
    ],
)
def test_a_refusal_says_what_is_wrong(client: TestClient, request_body, named) -> None:
    answer = client.post("/predict", json=request_body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_the_model_loads_in_under_two_seconds(trained: Workspace) -> None:
    started = time.perf_counter()
    create_app(trained)
    assert time.perf_counter() - started < 2


def test_the_service_needs_neither_pytorch_nor_scikit_learn() -> None:
    heavy = ("torch", "sklearn", "skimage", "scipy", "onnx", "pandas", "matplotlib")
    program = (
        "import sys, project_package.serve; "
        f"sys.exit(' '.join(name for name in {heavy!r} if name in sys.modules) or 0)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
