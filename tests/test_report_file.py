from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold import report_file
from scaffold.report_file import place_for_reports, write_report
from tests.conftest import Called


def test_a_report_holds_no_answer_no_password_and_no_token(
    isolated: Path,
    monkeypatch: pytest.MonkeyPatch,
    catalogue: Path,
    scaffold: Callable[..., Called],
) -> None:
    monkeypatch.setenv("GH_TOKEN", "ghp_ofadalovelace")

    def fail(*_: object, **__: object) -> None:
        raise ValueError("hunter2 ghp_ofadalovelace ssh://ada:s3cret@host/x")

    monkeypatch.setattr("scaffold.commands.new.plan", fail)
    words = ("--set", "key=hunter2", "--set=other=swordfish", "--set", "justaword")
    called = scaffold("new", "https://ada:pa55@host/x", *words[:3])
    assert called.code == 1
    [report] = isolated.rglob("error-*.txt")
    direct = write_report(ValueError("swordfish justaword"), ["scaffold", "new", *words])
    for text in (report.read_text(), direct.read_text()):
        assert "called as: scaffold new" in text
        assert "--set 'key=***' '--set=other=***'" in text
        assert "Traceback" in text or "ValueError" in text
        for secret in (
            "hunter2",
            "swordfish",
            "justaword",
            "s3cret",
            "pa55",
            "ghp_",
            str(isolated),
        ):
            assert secret not in text
    assert "s3cret" not in called.err


class Package:
    def __init__(self, urls: list[str] | None, direct: str | None) -> None:
        self.metadata = self
        self.urls, self.direct = urls, direct

    def get_all(self, _: str) -> list[str] | None:
        return self.urls

    def read_text(self, _: str) -> str | None:
        return self.direct


@pytest.mark.parametrize(
    ("urls", "direct", "place"),
    [
        (["Homepage, https://h", "Issues, https://forge/x/issues"], None, "https://forge/x/issues"),
        (None, '{"url": "https://t0k@forge/x", "vcs_info": {}}', "https://***@forge/x"),
        (None, '{"url": "file:///work", "dir_info": {}}', "the people you have scaffold from"),
        (None, "not json", "the people you have scaffold from"),
        (None, None, "the people you have scaffold from"),
    ],
)
def test_reports_go_where_the_package_says(
    urls: list[str] | None, direct: str | None, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_file, "distribution", lambda _: Package(urls, direct))
    assert place_for_reports() == place


def test_the_message_names_the_file_and_where_to_send_it(
    catalogue: Path, scaffold: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_file, "place_for_reports", lambda: "https://forge/x/issues")
    monkeypatch.setattr("scaffold.catalogue.templates", lambda *_: 1 / 0)
    assert "send it to https://forge/x/issues." in " ".join(scaffold("list").err.split())
