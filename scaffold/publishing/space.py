"""The only speaker to Hugging Face: a project's service as a Docker Space.

The Space holds what its image needs and nothing else: no data, no tests, no history. The model goes
along (a Space's build knows no tag, and a private repository no release that it could reach); which
files are stored how, huggingface_hub and the server settle between them.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from scaffold import git
from scaffold.errors import ForgeError, ForgeUnavailable, UsageError
from scaffold.publishing.github import LOOPBACK, Refused, Token
from scaffold.results import METRICS, Results
from scaffold.updating import pristine

if TYPE_CHECKING:
    from huggingface_hub import HfApi

VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
WEB = "https://huggingface.co"
TAG = "portfolio-scaffold"  # in the front matter: this Space was made here
MODELS = "models"
NOTES = {"training.json", "timing.json"}  # in models/, beside the model
APART = {"unfinished", "versions"}  # folders in models/ that are not the model of the results
NEEDED = re.compile(
    r"(Dockerfile|\.dockerignore|pyproject\.toml|requirements\.lock|config\.toml|LICENSE"
    r"|MODEL_CARD\.md|src/.+)"
)
THEIRS = {".gitattributes"}  # the server writes it
DISK = "The disk of a Space is not kept: its log and all feedback go whenever it restarts or sleeps"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Stored:
    """What stands in a Space: its commit, its files by digest, whether it was made here."""

    commit: str
    files: Mapping[str, str]  # path → SHA-256 where the server keeps it apart, else git's id
    ours: bool
    private: bool


def contents(repository: git.Repository, results: Results, title: str) -> dict[str, bytes]:
    """The files of the Space: what is committed and needed, and the model that was measured."""
    committed = list(filter(NEEDED.fullmatch, pristine.entries(repository, "HEAD")))
    if "Dockerfile" not in committed:
        raise ForgeError(
            "A Docker Space needs a Dockerfile, and none is committed.", "Commit one first."
        )
    found = {path: repository.content("HEAD", path) for path in (*committed, METRICS)}
    dockerfile = found["Dockerfile"].decode()
    found["Dockerfile"] = _fitted(dockerfile).encode()
    readme = repository.read("HEAD", "README.md") or f"# {title}\n"
    found["README.md"] = (_front_matter(title, dockerfile) + readme).encode()
    return found | _model(repository, results)


def _fitted(dockerfile: str) -> str:
    """With the model from the folder, as no build argument can be given, and with a Space's user.

    https://huggingface.co/docs/hub/spaces-sdks-docker#permissions
    """
    text = re.sub(r"^ARG MODEL=\w+$", "ARG MODEL=here", dockerfile, flags=re.MULTILINE)
    return re.sub(r"(useradd .*--uid) \d+", r"\1 1000", text)


def _front_matter(title: str, dockerfile: str) -> str:
    """What Hugging Face reads at the top of a README; it is in the Space only."""
    port = re.search(r"^EXPOSE (\d+)", dockerfile, flags=re.MULTILINE)
    rows = [f'title: "{re.sub(r"[^ -~]", "", title).replace(chr(34), "")}"', "sdk: docker"]
    rows += [f"app_port: {port[1]}"] if port else []
    return "\n".join(["---", *rows, f"tags: [{TAG}]", "---", "", ""])


def _model(repository: git.Repository, results: Results) -> dict[str, bytes]:
    """The files in models/, which are those that the committed results measured."""
    folder = repository.root / MODELS
    parts = {path: path.relative_to(folder).parts for path in sorted(folder.rglob("*"))}
    files = {
        f"{MODELS}/{'/'.join(names)}": path.read_bytes()
        for path, names in parts.items()
        if path.is_file()
        and not path.is_symlink()
        and not (APART & set(names) or names[-1].startswith("."))
        and names != ("registry.json",)
    }
    digest = hashlib.sha256()
    for path, content in files.items():
        if path.rpartition("/")[2] not in NOTES:
            digest.update(content)
    if not results.model or digest.hexdigest() != results.model:
        raise ForgeError(
            f"The model in {MODELS}/ is not the one that the committed results measured.",
            "Make it anew, and commit its results: scaffold run",
        )
    return files


def take_token() -> Token:
    """HF_TOKEN, else what `hf auth login` stored; ForgeError with the ways to get one.

    The variables are taken out of this process's environment.
    """
    hub = _library()
    given = {name: os.environ.pop(name, "").strip() for name in VARIABLES}
    for name, value in given.items():
        if value:
            return Token(value, name)
    if value := hub.get_token():
        return Token(value, "`hf auth login`")
    raise ForgeError(
        "No token for Hugging Face was found in HF_TOKEN, and none is stored.",
        f"Make one that may write: {WEB}/settings/tokens\n"
        "then: export HF_TOKEN=...   or: hf auth login",
    )


class Hub:
    """Hugging Face as one signed-in person sees it."""

    def __init__(self, token: Token) -> None:
        self.token = token
        self.endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or WEB
        parts = urlsplit(self.endpoint)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise UsageError(
                f"{self.endpoint} is no https address, so the token would travel in the clear.",
                "Correct HF_ENDPOINT.",
            )
        self._api: HfApi = _library().HfApi(endpoint=self.endpoint, token=token.value)

    @cached_property
    def viewer(self) -> str:
        """Who is signed in."""
        return str(self._ask("read who is signed in", self._api.whoami)["name"])

    def space(self, name: str) -> Stored | None:
        """A Space and its files, if it exists and this person may see it."""

        def look() -> Any:
            return self._api.space_info(name, files_metadata=True)

        try:
            found = self._ask("look up a Space", look)
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise
        files = {
            file.rfilename: (file.lfs.sha256 if file.lfs else file.blob_id) or ""
            for file in found.siblings or []
        }
        tags = (found.card_data.tags if found.card_data else None) or found.tags or []
        empty = set(files) <= {*THEIRS, "README.md"}
        return Stored(found.sha or "", files, empty or TAG in tags, bool(found.private))

    def create(self, name: str, private: bool) -> None:
        def make() -> object:
            return self._api.create_repo(
                name, repo_type="space", space_sdk="docker", private=private, exist_ok=True
            )

        self._ask(f"create the Space {name}", make)

    def upload(self, name: str, files: Mapping[str, bytes], gone: list[str], parent: str) -> None:
        """One commit: these files are as given, those that are gone are deleted."""
        hub = _library()
        operations: list[Any] = [hub.CommitOperationAdd(*file) for file in files.items()]
        operations += [hub.CommitOperationDelete(path) for path in gone]

        def commit() -> object:
            return self._api.create_commit(
                name, operations, commit_message="Show the service of the measured model",
                repo_type="space", parent_commit=parent or None,
            )  # fmt: skip

        self._ask(f"write to the Space {name}", commit)

    def _ask(self, does: str, call: Callable[[], Answer]) -> Answer:
        from huggingface_hub.errors import HfHubHTTPError

        failures: tuple[type[Exception], ...] = (HfHubHTTPError, RuntimeError, *_silences())
        try:
            return call()
        except failures as error:
            told = error.__cause__ if isinstance(error, RuntimeError) else error  # of an upload
            if isinstance(told, HfHubHTTPError):
                raise self._refusal(told, does) from None
            host, kind = urlsplit(self.endpoint).netloc, type(told or error).__name__
            raise ForgeUnavailable(
                f"No answer from {host} ({kind}).",
                "Is there a network? Nothing is lost: run the same command again.",
            ) from None

    def _refusal(self, error: Any, does: str) -> ForgeError:
        host, origin = urlsplit(self.endpoint).netloc, self.token.origin
        status = int(error.response.status_code) if error.response is not None else 0
        words = self.token.hide(str(getattr(error, "server_message", "") or ""))
        if status == 401:
            return Refused(
                status,
                f"{host} does not accept the token from {origin}: it has expired or was revoked.",
                f"Make a new one that may write: {WEB}/settings/tokens",
            )
        if status == 403:
            return Refused(
                status,
                f"The token from {origin} may not {does}. {words}".strip(),
                f"Give it the right to write: {WEB}/settings/tokens",
            )
        if status >= 500:
            return ForgeUnavailable(
                f"{host} has a fault of its own (status {status}).",
                "Nothing is lost: run the same command again.",
            )
        return Refused(status, f"{host} will not {does}: {words or f'status {status}'}", "")


def differing(files: Mapping[str, bytes], stored: Mapping[str, str]) -> dict[str, bytes]:
    """Those files that the Space does not hold as they are here."""
    return {
        path: content
        for path, content in files.items()
        if stored.get(path) not in {_blob_id(content), hashlib.sha256(content).hexdigest()}
    }


def _blob_id(content: bytes) -> str:
    """What git calls this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _silences() -> tuple[type[Exception], ...]:
    """What is raised where no answer comes; with which library it asks, huggingface_hub changed."""
    loaded = (sys.modules.get(name) for name in ("httpx", "httpx2"))
    return (OSError, *(module.TransportError for module in loaded if module))


def _library() -> Any:
    try:
        import huggingface_hub
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ImportError as error:
        raise ForgeError(
            "Publishing a Space needs the package huggingface_hub, which is not installed.",
            "Install it beside scaffold: pip install 'portfolio-scaffold[space]'",
        ) from error
    disable_progress_bars()  # what is shown, the reporter shows
    return huggingface_hub
