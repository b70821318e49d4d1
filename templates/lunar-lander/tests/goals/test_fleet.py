from fastapi.testclient import TestClient

from project_package.serve import EXAMPLE

SEEN = EXAMPLE["observation"]


def test_every_lander_of_a_fleet_gets_its_action(client: TestClient) -> None:
    others = [[*SEEN[:4], angle, *SEEN[5:]] for angle in (-1.0, 0.0, 1.0)]
    answer = client.post("/fleet", json={"observations": others}).json()
    alone = [
        client.post("/predict", json={"observation": each}).json()["action"] for each in others
    ]
    assert answer == {"actions": alone}
    for wrong in ([], others * 6, [SEEN[:7]]):
        assert client.post("/fleet", json={"observations": wrong}).status_code == 422
