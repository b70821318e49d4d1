import numpy as np
import pandas as pd
import pytest

from project_package import data
from project_package.data import Recordings
from project_package.kit import holdout, sample
from project_package.kit.workspace import PROJECT_ROOT, ManifestError, Workspace


def everything(workspace: Workspace) -> dict[str, Recordings]:
    return {name: data.read_part(workspace.processed / f"{name}.npz") for name in data.PARTS}


@pytest.fixture
def whole(prepared: Workspace) -> Recordings:
    return data.read_part(prepared.sample / sample.SOUNDS_FILE)


def test_of_every_speaker_and_digit_the_same_share_of_takes_is_in_the_test_set(
    prepared: Workspace,
) -> None:
    share = prepared.config["data"]["test_share"]
    counts = {
        name: pd.Series(part.digits).groupby([part.speakers, part.digits]).size()
        for name, part in everything(prepared).items()
    }
    assert set(counts["test"]) == {round(share * sample.TAKES)}
    assert set(counts["train"]) == {sample.TAKES - round(share * sample.TAKES)}
    assert len(counts["test"]) == sample.VOICES * len(data.DIGITS)


def test_no_recording_crosses_the_split_whatever_its_name(whole: Recordings) -> None:
    sounds = whole.sounds.copy()
    for row in range(0, len(whole), 7):
        sounds[row] = sounds[row - 1]
    copied = Recordings(sounds, whole.digits, whole.speakers, whole.ids)
    for seed in range(8):
        parts = data.split(copied, seed, {"test_share": 0.4})
        train, test = (set(data.inputs(part)) for part in parts.values())
        assert not train & test
        assert sum(map(len, parts.values())) == len(whole)


def test_the_seed_draws_the_takes(whole: Recordings) -> None:
    drawn = [set(data.split(whole, seed, {"test_share": 0.4})["test"].ids) for seed in range(4)]
    assert len({frozenset(each) for each in drawn}) == 4
    takes = {name.rsplit("_", 1)[1] for name in drawn[0]}
    assert len(takes) == sample.TAKES, "not the same takes of every digit"


def test_what_is_written_is_read_again_sample_by_sample(prepared: Workspace, tmp_path) -> None:
    workspace = Workspace(tmp_path)
    part = everything(prepared)["test"].take(np.array([5, 3, 8]))
    again = data.read_part(data.write_part(workspace, "some", part))
    for one, other in zip(part.sounds, again.sounds, strict=True):
        assert one.dtype == other.dtype == np.int16
        assert np.array_equal(one, other)
    assert list(again.ids) == list(part.ids)
    assert again.digits.tolist() == part.digits.tolist()


def test_every_id_says_what_its_row_holds(prepared: Workspace) -> None:
    for part in everything(prepared).values():
        told = [name.split("_") for name in part.ids]
        assert [int(each[0]) for each in told] == part.digits.tolist()
        assert [each[1] for each in told] == part.speakers.tolist()
        assert min(map(len, part.sounds)) > 0


def test_the_sample_is_synthesised_and_says_so(prepared: Workspace, whole: Recordings) -> None:
    again = sample.draw(sample.SEED)
    assert np.array_equal(np.concatenate([*whole.sounds]), again["sound"])
    assert "nobody's recordings" in holdout.read_manifest(prepared)["source"]
    other = sample.draw(sample.SEED + 1, voices=2, takes=1)
    assert len(other["ids"]) == 2 * len(data.DIGITS)
    assert not np.array_equal(other["sound"][:500], again["sound"][:500])


def test_other_bytes_than_the_published_ones_are_refused(tmp_path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "0_ann_0.wav").write_bytes(b"RIFF")
    with pytest.raises(ManifestError, match="not the published recordings"):
        data.read_raw(tmp_path)


def test_no_recording_is_where_git_would_take_it() -> None:
    ignored = (PROJECT_ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"data/raw/", "data/processed/", "data/feedback.jsonl"} <= set(ignored)
    sample_ignored = (PROJECT_ROOT / "data/sample/.gitignore").read_text(encoding="utf-8")
    assert sample.SOUNDS_FILE in sample_ignored.splitlines()
