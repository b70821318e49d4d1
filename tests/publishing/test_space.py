"""A service as a Docker Space: what goes there, what never does, and the token on the way."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffold.commands.publish import Wishes
from scaffold.commands.space import Placed, as_text, publish
from scaffold.errors import ChecksFailed, ForgeError, ForgeUnavailable, UsageError
from scaffold.publishing import space
from scaffold.reporter import Recording
from tests.conftest import Called
from tests.factories import git, write_files
from tests.publishing.fake_hub import TOKEN, FakeHub

# huggingface_hub's own use of its HTTP library.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

NAME = "ada/spam-detector"
MODEL = b"\x00weights" * 300
DOCKERFILE = """\
ARG MODEL=release
FROM python:3.13-slim
RUN useradd --create-home --uid 10001 service
COPY src src
COPY models models
EXPOSE 8000
"""


class Room:
    """A measured project and the Hugging Face that its service goes to."""

    def __init__(self, root: Path, hub: FakeHub) -> None:
        self.root = root
        self.hub = hub
        self.said: list[str] = []

    def publish(self, *, dry_run: bool = False, **wishes: Any) -> Placed:
        os.environ["HF_TOKEN"] = TOKEN
        reporter = Recording()
        self.said = reporter.messages
        asked = Wishes(**{"skip": ("all",), "private": False, **wishes})
        return publish(self.root, asked, dry_run=dry_run, reporter=reporter)

    def commit(self) -> None:
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--message", "Measure it")

    @property
    def files(self) -> dict[str, bytes]:
        found: dict[str, bytes] = self.hub.spaces[NAME]["files"]
        return found


@pytest.fixture
def room(tmp_path: Path, identity: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    root = tmp_path / "spam-detector"
    measured = {
        "primary": {"name": "pr_auc", "value": 0.9},
        "digests": {"model": hashlib.sha256(MODEL).hexdigest()},
        "data": {"sample": False},
    }
    write_files(root, {
        "README.md": "# Spam detector\n", "Dockerfile": DOCKERFILE, "src/spam/serve.py": "run()\n",
        "config.toml": "seed = 7\n", "pyproject.toml": "[project]\nname = 'spam'\n",
        "requirements.lock": "numpy==2.0\n", "reports/metrics.json": json.dumps(measured),
        "data/sample/mails.csv": "a,b\n", "tests/test_it.py": "", ".gitignore": "models/\nraw/\n",
    })  # fmt: skip
    git(root, "init", "--quiet", "--initial-branch=main")
    write_files(root, {"models/model.bin": MODEL, "models/training.json": "{}"})
    write_files(root, {"data/raw/mails.tar": b"raw", "models/versions/1/model.bin": b"other"})
    with FakeHub().serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.web)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
        made = Room(root, hub)
        made.commit()
        yield made


def test_a_space_holds_what_its_image_needs_and_no_data(room: Room) -> None:
    placed = room.publish()
    assert sorted(room.files) == [
        ".gitattributes", "Dockerfile", "README.md", "config.toml", "models/model.bin",
        "models/training.json", "pyproject.toml", "reports/metrics.json", "requirements.lock",
        "src/spam/serve.py",
    ]  # fmt: skip
    assert room.files["models/model.bin"] == MODEL
    assert placed.address.endswith(f"/spaces/{NAME}")
    assert placed.service == "https://ada-spam-detector.hf.space"


def test_front_matter_model_and_user_are_the_spaces_alone(room: Room) -> None:
    before = git(room.root, "rev-parse", "HEAD")
    room.publish()
    readme = room.files["README.md"].decode()
    assert readme.startswith("---\n")
    assert "\nsdk: docker\napp_port: 8000\n" in readme
    assert readme.endswith("# Spam detector\n")
    dockerfile = room.files["Dockerfile"].decode()
    assert "ARG MODEL=here\n" in dockerfile
    assert "--uid 1000 service" in dockerfile
    assert git(room.root, "rev-parse", "HEAD") == before
    assert (room.root / "README.md").read_text(encoding="utf-8") == "# Spam detector\n"
    assert (room.root / "Dockerfile").read_text(encoding="utf-8") == DOCKERFILE


def test_a_second_run_changes_nothing_and_a_change_sends_what_changed(room: Room) -> None:
    room.publish()
    writes = list(room.hub.writes)
    assert as_text(room.publish()).startswith(f"{NAME} is as it should be: nothing was changed.")
    assert room.hub.writes == writes
    write_files(room.root, {"config.toml": "seed = 8\n"})
    (room.root / "requirements.lock").unlink()
    room.commit()
    placed = room.publish()
    assert placed.calls == ("write config.toml (9 bytes)", "delete requirements.lock")
    assert room.files["config.toml"] == b"seed = 8\n"
    assert "requirements.lock" not in room.files


def test_a_dry_run_prints_all_and_sends_nothing(room: Room) -> None:
    text = as_text(room.publish(dry_run=True))
    assert f"create the Docker Space {NAME}, public" in text
    assert f"write models/model.bin ({len(MODEL):,} bytes)" in text
    assert room.hub.writes == []
    assert room.hub.spaces == {}


def test_it_says_before_anything_changes_that_a_space_is_public_and_keeps_no_disk(
    room: Room,
) -> None:
    placed = room.publish(dry_run=True)
    said = " ".join(room.said)
    assert "As ada on Hugging Face" in said
    assert "public: everybody can see and use it" in said
    assert "The disk of a Space is not kept" in said
    assert "The disk of a Space is not kept" in " ".join(placed.notes)


def test_nothing_new_becomes_public_by_silence(room: Room) -> None:
    with pytest.raises(UsageError, match="nobody said who may see it"):
        room.publish(private=None)
    assert room.hub.writes == []
    room.publish(private=True)
    assert room.hub.spaces[NAME]["private"] is True
    again = room.publish(private=False)
    assert "changed on its own page" in again.notes[-1]
    assert room.hub.spaces[NAME]["private"] is True


def test_a_space_with_other_work_is_left_alone(room: Room) -> None:
    room.hub.create(NAME, files={"app.py": b"theirs"})
    with pytest.raises(ForgeError, match="holds other work"):
        room.publish()
    assert room.hub.writes == []


def test_a_model_that_was_not_measured_is_not_shown(room: Room) -> None:
    (room.root / "models" / "model.bin").write_bytes(b"another")
    with pytest.raises(ForgeError, match="not the one that the committed results measured"):
        room.publish()
    assert room.hub.writes == []


def test_a_model_of_the_sample_is_not_shown(room: Room) -> None:
    path = room.root / "reports" / "metrics.json"
    measured = json.loads(path.read_text(encoding="utf-8"))
    write_files(
        room.root, {"reports/metrics.json": json.dumps({**measured, "data": {"sample": 1}})}
    )
    room.commit()
    with pytest.raises(ForgeError, match="no model to show"):
        room.publish()


def test_data_that_may_not_be_passed_on_keep_the_model_here(
    tmp_path: Path, room: Room, identity: None
) -> None:
    from scaffold.commands.new import create, plan

    root = create(plan("product-recommender", tmp_path / "recommender")).project.root
    with pytest.raises(ForgeError, match="may not be passed on"):
        Room(root, room.hub).publish()
    assert room.hub.writes == []


def test_blocking_checks_stop_it_before_anything_is_asked(room: Room) -> None:
    write_files(room.root, {".env": "MODE=fast\n"})
    room.commit()
    with pytest.raises(ChecksFailed, match="SA403"):
        room.publish(skip=())
    assert room.hub.calls == []


@pytest.mark.parametrize(
    ("end", "status", "kind", "words"),
    [
        ("whoami-v2", 401, ForgeError, "does not accept the token from HF_TOKEN"),
        ("repos/create", 403, ForgeError, "may not create the Space"),
        ("commit/main", 412, ForgeError, "will not write to the Space"),
        ("commit/main", 400, ForgeError, "will not write to the Space"),
    ],
)
def test_what_hugging_face_refuses_is_told_in_a_sentence_without_the_token(
    room: Room, end: str, status: int, kind: type[ForgeError], words: str
) -> None:
    room.hub.faults[end] = (status, {"error": f"No, {TOKEN}"})
    with pytest.raises(kind, match=words) as refused:
        room.publish()
    assert TOKEN not in refused.value.message + refused.value.hint


def test_no_answer_is_told_as_no_answer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ForgeUnavailable, match="No answer from"):
        room.publish()


def test_an_address_without_https_gets_no_token(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    with pytest.raises(UsageError, match="in the clear"):
        room.publish()


def test_the_stored_token_counts_and_none_names_two_ways(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    for name in space.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: "hf_stored")
    assert space.take_token().origin == "`hf auth login`"
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(ForgeError, match="No token for Hugging Face") as refused:
        space.take_token()
    assert "export HF_TOKEN" in refused.value.hint
    assert "hf auth login" in refused.value.hint


@pytest.mark.parametrize("status", [200, 500])
def test_the_token_of_hugging_face_is_nowhere_after(
    room: Room, tmp_path: Path, isolated: Path, scaffold: Callable[..., Called], status: int
) -> None:
    if status != 200:
        room.hub.faults["repos/create"] = (403, {"error": f"Bad token {TOKEN}"})
    os.environ["HF_TOKEN"] = TOKEN
    called = scaffold("publish", room.root, "--space", "--public", "--skip", "all")
    assert (called.code == 0) == (status == 200)
    assert TOKEN not in called.out + called.err
    assert "HF_TOKEN" not in os.environ
    assert not [
        path
        for folder in (tmp_path, isolated)
        for path in folder.rglob("*")
        if path.is_file() and TOKEN.encode() in path.read_bytes()
    ]


def test_the_command_refuses_what_a_space_has_not(
    room: Room, scaffold: Callable[..., Called]
) -> None:
    called = scaffold("publish", room.root, "--space", "--topic", "spam")
    assert called.code == 2
    assert "--space goes with" in called.err
