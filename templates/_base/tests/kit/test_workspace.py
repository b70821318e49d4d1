import pytest

from project_package.kit.workspace import (
    ProjectError,
    Workspace,
    read_settings,
    setting_names,
)

CONFIG = """seed = 1

[train]
folds = 5
rate = 0.5

[model]
loss = "squared"
widths = [8, 16]

[sample.train]
folds = 2

[ranges]
"train.rate" = { low = 0.1, high = 1.0 }
"""


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return Workspace(tmp_path)


def test_a_variable_replaces_values_of_any_table(workspace, monkeypatch) -> None:
    monkeypatch.setenv("SETTINGS", "train.folds=3 model.loss=absolute")
    assert workspace.config["train"] == {"folds": 3, "rate": 0.5}
    assert workspace.config["model"]["loss"] == "absolute"


def test_the_command_line_has_the_last_word(workspace, monkeypatch) -> None:
    monkeypatch.setenv("SETTINGS", "train.folds=3")
    given = Workspace(workspace.root, overrides={"train.folds": 4, "seed": 9})
    assert given.config["train"]["folds"] == 4
    assert given.seed == 9


def test_a_sample_has_its_own_values(workspace) -> None:
    workspace.manifest.parent.mkdir()
    workspace.manifest.write_text('{"sample": true}', encoding="utf-8")
    assert workspace.config["train"] == {"folds": 2, "rate": 0.5}


def test_what_is_in_effect_holds_neither_ranges_nor_the_values_of_the_sample(workspace) -> None:
    assert list(workspace.config) == ["seed", "train", "model"]
    assert list(setting_names(workspace.config)) == [
        "seed", "train.folds", "train.rate", "model.loss", "model.widths",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("train.rate=1", 1.0),
        ("train.rate=1e-3", 0.001),
        ("seed=7", 7),
        ("model.loss=absolute", "absolute"),
        ('model.loss="absolute"', "absolute"),
        ("model.widths=[4, 8]", [4, 8]),
    ],
)
def test_a_setting_is_read_as_toml_or_as_a_bare_word(workspace, text, value) -> None:
    assert list(read_settings([text], workspace.config).values()) == [value]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train.folds=many", "train.folds is no int: 'many'"),
        ("train.folds=2.5", "train.folds is no int: 2.5"),
        ("train.folds=true", "train.folds is no int: True"),
        ("model.loss=3", "model.loss is no str: 3"),
        ("train.fold=3", "config.toml has no 'train.fold'; it has train.folds"),
        ("ranges.train=3", "config.toml has no 'ranges.train'"),
        ("train.folds", "'train.folds' is no setting"),
    ],
)
def test_a_wrong_setting_is_named(workspace, monkeypatch, text, message) -> None:
    monkeypatch.setenv("SETTINGS", text.replace(" ", ""))
    with pytest.raises(ProjectError, match=message):
        _ = workspace.config
    with pytest.raises(ProjectError, match=message):
        read_settings([text], {key: dict(value) if isinstance(value, dict) else value
                               for key, value in workspace.config_file.items()
                               if key not in ("sample", "ranges")})  # fmt: skip


def test_a_broken_configuration_is_named(workspace) -> None:
    (workspace.root / "config.toml").write_text("seed = ", encoding="utf-8")
    with pytest.raises(ProjectError, match="not valid TOML"):
        _ = workspace.config
