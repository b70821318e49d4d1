from collections import Counter

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize("most", [2, 4])
def test_no_genre_has_more_than_its_share(client: TestClient, most: int) -> None:
    def films(**visit) -> list[dict]:
        answer = client.post("/predict", json={"liked": [80, 81, 82], **visit})
        assert answer.status_code == 200, answer.json()
        return [item["film"] for item in answer.json()["recommendations"]]

    found, plain = films(most_of_a_kind=most), films(length=50)
    assert len(found) == 10
    assert max(Counter(genre for film in found for genre in film["genres"]).values()) <= most
    assert found[0] == plain[0], "the best of all stays"
    places = [plain.index(film) for film in found if film in plain]
    assert places == sorted(places), "and so does the order"
