import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from project_package.kit import bench, report
from project_package.kit.commands import main
from project_package.kit.workspace import (
    ProjectError,
    Workspace,
    read_json,
    write_json,
)


class Answering(BaseHTTPRequestHandler):
    """A service that is healthy and answers /predict with the status of its server."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.server.status if self.command == "POST" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def answering() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.status = 200
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def address(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_each_number_of_connections_gets_its_rate_and_times(answering) -> None:
    rows = bench.measure(address(answering), {}, 0.2)
    assert [row["connections"] for row in rows] == list(bench.CONNECTIONS)
    for row in rows:
        assert row["requests_per_second"] > 0
        assert 0 < row["p50"] <= row["p95"]


def test_an_answer_that_refuses_is_no_measurement(answering) -> None:
    answering.status = 422
    with pytest.raises(ProjectError, match="/predict answered 422"):
        bench.measure(address(answering), {}, 0.2)
    assert main(["bench", "--url", address(answering), "--seconds", "0.2"]) == 1


def test_a_service_elsewhere_is_measured_and_not_written_down(
    answering, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((bench, "write_json"), (report, "run_on_load")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("something was written"))
    assert main(["bench", "--url", address(answering), "--seconds", "0.2"]) == 0
    assert "requests a second" in capsys.readouterr().out


@pytest.mark.parametrize("url", ["8000", "ftp://127.0.0.1", "http:///"])
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(ProjectError, match="is no address"):
        bench.measure(url, {}, 0.1)


def test_a_service_that_ends_is_not_waited_for() -> None:
    with pytest.raises(ProjectError, match="no service answered"):
        bench.wait_until_healthy("http://127.0.0.1:9", lambda: False)


def test_the_service_is_measured_and_the_model_card_says_so(copy: Workspace) -> None:
    shutil.rmtree(copy.root / "logs", ignore_errors=True)
    bench.run(copy, None, 0.2)
    report.run_on_load(copy)
    assert not (copy.root / "logs").exists()
    card = (copy.root / report.MODEL_CARD).read_text(encoding="utf-8")
    assert "| connections | requests a second |" in card
    assert f"{os.cpu_count()} cores" in card
    report.run(copy)  # keeps what was measured
    assert (copy.root / report.MODEL_CARD).read_text(encoding="utf-8") == card


def test_what_was_measured_of_another_model_is_not_shown(copy: Workspace) -> None:
    assert "Not measured for this model" in bench.as_table(copy)
    load = {"rows": [], "bytes": 1, "seconds": 1, "model": "another"}
    write_json(copy.reports / bench.LOAD, load)
    assert "Not measured for this model" in bench.as_table(copy)
    assert read_json(copy.reports / bench.LOAD, made_by="bench") == load


def test_nothing_to_serve_is_a_clear_error(empty: Workspace) -> None:
    with pytest.raises(ProjectError, match="evaluate` first"):
        bench.run(empty, None, 0.1)
