"""The adapter for a language model, against a small server that stands in for one."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from project_package.kit.workspace import Workspace
from project_package.language_model import KEY, LONGEST, NAME, URL, LanguageModel
from project_package.predict import Assistant

INTENTS = ["balance", "transfer"]
WILD = "who painted the volcano of my piano"


class StandIn(BaseHTTPRequestHandler):
    """Says what its server was told to say, and keeps what it was asked."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), json.loads(body)))
        said = self.server.says
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(said if isinstance(said, bytes) else json.dumps(said).encode())

    do_POST = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


def saying(word: object) -> dict:
    return {"choices": [{"message": {"role": "assistant", "content": word}}]}


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), StandIn) as server:
        server.asked, server.says, server.status = [], saying("transfer"), 200
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def second(server: ThreadingHTTPServer) -> LanguageModel:
    return LanguageModel(f"http://127.0.0.1:{server.server_port}/v1", "small", "secret")


def test_it_is_asked_in_the_protocol_and_may_choose_from_the_list(server, second) -> None:
    assert second.choose("send my mother 50 dollars", INTENTS) == "transfer"
    ((path, headers, body),) = server.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert body["model"] == "small"
    assert body["temperature"] == 0
    system, user = body["messages"]
    assert all(name in system["content"].splitlines() for name in INTENTS)
    assert user == {"role": "user", "content": "send my mother 50 dollars"}


@pytest.mark.parametrize(
    "says",
    [
        saying("none"), saying("Transfer the money at once!"), saying("weather"), saying(None),
        saying(7), {"choices": []}, {"error": "overloaded"}, [], b"no json", b"",
    ],
)  # fmt: skip
def test_whatever_else_it_says_is_no_answer(server, second, says) -> None:
    server.says = says
    assert second.choose("anything", INTENTS) is None


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_server_that_refuses_is_no_answer(server, second, status: int) -> None:
    server.status = status
    assert second.choose("anything", INTENTS) is None


def test_a_server_that_is_not_there_is_no_answer() -> None:
    assert LanguageModel("http://127.0.0.1:9/v1", "none").choose("anything", INTENTS) is None


def test_a_long_text_is_cut(server, second) -> None:
    second.choose("x" * 10_000, INTENTS)
    assert len(server.asked[0][2]["messages"][1]["content"]) == LONGEST


def test_it_is_off_until_the_environment_names_a_server(monkeypatch, trained: Workspace) -> None:
    for name in (URL, NAME, KEY):
        monkeypatch.delenv(name, raising=False)
    assert LanguageModel.from_environment() is None
    assert Assistant.load(trained).second is None
    monkeypatch.setenv(URL, "http://127.0.0.1:8080/v1/")
    monkeypatch.setenv(NAME, "small")
    assert LanguageModel.from_environment() == LanguageModel("http://127.0.0.1:8080/v1", "small")


def test_it_is_asked_only_about_what_the_classifier_does_not_answer(
    trained: Workspace, server, second
) -> None:
    assistant = replace(Assistant.load(trained), second=second)
    known = assistant.understand("freeze my account")
    assert known.intent == "freeze_account"
    assert server.asked == []
    wild = assistant.understand(WILD)
    assert wild.score < wild.threshold
    assert wild.intent == "transfer"
    names = server.asked[0][2]["messages"][0]["content"].splitlines()
    assert "out of scope" not in names
    assert replace(assistant, second=None).understand(WILD).intent is None
