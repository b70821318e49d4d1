"""GitHub's official API description, cut to the paths in use, served by a mock that rejects
whatever GitHub would reject.

Both come from npm when the tests run, into the user's cache; nothing of them is in this repository.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from platformdirs import user_cache_path

PRISM = "@stoplight/prism-cli@5.16.0"
DESCRIPTION = "@octokit/openapi@23.0.2"
PATHS = (
    "/user",
    "/users/{username}",
    "/user/repos",
    "/orgs/{org}/repos",
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/commits/{ref}",
    "/repos/{owner}/{repo}/topics",
    "/repos/{owner}/{repo}/pages",
    "/repos/{owner}/{repo}/branches/{branch}/protection",
)


def install() -> Path:
    """The folder with prism and the cut description, fetched on first use; OSError without npm."""
    folder = user_cache_path("portfolio-scaffold-tests") / "-".join(
        name.rpartition("@")[2] for name in (PRISM, DESCRIPTION)
    )
    if folder.exists():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is not installed")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent))
    subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--prefix", beside, PRISM, DESCRIPTION],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    package = beside / "node_modules" / "@octokit" / "openapi" / "generated"
    whole = json.loads((package / "api.github.com.json").read_text(encoding="utf-8"))
    (beside / "github.json").write_text(json.dumps(cut_to(whole, PATHS)), encoding="utf-8")
    try:
        beside.rename(folder)
    except OSError:  # another worker was first
        shutil.rmtree(beside)
    return folder


def cut_to(description: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """The description with these paths and the components that they reach."""
    kept: dict[str, Any] = {path: description["paths"][path] for path in paths}
    components: dict[str, dict[str, Any]] = {}
    waiting = list(_references(kept))
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = description["components"][kind][name]
            waiting += _references(components[kind][name])
    head = {key: description[key] for key in ("openapi", "info")}
    return {**head, "paths": kept, "components": components}


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a mock GitHub."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    prism = folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    server = subprocess.Popen(
        [shutil.which("node") or "node", prism, "mock", "--host", "127.0.0.1",
         "--port", str(port), folder / "github.json"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("prism ended before it answered")
        try:
            requests.get(f"{address}/user", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("prism did not answer")
