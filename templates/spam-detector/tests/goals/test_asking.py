from fastapi.testclient import TestClient

LOW, HIGH = 0.05, 0.95
MAILS = [
    "I looked at your patch and it seems fine; I will merge it.",
    "Click here to receive your free credit report.",
    "x",
    "Your order was sent today. Click here to see where it is.",
    "Free money! Click here, winner! Remove me from this list.",
]


def test_a_verdict_says_when_a_person_should_look(client: TestClient) -> None:
    request = {"mails": [{"body": body} for body in MAILS]}
    verdicts = client.post("/predict", json=request).json()["verdicts"]
    assert [each.get("ask") for each in verdicts] == [
        LOW <= each["probability"] < HIGH for each in verdicts
    ]
