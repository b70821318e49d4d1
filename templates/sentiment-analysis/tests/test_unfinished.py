import numpy as np
import pytest
from joblib import delayed

from project_package.kit.workspace import Workspace
from project_package.unfinished import in_parallel


def test_an_interrupted_step_goes_on_where_it_was(empty: Workspace) -> None:
    data_is_there(empty)
    done = []

    def fit(name: str, interrupted: bool = False) -> np.ndarray:
        if interrupted:
            raise KeyboardInterrupt
        done.append(name)
        return np.array([len(name)])

    jobs = {"a": delayed(fit)("a"), "bc": delayed(fit)("bc", interrupted=True)}
    with pytest.raises(KeyboardInterrupt):
        in_parallel(empty, jobs, "fits", rows=1)
    results = in_parallel(empty, jobs | {"bc": delayed(fit)("bc")}, "fits", rows=1)
    assert done == ["a", "bc"]
    assert {name: result.tolist() for name, result in results.items()} == {"a": [1], "bc": [2]}
    assert not list((empty.models / "unfinished").iterdir())


def test_what_was_made_under_another_configuration_is_not_used(empty: Workspace) -> None:
    data_is_there(empty)
    stopped = {"a": delayed(np.zeros)(1), "b": delayed(interrupt)()}
    with pytest.raises(KeyboardInterrupt):
        in_parallel(empty, stopped, "fits", rows=1)
    other = Workspace(empty.root, overrides={"train.folds": 2})
    again = {"a": delayed(np.ones)(1), "b": delayed(np.ones)(1)}
    assert in_parallel(other, again, "fits", rows=1)["a"].tolist() == [1]


def interrupt() -> None:
    raise KeyboardInterrupt


def data_is_there(workspace: Workspace) -> None:
    workspace.manifest.write_text('{"sample": true}', encoding="utf-8", newline="\n")
