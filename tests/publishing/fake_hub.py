"""A small Hugging Face: the calls that publishing a Space makes, in the shapes it documents.

https://huggingface.co/docs/hub/api and what huggingface_hub reads and writes (`HfApi.whoami`,
`create_repo`, `space_info`, `create_commit`). Files over some bytes are kept apart (Git LFS, as
https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md describes it).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.publishing import standing_in
from tests.publishing.standing_in import serving

TOKEN = "hf_" + "S3cretS3cretS3cretS3cretS3cretS3cr"
SPACE = re.compile(r"/api/spaces/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?$")
BATCH = re.compile(r"/spaces/(?P<name>[^/]+/[^/]+)\.git/info/lfs/objects/batch$")

Answer = tuple[int, Any]


@dataclass
class FakeHub:
    login: str = "ada"
    spaces: dict[str, dict[str, Any]] = field(default_factory=dict)
    apart: dict[str, bytes] = field(default_factory=dict)  # contents kept apart, by SHA-256
    apart_from: int = 1_000  # bytes
    faults: dict[str, Answer] = field(default_factory=dict)  # by what the path ends with
    calls: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def writes(self) -> list[tuple[str, str]]:
        reading = re.compile(r"preupload|validate-yaml|batch$")
        return [call for call in self.calls if call[0] != "GET" and not reading.search(call[1])]

    def create(
        self, name: str, private: bool = False, files: dict[str, bytes] | None = None
    ) -> dict[str, Any]:
        first = {".gitattributes": b"*.bin filter=lfs\n", "README.md": b"---\nsdk: docker\n---\n"}
        self.spaces[name] = {"private": private, "files": first | (files or {}), "commits": 1}
        return self.spaces[name]

    @contextmanager
    def serving(self) -> Iterator[FakeHub]:
        with serving(self, Handler) as self.port:
            yield self

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        for end, fault in self.faults.items():
            if path.endswith(end):
                return fault
        if (method, path) == ("GET", "/api/whoami-v2"):
            return 200, {"type": "user", "id": "1", "name": self.login, "orgs": [], "auth": {}}
        if (method, path) == ("POST", "/api/repos/create"):
            return self._create(json.loads(body))
        if (method, path) == ("POST", "/api/validate-yaml"):
            return 200, {"errors": [], "warnings": []}
        if BATCH.match(path):
            return self._batch(json.loads(body))
        if method == "PUT" and path.startswith("/store/"):
            self.apart[path.removeprefix("/store/")] = body
            return 200, {}
        found = SPACE.match(path)
        space = self.spaces.get(found["name"]) if found else None
        if found is None or space is None:
            return 404, {"error": "Repository not found"}
        return self._space(found["name"], space, found["rest"] or "", body)

    def _create(self, asked: dict[str, Any]) -> Answer:
        name = f"{asked.get('organization') or self.login}/{asked['name']}"
        if asked.get("type") != "space" or asked.get("sdk") != "docker":
            return 400, {"error": "Invalid type or sdk"}
        if name in self.spaces:
            return 409, {"error": "You already created this space repo", "url": self._url(name)}
        self.create(name, asked.get("private") or asked.get("visibility") == "private")
        return 200, {"url": self._url(name), "name": name, "id": "1"}

    def _url(self, name: str) -> str:
        return f"{self.web}/spaces/{name}"

    def _space(self, name: str, space: dict[str, Any], rest: str, body: bytes) -> Answer:
        if rest in {"", "/revision/main"}:
            return 200, self._info(name, space)
        if rest == "/preupload/main":
            files = json.loads(body)["files"]
            modes = ["lfs" if file["size"] > self.apart_from else "regular" for file in files]
            return 200, {
                "files": [
                    {"path": file["path"], "uploadMode": mode, "shouldIgnore": False}
                    for file, mode in zip(files, modes, strict=True)
                ]
            }
        if rest == "/commit/main":
            return self._commit(name, space, [json.loads(line) for line in body.splitlines()])
        return 404, {"error": "Not found"}

    def _info(self, name: str, space: dict[str, Any]) -> dict[str, Any]:
        card = re.match(rb"---\n(.*?)\n---\n", space["files"]["README.md"], re.DOTALL)
        lines = card[1].decode().splitlines() if card else []
        facts: dict[str, Any] = dict(line.split(": ", 1) for line in lines)
        if "tags" in facts:
            facts["tags"] = facts["tags"].strip("[]").split(", ")
        siblings = [
            {"rfilename": path, "size": len(content), "blobId": git_id(content)}
            | ({"lfs": lfs(content)} if len(content) > self.apart_from else {})
            for path, content in space["files"].items()
        ]
        return {
            "id": name, "sha": f"{space['commits']:040x}", "private": space["private"],
            "sdk": "docker", "tags": ["docker", *facts.get("tags", [])], "cardData": facts,
            "siblings": siblings, "likes": 0, "author": name.split("/")[0],
        }  # fmt: skip

    def _commit(self, name: str, space: dict[str, Any], lines: list[dict[str, Any]]) -> Answer:
        head, *rest = lines
        parent = head["value"].get("parentCommit")
        if parent not in {None, f"{space['commits']:040x}"}:
            return 412, {"error": "A commit has happened since."}
        for line in rest:
            value = line["value"]
            match line["key"]:
                case "file":
                    space["files"][value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    space["files"][value["path"]] = self.apart[value["oid"]]
                case "deletedFile":
                    del space["files"][value["path"]]
        space["commits"] += 1
        oid = f"{space['commits']:040x}"
        url = f"{self._url(name)}/commit/{oid}"
        return 200, {"success": True, "commitOid": oid, "commitUrl": url}

    def _batch(self, asked: dict[str, Any]) -> Answer:
        objects = [
            {**one, "actions": {"upload": {"href": f"{self.web}/store/{one['oid']}"}}}
            for one in asked["objects"]
        ]
        return 200, {"transfer": "basic", "objects": objects}


class Handler(standing_in.Handler):
    def handle_one(self) -> None:
        hub: FakeHub = self.server.state  # type: ignore[attr-defined]
        path = urlsplit(self.path).path
        hub.calls.append((self.command, path))
        body = self.read_body()
        allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if allowed or path.startswith("/store/"):
            status, answer = hub.answer(self.command, path, body)
        else:
            status, answer = 401, {"error": "Invalid username or password."}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if status >= 400:
            self.send_header("X-Error-Message", str(answer.get("error", "")))
            if status == 404:
                self.send_header("X-Error-Code", "RepoNotFound")
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = handle_one  # noqa: N815


def git_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def lfs(content: bytes) -> dict[str, Any]:
    return {
        "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134,
    }  # fmt: skip
