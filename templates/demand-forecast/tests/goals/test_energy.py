import pytest
from fastapi.testclient import TestClient

from project_package.serve import EXAMPLE


def test_a_forecast_says_how_much_energy_the_day_takes(client: TestClient) -> None:
    found = client.post("/predict", json=EXAMPLE).json()
    assert "energy" in found
    assert found["energy"] == pytest.approx(sum(found["demand"]) / 2)
