"""A project's `.venv`: made by uv in seconds, or by pip where uv cannot.

uv does not read pip's configuration; people who have set up a mirror or a folder of wheels for pip
have done it once and for all, so those settings are handed to uv.
"""

from __future__ import annotations

import configparser
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scaffold.errors import EnvironmentFailed
from scaffold.reporter import Reporter
from scaffold.running import pins
from scaffold.running.process import Finished, follow

FOLDER = ".venv"
EDITABLE = ".[dev]"


@dataclass(frozen=True)
class PipSettings:
    """What the user has told pip about where packages are."""

    index_url: str = ""
    extra_index_url: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    trusted_host: tuple[str, ...] = ()
    cert: str = ""
    no_index: bool = False

    @classmethod
    def read(cls) -> PipSettings:
        """From pip's configuration files and `PIP_*` variables, the later over the earlier."""
        values: dict[str, str] = {}
        for file in _pip_files():
            parser = configparser.RawConfigParser()
            try:
                parser.read(file, encoding="utf-8")
            except (configparser.Error, UnicodeDecodeError):
                continue  # pip itself will complain, and better
            for section in ("global", "install"):
                if parser.has_section(section):
                    values |= {key.replace("_", "-"): text for key, text in parser[section].items()}
        for name, text in os.environ.items():
            if name.startswith("PIP_") and text:
                values[name.removeprefix("PIP_").lower().replace("_", "-")] = text
        return cls(
            index_url=values.get("index-url", ""),
            extra_index_url=tuple(values.get("extra-index-url", "").split()),
            find_links=tuple(values.get("find-links", "").split()),
            trusted_host=tuple(values.get("trusted-host", "").split()),
            cert=values.get("cert", ""),
            no_index=values.get("no-index", "").lower() in {"1", "true", "yes", "on"},
        )

    def for_uv(self) -> list[str]:
        """The same settings as arguments of `uv pip install`."""
        arguments = ["--default-index", self.index_url] if self.index_url else []
        for option, entries in (
            ("--extra-index-url", self.extra_index_url),
            ("--find-links", self.find_links),
            ("--allow-insecure-host", self.trusted_host),
        ):
            arguments += [word for entry in entries for word in (option, entry)]
        if self.extra_index_url:  # as pip does: all indexes are equal, the best version wins
            arguments += ["--index-strategy", "unsafe-best-match"]
        if self.no_index:
            arguments.append("--no-index")
        return arguments


def python_of(root: Path) -> Path:
    """The interpreter of a project's environment."""
    inside = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")
    return root / FOLDER / inside


def variables(root: Path) -> dict[str, str]:
    """The process environment in which a project's own programs run."""
    place = root / FOLDER
    own = {
        "VIRTUAL_ENV": str(place),
        "PATH": os.pathsep.join([str(python_of(root).parent), os.environ.get("PATH", "")]),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "Agg",
    }
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONHOME"}
    return {**inherited, **own}


def make(root: Path, log: Path, reporter: Reporter) -> str:
    """Make or bring up to date the environment of a project; returns the tool that did it."""
    uv = _find_uv()
    if uv:
        failure = _make_with_uv(uv, root, log, reporter)
        if not failure:
            return "uv"
        reporter.message(f"  uv could not make the environment ({failure}); pip tries, slower.")
    _make_with_pip(root, log, reporter)
    return "pip"


def _make_with_uv(uv: str, root: Path, log: Path, reporter: Reporter) -> str:
    """Returns why it failed, or nothing."""
    settings = PipSettings.read()
    environment = dict(os.environ)
    if settings.cert:
        environment.setdefault("SSL_CERT_FILE", settings.cert)
    where = [*settings.for_uv(), *_cpu_only(root)]
    python = str(python_of(root))
    if not settings.no_index:
        index = ["--default-index", settings.index_url] if settings.index_url else []
        missing = pins.bring_up_to_date(uv, root, log, index, environment)
        if missing:
            reporter.message(f"  {pins.FILE} could not be written ({missing}).")
    where += pins.options(root)
    commands = [[uv, "pip", "install", "--python", python, *where, "--editable", EDITABLE]]
    if not _answers(root, log):
        commands.insert(0, [uv, "venv", "--quiet", "--clear", "--python", sys.executable, FOLDER])
    for command in commands:
        done = follow(
            command, folder=root, log=log, environment=environment, on_line=reporter.progress
        )
        if done.code:
            return done.last_line or f"exit code {done.code}"
    return ""


def _make_with_pip(root: Path, log: Path, reporter: Reporter) -> None:
    if not _answers(root, log, "import pip"):
        reporter.progress("making an environment with venv")
        _must(
            follow([sys.executable, "-m", "venv", "--clear", FOLDER], folder=root, log=log),
            log,
            "On Debian and Ubuntu: apt install python3-venv",
        )
    command = [str(python_of(root)), "-m", "pip", "install", "--editable", EDITABLE]
    _must(follow(command, folder=root, log=log, on_line=reporter.progress), log)


def _must(done: Finished, log: Path, hint: str = "") -> None:
    if done.code:
        raise EnvironmentFailed(
            "The project's environment could not be made.",
            hint or f"The whole story: {log}",
            output=done.tail,
        )


def _answers(root: Path, log: Path, statement: str = "") -> bool:
    """Whether the environment is there, alive, and of this Python version."""
    test = f"import sys; {statement}\nassert sys.version_info[:2] == {sys.version_info[:2]}"
    python = python_of(root)
    return python.exists() and follow([str(python), "-c", test], folder=root, log=log).code == 0


def _find_uv() -> str | None:
    """The uv that came as a dependency, else the user's own."""
    from shutil import which

    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        return which("uv")


def _cpu_only(root: Path) -> list[str]:
    """PyTorch without gigabytes of CUDA, unless the user keeps wheels or chose a backend."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    torch = any(re.match(r"torch\b", entry) for entry in project.get("dependencies", []))
    chosen = "UV_TORCH_BACKEND" in os.environ or PipSettings.read().find_links
    return ["--torch-backend", "cpu"] if torch and not chosen else []


def _pip_files() -> Iterator[Path]:
    """Pip's configuration files, in the order in which pip reads them."""
    from platformdirs import site_config_path, user_config_path

    name = "pip.ini" if os.name == "nt" else "pip.conf"
    chosen = os.environ.get("PIP_CONFIG_FILE", "")
    if chosen == os.devnull:
        return
    yield site_config_path("pip", appauthor=False) / name
    yield Path("/etc", name)
    yield Path.home() / ("pip" if os.name == "nt" else ".pip") / name
    yield user_config_path("pip", appauthor=False, roaming=True) / name
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        yield Path(prefix, name)
    if chosen:
        yield Path(chosen)
