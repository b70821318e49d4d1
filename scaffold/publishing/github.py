"""The only speaker of HTTP to a forge: GitHub through PyGithub, its refusals in plain words."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from scaffold import git
from scaffold.errors import ForgeError, ForgeUnavailable, UsageError
from scaffold.reporter import SILENT, Reporter

if TYPE_CHECKING:
    from github import Github

VARIABLES = ("GH_TOKEN", "GITHUB_TOKEN")
SCOPES = "repo and workflow"
PERMISSIONS = "Administration, Contents, Pages and Workflows: read and write"
TIMEOUT = 30  # seconds for one answer
LONGEST_WAIT = 120.0  # seconds, in all, that a rate limit may cost one run
SECONDS_BETWEEN_WRITES = 0.25  # a publication makes five; GitHub minds hundreds
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Server:
    """github.com, or a GitHub Enterprise server."""

    api: str = "https://api.github.com"
    web: str = "https://github.com"

    @classmethod
    def from_environment(cls) -> Self:
        """As GitHub's own runners set it: GITHUB_API_URL and GITHUB_SERVER_URL."""
        api = os.environ.get("GITHUB_API_URL", "").rstrip("/")
        web = os.environ.get("GITHUB_SERVER_URL", "").rstrip("/")
        if web and not api:
            api = cls.api if web == cls.web else f"{web}/api/v3"
        if api and not web:
            web = cls.web if api == cls.api else api.removesuffix("/api/v3")
        server = cls(api or cls.api, web or cls.web)
        for address in (server.api, server.web):
            parts = urlsplit(address)
            if parts.scheme != "https" and parts.hostname not in LOOPBACK:
                raise UsageError(
                    f"{address} is not an https address, so the token would travel in the clear.",
                    "Correct GITHUB_API_URL and GITHUB_SERVER_URL.",
                )
        return server

    @property
    def host(self) -> str:
        """The host as it stands in addresses, with a port if there is one."""
        return urlsplit(self.web).netloc

    def address(self, owner: str, name: str) -> str:
        return f"{self.web}/{owner}/{name}"

    def pages(self, owner: str, name: str) -> str:
        """Where GitHub serves a repository's pages."""
        if self.web != type(self).web:
            return f"{self.web}/pages/{owner}/{name}/"
        site = f"{owner.lower()}.github.io"
        return f"https://{site}/" if name.lower() == site else f"https://{site}/{name}/"


@dataclass(frozen=True)
class Token:
    """A token, and where it was found; never shown."""

    value: str = field(repr=False)
    origin: str
    login: str = ""  # of an empty one, which is nobody's: as whom to look

    def hide(self, text: str) -> str:
        """A text without the token in it."""
        return text.replace(self.value, "***") if self.value else text


@dataclass(frozen=True)
class Call:
    """One request that changes something, and what it does, in words that follow `may not`."""

    method: str
    path: str
    body: Mapping[str, Any]
    does: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} {json.dumps(self.body, ensure_ascii=False)}"


def take_token(
    server: Server, folder: Path, login: str | None = None, *, dry_run: bool = False
) -> Token:
    """The first token that is to be had; ForgeError with the ways to get one.

    A dry run does without: an empty one, which looks as `login` or as whom git's settings name.

    The variables are taken out of this process's environment, so that no program started from
    here inherits them.
    """
    given = {name: os.environ.pop(name, "").strip() for name in VARIABLES}
    for name, value in given.items():
        if value:
            return Token(value, name)
    if value := _from_gh(server):
        return Token(value, "`gh auth token`")
    if value := git.stored_password(server.web, folder):
        return Token(value, "git's credential helper")
    login = login or git.settings(folder).get("github.user")
    if dry_run and login:
        return Token("", "nobody", login)
    raise ForgeError(
        f"No token for {server.host} was found in GH_TOKEN, GITHUB_TOKEN, `gh auth token` or git's "
        "credential helper.",
        "Three ways to get one:\n"
        f"  1. gh auth login --hostname {server.host} --scopes workflow\n"
        f"  2. {server.web}/settings/tokens/new with the scopes {SCOPES};\n"
        "     then: export GH_TOKEN=...\n"
        f"  3. {server.web}/settings/personal-access-tokens/new with\n"
        f"     {PERMISSIONS};\n"
        "     then: export GH_TOKEN=...",
    )


class Forge:
    """GitHub as one signed-in person sees it."""

    def __init__(self, server: Server, token: Token, reporter: Reporter = SILENT) -> None:
        self.server = server
        self.token = token
        self._reporter = reporter
        self._github = _client(server, token)
        self._patience = LONGEST_WAIT
        self._told: dict[str, dict[str, Any] | None] = {}

    def look_again(self) -> None:
        """What was asked before may have changed: it is asked anew."""
        self._told.clear()

    def close(self) -> None:
        self._github.close()

    @property
    def signed_in(self) -> bool:
        """Whether there is a token; without one only what everybody may see is seen."""
        return bool(self.token.value)

    @cached_property
    def viewer(self) -> str:
        """Who is signed in, or would be."""
        if not self.signed_in:
            return self.token.login
        found = self.ask("/user", "read who is signed in") or {}
        if "login" not in found:
            raise ForgeError(
                f"{self.server.api} does not answer like GitHub's API.",
                "Correct GITHUB_API_URL; of GitHub Enterprise it ends in /api/v3.",
            )
        return str(found["login"])

    def account(self, login: str) -> dict[str, Any] | None:
        """A person or an organisation."""
        return self.ask(f"/users/{quote(login)}", "look up an account")

    def repository(self, owner: str, name: str) -> dict[str, Any] | None:
        """A repository, if it exists and this person may see it."""
        return self.ask(f"/repos/{quote(owner)}/{quote(name)}", "look up a repository")

    def holds_commit(self, owner: str, name: str, commit: str) -> bool:
        """Whether a repository has a commit; an empty one is nobody's yet, so it counts too."""
        path = f"/repos/{quote(owner)}/{quote(name)}/commits/{commit}"
        try:
            return self.ask(path, "look up a commit") is not None
        except Refused as refusal:
            if refusal.status == 409:  # "Git Repository is empty."
                return True
            if refusal.status == 422:  # "No commit found for SHA"
                return False
            raise

    def ask(self, path: str, does: str) -> dict[str, Any] | None:
        """GET, once until something is sent or `look_again`; None where there is no such thing."""
        if path not in self._told:
            try:
                self._told[path] = self._request("GET", path, None, does)
            except Refused as refusal:
                hidden = refusal.status == 401 and not self.signed_in
                if refusal.status != 404 and not hidden:
                    raise
                self._told[path] = None
        return self._told[path]

    def send(self, call: Call) -> dict[str, Any]:
        """Carry out a call that changes something."""
        self.look_again()
        return self._request(call.method, call.path, dict(call.body), call.does) or {}

    def _request(
        self, method: str, path: str, body: dict[str, Any] | None, does: str
    ) -> dict[str, Any] | None:
        from github import GithubException
        from requests import RequestException

        while True:
            try:
                _, data = self._github.requester.requestJsonAndCheck(method, path, input=body)
            except GithubException as error:
                headers = {key.lower(): str(value) for key, value in (error.headers or {}).items()}
                wait = _requested_wait(error.status, headers, _words(error.data))
                if wait is None:
                    raise self._refusal(error.status, headers, error.data, does) from None
                self._wait(wait)
            except RequestException as error:
                raise self._silence(error) from None
            else:
                return data if isinstance(data, dict) else None

    def _wait(self, seconds: float) -> None:
        if seconds > self._patience:
            until = datetime.fromtimestamp(time.time() + seconds).strftime("%H:%M")
            raise ForgeError(
                f"{self.server.host} takes no more requests from you for {_minutes(seconds)}.",
                f"What was done stays done. Run the same command again after {until}.",
            )
        self._patience -= seconds
        self._reporter.progress(f"{self.server.host} asks to wait {seconds:.0f} s")
        time.sleep(seconds)

    def _refusal(
        self, status: int, headers: Mapping[str, str], data: object, does: str
    ) -> ForgeError:
        host, origin = self.server.host, self.token.origin
        words = self.token.hide(_words(data))
        if status == 401:
            return Refused(
                status,
                f"{host} does not accept the token from {origin}: it has expired or was revoked.",
                f"Make a new one with the scopes {SCOPES}: {self.server.web}/settings/tokens/new",
            )
        if status == 403:
            return Refused(status, *self._forbidden(headers, words, does))
        if status >= 500:
            return ForgeUnavailable(
                f"{host} has a fault of its own (status {status}).",
                "Nothing is lost: run the same command again. Its state: githubstatus.com",
            )
        if status == 404:
            return Refused(
                status,
                f"{host} knows no such thing, or hides it from the token: it may not {does}.",
                f"A token needs the scopes {SCOPES}, a fine-grained one\n  {PERMISSIONS}.",
            )
        return Refused(status, f"{host} will not {does}: {words or f'status {status}'}", "")

    def _forbidden(self, headers: Mapping[str, str], words: str, does: str) -> tuple[str, str]:
        origin = self.token.origin
        if sso := re.search(r"url=(\S+)", headers.get("x-github-sso", "")):
            return (
                f"The organisation wants the token from {origin} to be authorised first.",
                f"Open {sso[1]}, then run the same command again.",
            )
        if needed := headers.get("x-accepted-oauth-scopes", "").strip():
            has = headers.get("x-oauth-scopes", "").strip() or "none"
            missing = " or ".join(sorted(_split(needed) - _split(has))) or needed
            return (
                f"The token from {origin} may not {does}: its scopes are {has}; needed: {missing}.",
                f"Make one with the scopes {SCOPES}: {self.server.web}/settings/tokens/new",
            )
        if needed := headers.get("x-accepted-github-permissions", "").strip():
            return (
                f"The token from {origin} may not {does}: it lacks {needed}.",
                f"Edit the token; publishing needs\n  {PERMISSIONS}.",
            )
        return (f"{self.server.host} will not {does}: {words}", "")

    def _silence(self, error: Exception) -> ForgeUnavailable:
        from requests import ConnectTimeout, ReadTimeout

        host = urlsplit(self.server.api).netloc
        if isinstance(error, ReadTimeout | ConnectTimeout):
            return ForgeUnavailable(
                f"{host} did not answer within {TIMEOUT} s.",
                "Nothing is lost: run the same command again.",
            )
        return ForgeUnavailable(
            f"No connection to {host}.",
            "Is there a network? Nothing is lost: run the same command again.",
        )


class Refused(ForgeError):
    """GitHub said no, with a status that some callers can use."""

    def __init__(self, status: int, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.status = status


def _client(server: Server, token: Token) -> Github:
    from github import Auth, Github

    return Github(
        auth=Auth.Token(token.value) if token.value else None,
        base_url=server.api,
        timeout=TIMEOUT,
        retry=None,  # what to try again, and for how long, is decided here
        seconds_between_requests=0,
        seconds_between_writes=SECONDS_BETWEEN_WRITES,
        user_agent="portfolio-scaffold",
    )


def _from_gh(server: Server) -> str:
    program = shutil.which("gh")
    if program is None:
        return ""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        answer = subprocess.run(
            [program, "auth", "token", "--hostname", server.host],
            capture_output=True, encoding="utf-8", timeout=TIMEOUT, check=False,
        )  # fmt: skip
        return answer.stdout.strip() if answer.returncode == 0 else ""
    return ""


def _requested_wait(status: int, headers: Mapping[str, str], words: str) -> float | None:
    """Seconds that a rate limit asks for; None when it is no rate limit.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    if status not in {403, 429}:
        return None
    if headers.get("retry-after", "").isdigit():
        return float(headers["retry-after"])
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(0.0, int(reset) - time.time()) + 1  # the second in which it resets
    return 60.0 if status == 429 or "rate limit" in words.lower() else None


def _words(data: object) -> str:
    """What GitHub said, its list of errors included."""
    if not isinstance(data, dict):
        return str(data or "")
    errors = data.get("errors")
    details = [
        entry if isinstance(entry, str)
        else entry.get("message") or " ".join(str(entry.get(k, "")) for k in ("field", "code"))
        for entry in (errors if isinstance(errors, list) else [errors] if errors else [])
    ]  # fmt: skip
    return "; ".join([str(data.get("message", "")).rstrip("."), *details])


def _split(scopes: str) -> set[str]:
    return {scope for scope in re.split(r"[,\s]+", scopes) if scope}


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"
