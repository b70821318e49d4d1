import numpy as np
from fastapi.testclient import TestClient

from project_package.serve import EXAMPLE


def test_the_dearer_a_shortage_the_more_is_ordered(client: TestClient) -> None:
    demand = np.array(client.post("/predict", json=EXAMPLE).json()["demand"])
    orders = []
    for dear in (1, 3, 30):
        answer = client.post("/order", json=EXAMPLE | {"too_little": dear})
        assert answer.status_code == 200
        orders.append(np.array(answer.json()["order"]))
    assert all(order.shape == (48,) for order in orders)
    assert orders[0].mean() < orders[1].mean() < orders[2].mean()
    assert abs(orders[0].mean() / demand.mean() - 1) < 0.1, "where both cost alike, the middle"
    for refused in (0.5, 1000, None):
        answer = client.post("/order", json=EXAMPLE | {"too_little": refused})
        assert answer.status_code == 422
