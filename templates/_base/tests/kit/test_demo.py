"""The demo in the browser answers as the service does, and needs nothing but its own folder."""

import importlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from project_package.kit import demo
from project_package.kit.provenance import PACKAGE
from project_package.kit.workspace import ProjectError, Workspace
from project_package.serve import create_app

if not (PACKAGE / "demo.py").exists():
    pytest.skip("this project has no demo", allow_module_level=True)

exported = importlib.import_module("project_package.demo")
NODE = shutil.which("node")
ROWS = 400  # at least, of what is compared; a project whose answers take long says how many here
TOLERANCE = 1e-4
PATIENCE = 5  # seconds for an answer; with a map of what decided, it takes one


@dataclass(frozen=True)
class Parity:
    """How the browser's answers compare with the service's."""

    asked: list[Any]  # [method, path, what was given], ...
    answers: list[Any]  # Node's
    milliseconds: float  # in Node, a row
    worst: float  # difference of two numbers
    others: list[str]  # what is different altogether

    @property
    def rows(self) -> int:
        """How many answers were compared."""
        return len(self.asked)


def compare(workspace: Workspace, folder: Path) -> Parity:
    """Every example asked of both; `folder` is scratch."""
    asked = [["get", *each] for each in getattr(exported, "LOOKUPS", [])]
    asked += [["post", "/predict", body] for body in exported.examples(workspace)]
    place = Path(shutil.copytree(demo.make(workspace), folder / "demo"))
    (place / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    requests = folder / "requests.json"
    requests.write_text(json.dumps(asked), encoding="utf-8")
    driver = Path(__file__).with_name("parity.mjs")
    said = subprocess.run(
        [str(NODE), str(driver), str(place), str(requests)],
        capture_output=True, encoding="utf-8", check=True, timeout=60 + PATIENCE * len(asked),
    )  # fmt: skip
    here = json.loads(said.stdout)
    with TestClient(create_app(workspace)) as client:
        found = [
            each
            for (method, path, given), answer in zip(asked, here["answers"], strict=True)
            for each in differences(_serve(client, method, path, given), answer)
        ]
    numbers = [each for each in found if isinstance(each, float)]
    others = [each for each in found if isinstance(each, str)]
    return Parity(asked, **here, worst=max(numbers, default=0.0), others=others)


def _serve(client: TestClient, method: str, path: str, given: Any) -> Any:
    if method == "get":
        return client.get(path, params=given).json()
    return client.post(path, json=given).json()


def differences(service: Any, browser: Any, place: str = "") -> Iterator[float | str]:
    """The difference of any two numbers, and a sentence for whatever else is not the same."""
    if type(service) is type(browser) is dict:
        if list(service) == list(browser) == ["error"]:
            return  # both refuse, each in its words
        if service.keys() == browser.keys():
            for key in service:
                yield from differences(service[key], browser[key], f"{place}.{key}")
            return
    elif type(service) is type(browser) is list and len(service) == len(browser):
        if _ranked(service) and _ranked(browser):
            service, browser = _settle_ties(service, browser)
        for row, pair in enumerate(zip(service, browser, strict=True)):
            yield from differences(*pair, f"{place}[{row}]")
        return
    elif _number(service) and _number(browser):
        yield abs(float(service) - float(browser))
        return
    if type(service) is not type(browser) or service != browser:
        yield f"{place}: {str(service)[:200]} here, {str(browser)[:200]} there"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ranked(value: list[Any]) -> bool:
    """Whether these are names with an effect each."""
    return bool(value) and all(
        isinstance(each, list) and [*map(type, each)] in ([str, float], [str, int])
        for each in value
    )


def _settle_ties(service: list[Any], browser: list[Any]) -> tuple[list[Any], list[Any]]:
    """Both lists, where the order is not the same by effects that the tolerance calls equal.

    What stands in a place may be another name of the same size, as long as no name is in both
    lists with another effect.
    """
    effects = dict(map(tuple, service))
    as_large = all(
        abs(abs(one) - abs(other)) < TOLERANCE
        for (_, one), (_, other) in zip(service, browser, strict=True)
    )
    if [name for name, _ in service] == [name for name, _ in browser] or not as_large:
        return service, browser
    matched = [[name, effects.get(name, effect)] for name, effect in browser]
    return matched, browser


@pytest.fixture(scope="module")
def workspace(trained: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A run on the sample, with its demo."""
    root = tmp_path_factory.mktemp("demo") / "copy"
    copied = Workspace(Path(shutil.copytree(trained.root, root)))
    demo.make(copied)
    return copied


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_browser_answers_as_the_service_does(workspace: Workspace, tmp_path: Path) -> None:
    parity = compare(workspace, tmp_path)
    assert parity.others == [], demo.TEACH
    assert parity.worst < TOLERANCE, demo.TEACH
    assert parity.rows >= getattr(exported, "ON_SAMPLE", ROWS)


def test_a_demo_loads_nothing_that_is_not_in_its_folder(workspace: Workspace) -> None:
    folder = workspace.root / demo.FOLDER
    page = (folder / "index.html").read_text(encoding="utf-8")
    named = {name for name in re.findall(r'(?:src|href)="([^"?]+)', page) if name != "data:,"}
    for script in folder.glob("*.js"):
        code = script.read_text(encoding="utf-8")
        named |= set(re.findall(r'(?:from|import) "\./([^"]+)"', code))
        assert not re.search(r"""["'`](https?:)?//\w""", code), script.name
    assert {"app.js", "style.css", "service.js", "server.js", "infer.js"} <= named
    assert sorted(name for name in named if not (folder / name).is_file()) == []


def test_a_demo_says_which_model_it_is_and_whether_it_may_be_shown(workspace: Workspace) -> None:
    folder = workspace.root / demo.FOLDER
    about = json.loads((folder / demo.ABOUT).read_text(encoding="utf-8"))
    with TestClient(create_app(workspace)) as client:
        version = client.get("/version").json()
    assert version.items() <= about.items()
    assert about["publish"] is not bool(about.get("why"))
    there = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert about["sizes"] == {name: size for name, size in there.items() if name != demo.ABOUT}


def test_the_same_model_gives_the_same_demo(workspace: Workspace) -> None:
    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (workspace.root / demo.FOLDER).iterdir()}

    before = files()
    demo.make(workspace)
    assert files() == before


def test_no_model_is_no_demo(empty: Workspace) -> None:
    with pytest.raises(ProjectError, match="run `python -m project_package"):
        demo.make(empty)
    assert not (empty.root / demo.FOLDER).exists()


def test_a_folder_of_that_name_that_is_no_demo_stays(copy: Workspace) -> None:
    own = copy.root / demo.FOLDER / "talk.md"
    own.parent.mkdir()
    own.write_text("mine", encoding="utf-8")
    with pytest.raises(ProjectError, match="was not made here"):
        demo.make(copy)
    assert own.exists()


def test_a_model_that_demo_py_does_not_know_is_a_clear_error(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exported, "export", lambda _: {}["coef_"])
    with pytest.raises(ProjectError, match="needs it in demo"):
        demo.make(workspace)


@pytest.mark.parametrize(
    ("service", "browser", "same"),
    [
        ({"a": [1, 2.0]}, {"a": [1.0, 2.00001]}, True),
        ({"a": [1, 2.0]}, {"a": [1.0, 2.001]}, False),
        ({"a": [1, 2.0]}, {"a": [1]}, False),
        ({"a": None}, {}, False),
        ({"sure": True}, {"sure": 1}, False),
        ({"error": "too long"}, {"error": "The text is too long."}, True),
        ({"error": "too long"}, {"move": 3}, False),
        ({"films": ["b", "a"]}, {"films": ["a", "b"]}, False),
        ([["a", 0.5], ["b", -0.5]], [["b", -0.5], ["a", 0.5]], True),  # a tie
        ([["a", 0.5], ["b", 0.4]], [["b", 0.5], ["a", 0.4]], False),
        ([["a", 0.5], ["b", 0.4]], [["b", 0.4], ["a", 0.5]], False),
    ],
)
def test_the_comparison_sees_what_is_different(service: Any, browser: Any, same: bool) -> None:
    found = [*differences(service, browser)]
    assert all(isinstance(each, float) and each < TOLERANCE for each in found) is same
