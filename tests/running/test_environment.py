from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scaffold.errors import EnvironmentFailed
from scaffold.reporter import Recording
from scaffold.running import environment, pins
from scaffold.running.environment import PipSettings
from scaffold.running.process import Finished
from tests.factories import write_files

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "app"
version = "1"
dependencies = ["tomli-w"]
optional-dependencies = { dev = ["iniconfig"] }
"""


@pytest.fixture
def no_pip_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pip as on a fresh machine."""
    for name in list(os.environ):
        if name.startswith("PIP_") or name == "UV_TORCH_BACKEND":
            monkeypatch.delenv(name)
    monkeypatch.setattr(environment, "_pip_files", lambda: iter(()))


def test_pips_files_and_variables_are_read_the_later_over_the_earlier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_pip_settings: None
) -> None:
    write_files(
        tmp_path,
        {
            "site.conf": """\
                [global]
                index-url = https://example.com/one
                extra-index-url = https://example.com/a
                    https://example.com/b
                cert = /ca.pem
                [install]
                find_links = /site
                """,
            "user.conf": "[global]\nindex-url = https://example.com/two\nno-index = true\n",
        },
    )
    files = [tmp_path / "site.conf", tmp_path / "user.conf", tmp_path / "missing.conf"]
    monkeypatch.setattr(environment, "_pip_files", lambda: iter(files))
    monkeypatch.setenv("PIP_FIND_LINKS", "/opt/wheels https://example.com/links")
    monkeypatch.setenv("PIP_TRUSTED_HOST", "example.com")
    assert PipSettings.read() == PipSettings(
        index_url="https://example.com/two",
        extra_index_url=("https://example.com/a", "https://example.com/b"),
        find_links=("/opt/wheels", "https://example.com/links"),
        trusted_host=("example.com",),
        cert="/ca.pem",
        no_index=True,
    )


def test_a_configuration_that_pip_itself_would_refuse_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_pip_settings: None
) -> None:
    write_files(tmp_path, {"pip.conf": "find-links\n"})
    monkeypatch.setattr(environment, "_pip_files", lambda: iter([tmp_path / "pip.conf"]))
    assert PipSettings.read() == PipSettings()


def test_the_users_own_configuration_file_is_among_those_read(
    isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", str(isolated / "mine.conf"))
    files = list(environment._pip_files())
    assert files[-1] == isolated / "mine.conf"
    if sys.platform == "linux":
        assert Path("/etc/pip.conf") in files
        assert isolated / "config" / "pip" / "pip.conf" in files
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert list(environment._pip_files()) == []


def test_uv_gets_what_pip_knows() -> None:
    settings = PipSettings("https://i", ("https://x",), ("/wheels", "/more"), ("host",), "", True)
    assert settings.for_uv() == [
        *("--default-index", "https://i"),
        *("--extra-index-url", "https://x"),
        *("--find-links", "/wheels", "--find-links", "/more"),
        *("--allow-insecure-host", "host"),
        *("--index-strategy", "unsafe-best-match"),
        "--no-index",
    ]
    assert PipSettings().for_uv() == []


@pytest.mark.parametrize(
    ("dependencies", "variables", "expected"),
    [
        ('["torch==2.13.0"]', {}, ["--torch-backend", "cpu"]),
        ('["torch==2.13.0"]', {"PIP_FIND_LINKS": "/opt/wheels"}, []),
        ('["torch==2.13.0"]', {"UV_TORCH_BACKEND": "cu130"}, []),
        ('["torchmetrics", "numpy"]', {}, []),
    ],
)
def test_torch_comes_without_cuda_unless_the_user_chose(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_pip_settings: None,
    dependencies: str,
    variables: dict[str, str],
    expected: list[str],
) -> None:
    write_files(tmp_path, {"pyproject.toml": f"[project]\ndependencies = {dependencies}\n"})
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert environment._cpu_only(tmp_path) == expected


def test_programs_of_the_project_find_its_environment_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    variables = environment.variables(tmp_path)
    python = environment.python_of(tmp_path)
    assert variables["PATH"].split(os.pathsep)[0] == str(python.parent)
    assert "PYTHONHOME" not in variables


def _fake(monkeypatch: pytest.MonkeyPatch, failing: str) -> list[str]:
    """Programs are only noted; those whose command line contains `failing` fail."""
    commands: list[str] = []

    def follow(command: list[str], **_: object) -> Finished:
        line = " ".join(command)
        commands.append(line)
        return Finished(1, "no route to host") if failing in line else Finished(0, "")

    for module in (environment, pins):
        monkeypatch.setattr(module, "follow", follow)
    return commands


def test_pip_takes_over_when_uv_fails_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"pyproject.toml": PYPROJECT})
    commands = _fake(monkeypatch, failing="uv pip install")
    monkeypatch.setattr(environment, "_find_uv", lambda: "uv")
    reporter = Recording()
    assert environment.make(tmp_path, tmp_path / "log", reporter) == "pip"
    assert "uv could not make the environment (no route to host)" in reporter.messages[0]
    assert "-m venv" in commands[-2]
    assert commands[-1].endswith("-m pip install --editable .[dev]")


def test_pip_does_it_where_there_is_no_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"pyproject.toml": PYPROJECT})
    commands = _fake(monkeypatch, failing="nothing")
    monkeypatch.setattr(environment, "_find_uv", lambda: None)
    assert environment.make(tmp_path, tmp_path / "log", Recording()) == "pip"
    assert not any("uv" in command.split()[0] for command in commands)


def test_when_neither_can_the_end_of_the_output_comes_with_the_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"pyproject.toml": PYPROJECT})
    _fake(monkeypatch, failing="install")
    with pytest.raises(EnvironmentFailed) as caught:
        environment.make(tmp_path, tmp_path / "log", Recording())
    assert caught.value.output == "no route to host"


@pytest.mark.network
@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_an_environment_is_made_for_real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    write_files(tmp_path, {"pyproject.toml": PYPROJECT, "src/app/__init__.py": "x = 1"})
    if tool == "pip":
        monkeypatch.setattr(environment, "_find_uv", lambda: None)
    log = tmp_path / "log"
    assert environment.make(tmp_path, log, Recording()) == tool
    subprocess.run(
        [environment.python_of(tmp_path), "-c", "import app, tomli_w, iniconfig"], check=True
    )
    before = environment.python_of(tmp_path).stat().st_ctime_ns
    assert environment.make(tmp_path, log, Recording()) == tool
    assert environment.python_of(tmp_path).stat().st_ctime_ns == before, "made twice"
