import re

import pytest
from fastapi.testclient import TestClient

from project_package.kit.workspace import ProjectError, Workspace
from project_package.serve import BODY_LIMIT, create_app


def test_the_service_is_healthy_and_names_its_model(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    version = client.get("/version").json()
    assert re.fullmatch(r"[0-9a-f]{64}", version["model_sha256"])
    assert version["data"]["sample"] is True
    low, high = version["primary"]["ci"]
    assert low <= version["primary"]["value"] <= high


def test_everything_that_the_page_loads_is_served(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert "/page/app.js" in loaded
    assert {path: client.get(path).status_code for path in loaded} == dict.fromkeys(loaded, 200)


def test_a_request_that_is_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/predict", content=b" " * (BODY_LIMIT + 1))
    assert answer.status_code == 413
    assert "larger than" in answer.json()["error"]


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"null", b'{"nonsense": 1}'])
def test_bad_input_gets_a_sentence(client: TestClient, body: bytes) -> None:
    answer = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]
    assert "Traceback" not in answer.text


def test_no_model_is_a_clear_error(empty: Workspace) -> None:
    with pytest.raises(ProjectError, match="run `python -m project_package"):
        create_app(empty)
