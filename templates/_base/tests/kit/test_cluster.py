"""What goes wrong with a cluster ends in one message; that it goes right needs more than one."""

import sys
from types import SimpleNamespace

import pytest

from project_package.kit.commands import main
from project_package.kit.workspace import ProjectError

NOBODY = "tcp://127.0.0.1:1"
MODULE = "project_package.kit.cluster"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch):
    """The module, which needs the extra; nobody waits long."""
    pytest.importorskip("distributed")
    from project_package.kit import cluster

    monkeypatch.setattr(cluster, "SECONDS", 0.5)
    return cluster


def with_workers(**answers: object) -> SimpleNamespace:
    """A client of a cluster whose workers answer so, by name."""
    return SimpleNamespace(
        scheduler_info=lambda: {"workers": answers}, run=lambda *_, **__: answers
    )


@pytest.mark.parametrize("step", [["train"], ["tune"], ["try", "more machines"]])
def test_without_dask_it_says_how_to_get_it(step: list[str], monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    assert main([*step, "--on", NOBODY]) == 1
    assert capsys.readouterr().err == 'error: `--on` needs Dask: pip install -e ".[cluster]"\n'


@pytest.mark.parametrize(
    ("address", "told"), [(NOBODY, "no scheduler answers at"), ("scheduler:8786", "such as tcp://")]
)
def test_a_scheduler_that_does_not_answer_is_named(cluster, address, told, capsys) -> None:
    assert main(["train", "--on", address]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("error: ")
    assert told in printed
    assert address in printed


def test_a_cluster_without_workers_is_refused(cluster) -> None:
    with pytest.raises(ProjectError, match="has no workers"):
        cluster._require_same(with_workers(), NOBODY)


def test_a_worker_without_the_project_is_refused(cluster) -> None:
    missing = ModuleNotFoundError("No module named 'project_package'")
    with pytest.raises(ProjectError, match="first does not have this project: No module named"):
        cluster._require_same(with_workers(first=missing), NOBODY)


@pytest.mark.parametrize("name", ["numpy", "Python", "code"])
def test_a_worker_that_would_find_other_numbers_is_refused(cluster, name: str, monkeypatch) -> None:
    here = {"numpy": "2.4.6", "Python": "3.12.3", "code": "8a24ff6a1e"}
    monkeypatch.setattr(cluster, "_computing", lambda: here)
    cluster._require_same(with_workers(first=here), NOBODY)
    with pytest.raises(ProjectError, match=f"second would find other numbers, by {name} other"):
        cluster._require_same(with_workers(first=here, second=here | {name: "other"}), NOBODY)
