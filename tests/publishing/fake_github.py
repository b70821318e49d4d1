"""A small GitHub: the API calls that publishing makes, real pushes over smart HTTP, and faults.

State lives in plain dictionaries; repositories are bare git repositories that `git http-backend`
serves after the credentials have been checked. What GitHub itself would answer is checked
elsewhere, against its official description.
"""

from __future__ import annotations

import base64
import json
import mimetypes
import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.publishing import standing_in
from tests.publishing.standing_in import serving

TOKEN = "gho_" + "S3cretS3cretS3cretS3cretS3cretS3cret"
API = "/api/v3"

Answer = tuple[int, Any, dict[str, str]]
Responder = Callable[["Handler"], None]


@dataclass
class Fault:
    """What to do instead of answering a matching request, so many times."""

    method: str
    path: str
    respond: Responder
    times: int = 1

    def matches(self, method: str, path: str) -> bool:
        fits = self.method == method and re.search(self.path, path) is not None
        return self.times > 0 and fits


@dataclass
class FakeGitHub:
    root: Path
    login: str = "octo"
    organisations: tuple[str, ...] = ("team",)
    strangers: tuple[str, ...] = ("stranger",)
    scopes: str = "repo, workflow"
    repositories: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    while_pushing: Callable[[], None] = lambda: None
    port: int = 0

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {"GITHUB_SERVER_URL": self.web, "GITHUB_API_URL": self.web + API, "GH_TOKEN": TOKEN}

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The calls that change something, pushes included."""
        reading = re.compile(r"info/refs|git-upload-pack")
        return [call for call in self.calls if call[0] != "GET" and not reading.search(call[1])]

    def bare(self, full_name: str) -> Path:
        return self.root / f"{full_name}.git"

    def create(self, full_name: str, **facts: Any) -> dict[str, Any]:
        """A repository, with GitHub's facts about it."""
        owner, name = full_name.split("/")
        bare = self.bare(full_name)
        git("init", "--quiet", "--bare", "--initial-branch=main", str(bare))
        git("-C", str(bare), "config", "http.receivepack", "true")
        self.repositories[full_name] = {
            "name": name,
            "full_name": full_name,
            "owner": {"login": owner},
            "private": False,
            "archived": False,
            "description": None,
            "homepage": None,
            "permissions": {"admin": True, "push": True, "pull": True},
            "topics": [],
            "pages": None,
            "protection": {},
            **facts,
        }
        return self.repositories[full_name]

    def refs(self, full_name: str) -> dict[str, str]:
        listing = git("-C", str(self.bare(full_name)), "for-each-ref",
                      "--format=%(refname) %(objectname)")  # fmt: skip
        return dict(line.split(" ") for line in listing.splitlines())

    def fail(self, method: str, path: str, respond: Responder | int, times: int = 1) -> None:
        """Answer the next matching requests with a fault; a number is a plain status."""
        if isinstance(respond, int):
            respond = answering(respond, {"message": f"Status {respond}"})
        self.faults.append(Fault(method, path, respond, times))

    @contextmanager
    def serving(self) -> Iterator[FakeGitHub]:
        with serving(self, Handler) as self.port:
            yield self

    # -- the API --------------------------------------------------------------------------------

    def answer(self, method: str, path: str, body: Any) -> Answer:
        parts = [unquote(part) for part in path.removeprefix(API).strip("/").split("/")]
        match method, parts:
            case "GET", ["user"]:
                return 200, self._account(self.login), {}
            case "GET", ["users", login]:
                return self._found(self._account(login))
            case "POST", ["user", "repos"]:
                return self._create(self.login, body)
            case "POST", ["orgs", owner, "repos"] if owner in self.organisations:
                return self._create(owner, body)
            case _, ["repos", owner, name, *rest]:
                found = self.repositories.get(f"{owner}/{name}")
                return NOT_FOUND if found is None else self._repository(method, found, rest, body)
        return NOT_FOUND

    def answer_to_nobody(self, path: str) -> Answer:
        """As `answer`, of what is public alone, and without what one may do with it."""
        status, found, headers = self.answer("GET", path, None)
        shown = {key: value for key, value in dict(found).items() if key != "permissions"}
        return NOT_FOUND if shown.get("private") else (status, shown, headers)

    def _account(self, login: str) -> dict[str, Any] | None:
        if login in self.organisations:
            return {"login": login, "type": "Organization"}
        known = {self.login, *self.strangers}
        return {"login": login, "type": "User"} if login in known else None

    def _create(self, owner: str, body: Any) -> Answer:
        full_name = f"{owner}/{body['name']}"
        if full_name in self.repositories:
            message = "Repository creation failed."
            errors = [{"resource": "Repository", "code": "custom", "field": "name",
                       "message": "name already exists on this account"}]  # fmt: skip
            return 422, {"message": message, "errors": errors}, {}
        facts = {key: body[key] for key in ("description", "private") if key in body}
        return 201, self.create(full_name, **facts), {}

    def _repository(self, method: str, found: dict[str, Any], rest: list[str], body: Any) -> Answer:
        match method, rest:
            case "GET", []:
                return 200, found, {}
            case "PATCH", []:
                found.update(body)
                return 200, found, {}
            case "GET", ["commits", commit]:
                return self._commit(found["full_name"], commit)
            case "GET", ["topics"]:
                return 200, {"names": found["topics"]}, {}
            case "PUT", ["topics"]:
                found["topics"] = body["names"]
                return 200, body, {}
            case _, ["pages"]:
                return self._pages(method, found, body)
            case "GET", ["branches", branch, "protection"]:
                return self._found(found["protection"].get(branch))
            case "PUT", ["branches", branch, "protection"]:
                found["protection"][branch] = body
                return 200, body, {}
        return NOT_FOUND

    def _pages(self, method: str, found: dict[str, Any], body: Any) -> Answer:
        if method == "POST":
            found["pages"] = {**body, "html_url": f"{self.web}/pages/{found['full_name']}/"}
            return 201, found["pages"], {}
        if method == "PUT" and found["pages"]:
            found["pages"].update(body)
            return 204, b"", {}
        return self._found(found["pages"])

    def _commit(self, full_name: str, commit: str) -> Answer:
        if not self.refs(full_name):
            return 409, {"message": "Git Repository is empty."}, {}
        known = subprocess.run(
            ["git", "-C", self.bare(full_name), "cat-file", "-e", f"{commit}^{{commit}}"],
            capture_output=True, check=False,
        )  # fmt: skip
        if known.returncode:
            return 422, {"message": f"No commit found for SHA: {commit}"}, {}
        return 200, {"sha": commit}, {}

    @staticmethod
    def _found(thing: Any) -> Answer:
        return NOT_FOUND if thing is None else (200, thing, {})


class Handler(standing_in.Handler):
    @property
    def github(self) -> FakeGitHub:
        return self.server.state  # type: ignore[attr-defined, no-any-return]

    def handle_one(self) -> None:
        path = urlsplit(self.path).path
        self.github.calls.append((self.command, path.removeprefix(API)))
        fault = next((f for f in self.github.faults if f.matches(self.command, path)), None)
        if fault is not None:
            fault.times -= 1
            fault.respond(self)
        elif path.startswith(API):
            self._api(path)
        elif path.startswith("/pages/"):
            self._page(unquote(path))
        else:
            self.serve_git()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815

    def reply(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _api(self, path: str) -> None:
        body = json.loads(self.read_body() or b"null")
        if self.command != "GET":
            self.github.bodies.append(body)
        nobody = "Authorization" not in self.headers and self.command == "GET"
        private = ("/pages", "/protection", "/user")  # what GitHub shows to nobody
        if nobody and not path.endswith(private):
            self.reply(*self.github.answer_to_nobody(path))
            return
        if self.headers.get("Authorization") != f"token {TOKEN}":
            self.reply(401, {"message": "Bad credentials"})
            return
        status, answer, headers = self.github.answer(self.command, path, body)
        self.reply(status, answer, {"X-OAuth-Scopes": self.github.scopes, **headers})

    def _page(self, path: str) -> None:
        """A file of the branch that the pages are served from, as it is: no Jekyll here."""
        owner, name, place = path.removeprefix("/pages/").split("/", 2)
        pages = (self.github.repositories.get(f"{owner}/{name}") or {}).get("pages")
        place = f"{place}index.html" if place.endswith("/") or not place else place
        found = subprocess.run(
            ["git", "-C", self.github.bare(f"{owner}/{name}"), "cat-file", "blob",
             f"{pages['source']['branch'] if pages else 'none'}:{place}"],
            capture_output=True, check=False,
        )  # fmt: skip
        kind = mimetypes.guess_type(place)[0] or "application/octet-stream"
        if found.returncode:
            self.reply(404, b"")
        else:
            self.reply(200, found.stdout, {"Content-Type": kind})

    def serve_git(self) -> None:
        path = urlsplit(self.path).path
        body = self.read_body()
        secret = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
        known = self.github.repositories.get(path.split(".git/")[0].strip("/"))
        public = "git-upload-pack" in self.path and known and not known["private"]
        if self.headers.get("Authorization") != f"Basic {secret}" and not public:
            self.reply(401, b"", {"WWW-Authenticate": 'Basic realm="GitHub"'})
            return
        if known is None:
            self.reply(404, b"Repository not found")
            return
        if path.endswith("/git-receive-pack"):
            self.github.while_pushing()
        self._http_backend(path, body)

    def _http_backend(self, path: str, body: bytes) -> None:
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.github.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": urlsplit(self.path).query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": "octo",
        }
        answer = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, capture_output=True, check=True
        ).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        self.reply(status, content, headers)


NOT_FOUND: Answer = (404, {"message": "Not Found"}, {})


def answering(status: int, body: Any, headers: dict[str, str] | None = None) -> Responder:
    """A fault that is a plain answer."""

    def respond(handler: Handler) -> None:
        handler.read_body()
        handler.reply(status, body, headers)

    return respond


def hanging_up(handler: Handler) -> None:
    """The connection breaks before an answer."""
    handler.hang_up()


def hanging_up_after(handler: Handler) -> None:
    """The request is carried out, and the connection breaks before the answer arrives."""
    reply, handler.reply = handler.reply, lambda *_, **__: None  # type: ignore[method-assign]
    path = urlsplit(handler.path).path
    handler._api(path) if path.startswith(API) else handler.serve_git()
    handler.reply = reply  # type: ignore[method-assign]
    handler.hang_up()


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], capture_output=True, encoding="utf-8", check=True
    ).stdout
