from fastapi.testclient import TestClient

QUIET = "please read this offer today, it is free and it will not come again"


def test_a_shouted_mail_is_not_rated_like_the_same_said_quietly(client: TestClient) -> None:
    mails = [{"body": QUIET}, {"body": QUIET.upper()}, {"body": QUIET.capitalize()}]
    quiet, loud, plain = client.post("/predict", json={"mails": mails}).json()["verdicts"]
    assert abs(loud["probability"] - quiet["probability"]) > abs(
        plain["probability"] - quiet["probability"]
    )
