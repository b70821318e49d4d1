import pytest

from project_package.errors import ProjectError
from project_package.workspace import Workspace


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    text = "seed = 1\n\n[train]\nfolds = 5\nrate = 0.5\n\n[sample]\nfolds = 2\n"
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return Workspace(tmp_path)


def test_a_variable_replaces_one_value_of_training(workspace, monkeypatch) -> None:
    monkeypatch.setenv("TRAIN_FOLDS", "3")
    assert workspace.config["train"] == {"folds": 3, "rate": 0.5}


def test_the_command_line_has_the_last_word(workspace, monkeypatch) -> None:
    monkeypatch.setenv("TRAIN_FOLDS", "3")
    given = Workspace(workspace.root, overrides={"folds": 4})
    assert given.config["train"]["folds"] == 4


def test_a_sample_has_its_own_values(workspace) -> None:
    workspace.manifest.parent.mkdir()
    workspace.manifest.write_text('{"sample": true}', encoding="utf-8")
    assert workspace.config["train"] == {"folds": 2, "rate": 0.5}


def test_a_variable_of_the_wrong_type_is_named(workspace, monkeypatch) -> None:
    monkeypatch.setenv("TRAIN_FOLDS", "many")
    with pytest.raises(ProjectError, match="TRAIN_FOLDS is no int"):
        _ = workspace.config


def test_a_broken_configuration_is_named(workspace) -> None:
    (workspace.root / "config.toml").write_text("seed = ", encoding="utf-8")
    with pytest.raises(ProjectError, match="not valid TOML"):
        _ = workspace.config
