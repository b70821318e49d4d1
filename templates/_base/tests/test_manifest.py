import json

import pytest

from project_package import data, evaluate, manifest
from project_package.errors import HoldOutError, ManifestError
from project_package.workspace import Workspace

from conftest import new_workspace


def test_a_sample_is_recorded_as_one(prepared: Workspace) -> None:
    assert manifest.read_manifest(prepared)["sample"] is True


def test_no_row_is_in_two_parts(prepared: Workspace) -> None:
    parts = manifest.read_manifest(prepared)["parts"]
    ids = [row for part in parts.values() for row in part["ids"]]
    assert ids
    assert len(ids) == len(set(ids))


def test_a_part_holds_the_rows_that_the_manifest_names(prepared: Workspace) -> None:
    for name, part in manifest.read_manifest(prepared)["parts"].items():
        assert part["rows"] > 0, name
        assert manifest.hash_ids(part["ids"]) == part["ids_sha256"], name


def test_the_test_part_opens_for_evaluate_alone(copy: Workspace) -> None:
    with pytest.raises(HoldOutError, match="only evaluate"):
        manifest.open_part(copy, "test", reader="train")


def test_a_run_reads_the_test_part_once_and_logs_it(copy: Workspace) -> None:
    before, _ = manifest.read_access(copy)
    assert before == 1  # by the run that made this workspace
    evaluate.run(copy)
    assert manifest.read_access(copy)[0] == before + 1
    readers = {json.loads(line)["reader"] for line in copy.access_log.read_text().splitlines()}
    assert readers == {"evaluate"}


def test_a_line_taken_out_of_the_access_log_is_noticed(copy: Workspace) -> None:
    for _ in range(2):
        manifest.open_part(copy, "test", reader="evaluate")
    first, _, third = copy.access_log.read_text(encoding="utf-8").splitlines()
    copy.access_log.write_text(f"{first}\n{third}\n", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"access\.jsonl was changed before line 2"):
        manifest.open_part(copy, "test", reader="evaluate")


def test_a_part_changed_after_the_split_is_refused(copy: Workspace) -> None:
    part = manifest.read_manifest(copy)["parts"]["train"]
    with (copy.processed / part["file"]).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(ManifestError, match="changed after the split"):
        manifest.open_part(copy, "train", reader="train")


def test_other_data_than_the_manifest_describes_are_refused(copy: Workspace) -> None:
    _pretend_real(copy)
    with pytest.raises(ManifestError, match="the data have changed"):
        manifest.require_same_data(copy, "0" * 64, sample=False)


def test_a_sample_never_replaces_results_on_the_real_data(copy: Workspace) -> None:
    _pretend_real(copy)
    with pytest.raises(ManifestError, match="a sample would overwrite"):
        data.run(copy, sample=True)


def test_the_same_seed_gives_the_same_parts(prepared: Workspace, tmp_path) -> None:
    again = new_workspace(tmp_path / "again")
    data.run(again, sample=True)
    assert manifest.read_manifest(again)["parts"] == manifest.read_manifest(prepared)["parts"]


def _pretend_real(workspace: Workspace) -> None:
    described = json.loads(workspace.manifest.read_text(encoding="utf-8"))
    workspace.manifest.write_text(json.dumps(described | {"sample": False}), encoding="utf-8")
