import numpy as np
import pytest

from project_package import data
from project_package.data import Faces
from project_package.kit import holdout, sample
from project_package.kit.workspace import ManifestError, Workspace


def everything(workspace: Workspace) -> dict[str, Faces]:
    return {name: data.read_part(workspace.processed / f"{name}.npz") for name in data.PARTS}


def test_nobody_is_in_two_parts(prepared: Workspace) -> None:
    train, test = everything(prepared).values()
    assert not set(train.people) & set(test.people)
    assert len(set(train.people)) + len(set(test.people)) == sample.PEOPLE


def test_no_picture_crosses_the_split_whatever_its_name(prepared: Workspace) -> None:
    """The same picture under two names: whoever it shows is on one side."""
    whole = data.read_part(prepared.sample / sample.FACES)
    pixels = whole.pixels.copy()
    pixels[whole.people == "drawn2"] = pixels[whole.people == "drawn1"]
    pixels[-1] = pixels[0]
    copied = Faces(pixels, whole.people, whole.ids)
    for seed in range(12):
        parts = data.split(copied, seed, prepared.config["data"])
        train, test = (set(data.inputs(part)) for part in parts.values())
        assert not train & test


def test_the_share_of_people_is_that_of_the_configuration(prepared: Workspace) -> None:
    whole = data.read_part(prepared.sample / sample.FACES)
    for share, people in ((0.25, 6), (0.5, 12), (0.75, 18)):
        parts = data.split(whole, 1, {"test_share": share})
        assert len(set(parts["test"].people)) == people


def test_every_picture_has_the_size_of_the_data_and_a_face_of_its_own(prepared: Workspace) -> None:
    for name, part in everything(prepared).items():
        assert part.pixels.shape == (len(part), data.HEIGHT, data.WIDTH), name
        assert part.pixels.dtype == np.uint8, name
        assert part.pixels.std(axis=(1, 2)).min() > 8, f"an empty picture in {name}"
        assert len(set(part.ids)) == len(part), name
        own = [
            f"{who}/" == row[: len(who) + 1] for who, row in zip(part.people, part.ids, strict=True)
        ]
        assert all(own), name


def test_the_sample_shows_the_same_invented_faces_everywhere(prepared: Workspace) -> None:
    once, twice = sample.draw(sample.SEED), sample.draw(sample.SEED)
    for name, drawn in once.items():
        assert np.array_equal(drawn, twice[name]), name
    assert np.array_equal(data.read_part(prepared.sample / sample.FACES).pixels, once["pixels"])
    assert not np.array_equal(sample.draw(sample.SEED + 1)["pixels"], once["pixels"])
    assert "drawn sample" in holdout.read_manifest(prepared)["source"]


def test_other_bytes_than_the_published_ones_are_refused(prepared: Workspace) -> None:
    folder = prepared.raw / "s1"
    folder.mkdir(parents=True)
    (folder / "1.pgm").write_bytes(data.HEADER + bytes(data.HEIGHT * data.WIDTH))
    try:
        with pytest.raises(ManifestError, match="not the published ones"):
            data.read_raw(prepared.raw)
    finally:
        (folder / "1.pgm").unlink()
        folder.rmdir()
        prepared.raw.rmdir()


def test_no_picture_is_where_git_would_take_it() -> None:
    from project_package.kit.workspace import PROJECT_ROOT

    ignored = (PROJECT_ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"data/raw/", "data/processed/", "data/enrolled/"} <= set(ignored)
    left_out = (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "data/enrolled/" in left_out
    assert "faces.npz" in (PROJECT_ROOT / "data/sample/.gitignore").read_text(encoding="utf-8")
