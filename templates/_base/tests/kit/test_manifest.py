import hashlib
import json
from collections.abc import Callable

import pytest

from project_package import data, evaluate
from project_package.kit import holdout
from project_package.kit.holdout import Ledger
from project_package.kit.provenance import model_files
from project_package.kit.workspace import (
    HoldOutError,
    ManifestError,
    ProjectError,
    Workspace,
    hash_files,
    write_json,
)

from conftest import new_workspace, reseal


def test_a_sample_is_recorded_as_one(prepared: Workspace) -> None:
    assert holdout.read_manifest(prepared)["sample"] is True


def test_no_row_is_in_two_parts(prepared: Workspace) -> None:
    parts = holdout.read_manifest(prepared)["parts"]
    ids = [row for part in parts.values() for row in part["ids"]]
    assert ids
    assert len(ids) == len(set(ids))


def test_a_part_holds_the_rows_that_the_manifest_names(prepared: Workspace) -> None:
    for name, part in holdout.read_manifest(prepared)["parts"].items():
        assert part["rows"] > 0, name
        written = hashlib.sha256("\n".join(part["ids"]).encode()).hexdigest()
        assert len(part["ids"]) in (0, part["rows"]), name
        assert holdout.hash_ids(part["ids"]) == written, name
        if part["ids"]:
            assert part["ids_sha256"] == written, name
        assert hash_files([prepared.processed / part["file"]]) == part["sha256"], name


@pytest.mark.parametrize("reader", ["train", "data", "report", "predict", "serve", "", "Evaluate"])
def test_the_test_part_opens_for_evaluate_alone(copy: Workspace, reader: str) -> None:
    with pytest.raises(HoldOutError, match="only evaluate"):
        holdout.open_part(copy, "test", reader=reader)
    assert holdout.read_access(copy)["count"] == 1


def test_a_run_reads_the_test_part_once_and_logs_it(copy: Workspace) -> None:
    before = holdout.read_access(copy)["count"]
    assert before == 1  # by the run that made this workspace
    evaluate.run(copy)
    assert holdout.read_access(copy)["count"] == before + 1
    readers = {json.loads(line)["reader"] for line in copy.access_log.read_text().splitlines()}
    assert readers == {"evaluate"}


def test_another_model_is_not_measured_without_a_reason(copy: Workspace) -> None:
    """On real data; the first model may be asked again, as it says the same."""
    manifest = json.loads(copy.manifest.read_text(encoding="utf-8"))
    write_json(copy.manifest, {**manifest, "sample": False})
    reseal(copy, "train")
    holdout.open_part(copy, "test", reader="evaluate")
    with model_files(copy)[0].open("ab") as file:
        file.write(b"another")
    reseal(copy, "train")
    with pytest.raises(HoldOutError, match="never for this model"):
        holdout.open_part(copy, "test", reader="evaluate")
    told = Workspace(copy.root, because="the labels were corrected")
    holdout.open_part(told, "test", reader="evaluate")
    whys = [read["why"] for read in holdout.read_access(copy)["reads"]]
    assert whys == ["first reading", "the same model again", "the labels were corrected"]


def test_results_stay_those_of_their_read_when_more_follow(copy: Workspace) -> None:
    told = holdout.read_access(copy)
    holdout.open_part(copy, "test", reader="evaluate")
    assert holdout.was_read_as(copy, told)
    assert not holdout.was_read_as(copy, {**told, "head": "0" * 64})
    assert not holdout.was_read_as(copy, {**told, "count": 3})
    copy.access_log.unlink()
    assert not holdout.was_read_as(copy, told)


def test_a_line_taken_out_of_the_access_log_is_noticed(copy: Workspace) -> None:
    for _ in range(2):
        holdout.open_part(copy, "test", reader="evaluate")
    first, _, third = copy.access_log.read_text(encoding="utf-8").splitlines()
    copy.access_log.write_text(f"{first}\n{third}\n", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"access\.jsonl was changed before line 2"):
        holdout.open_part(copy, "test", reader="evaluate")


def test_every_read_of_the_test_part_is_a_line_chained_to_the_one_before(copy: Workspace) -> None:
    for _ in range(3):
        holdout.open_part(copy, "test", reader="evaluate")
        holdout.open_part(copy, "train", reader="evaluate")
    lines = copy.access_log.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 3
    heads = ["", *(hashlib.sha256(line.encode()).hexdigest() for line in lines)]
    assert [json.loads(line)["previous"] for line in lines] == heads[:-1]
    found = holdout.read_access(copy)
    assert (found["count"], found["head"]) == (4, heads[-1])


@pytest.mark.parametrize("line", [0, 1])
def test_a_line_changed_in_the_access_log_is_noticed(copy: Workspace, line: int) -> None:
    for _ in range(2):
        holdout.open_part(copy, "test", reader="evaluate")
    lines = copy.access_log.read_text(encoding="utf-8").splitlines()
    lines[line] = json.dumps(json.loads(lines[line]) | {"model": "0" * 16})
    copy.access_log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"access\.jsonl was changed"):
        holdout.read_access(copy)


def test_any_part_changed_after_the_split_is_refused_and_none_may_be_missing(
    copy: Workspace,
) -> None:
    for name, part in holdout.read_manifest(copy)["parts"].items():
        path = copy.processed / part["file"]
        content = path.read_bytes()
        for changed in (content + b"\n", content[:-1], content[::-1]):
            path.write_bytes(changed)
            with pytest.raises(ManifestError, match="changed after the split"):
                holdout.open_part(copy, name, reader="evaluate")
        path.unlink()
        with pytest.raises(ManifestError, match="is missing"):
            holdout.open_part(copy, name, reader="evaluate")
        path.write_bytes(content)
        assert holdout.open_part(copy, name, reader="evaluate") == path
    assert holdout.read_access(copy)["count"] == 2, "one more, for the last of these"


def as_it_was(_: dict[str, list[str]]) -> None:
    """Change nothing."""


def seal_again(
    workspace: Workspace, change: Callable[[dict[str, list[str]]], None], sha256: str = "1"
) -> None:
    """Seal two parts of real data, with ids as `change` leaves them."""
    ids = {"train": ["a", "b", "c"], "test": ["d", "e"]}
    change(ids)
    workspace.processed.mkdir(parents=True, exist_ok=True)
    for name in ids:
        (workspace.processed / name).write_text("rows", encoding="utf-8")
    parts = {name: (workspace.processed / name, rows) for name, rows in ids.items()}
    holdout.seal(
        workspace, parts, source="publisher", sha256=sha256, sample=False, counts={},
        ledger=Ledger(sum(map(len, ids.values()))),
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda ids: ids["test"].reverse(),
        lambda ids: ids["test"].append(ids["train"].pop()),
        lambda ids: ids.update(train=["a", "b", "x"]),
        lambda ids: ids.update(test=["d", "x"]),
        lambda ids: ids.update(validation=["x"]),
    ],
)
def test_other_rows_than_were_sealed_are_refused(empty: Workspace, change) -> None:
    seal_again(empty, as_it_was)
    seal_again(empty, as_it_was)
    before = empty.manifest.read_bytes()
    with pytest.raises(ManifestError, match="would hold other rows"):
        seal_again(empty, change)
    with pytest.raises(ManifestError, match="the data have changed"):
        seal_again(empty, as_it_was, sha256="2")
    assert empty.manifest.read_bytes() == before


def test_rows_that_went_missing_on_the_way_to_the_parts_are_not_sealed(empty: Workspace) -> None:
    empty.processed.mkdir(parents=True)
    (empty.processed / "train").write_text("rows", encoding="utf-8")
    parts = {"train": (empty.processed / "train", ["a", "b"])}
    for rows in (1, 3):
        with pytest.raises(ProjectError, match="enter every drop"):
            holdout.seal(
                empty, parts, source="", sha256="", sample=False, counts={}, ledger=Ledger(rows)
            )
    assert not empty.manifest.exists()


def test_other_data_than_the_manifest_describes_are_refused(copy: Workspace) -> None:
    _pretend_real(copy)
    with pytest.raises(ManifestError, match="the data have changed"):
        holdout.require_same_data(copy, "0" * 64, sample=False)


def test_a_sample_never_replaces_results_on_the_real_data(copy: Workspace) -> None:
    _pretend_real(copy)
    with pytest.raises(ManifestError, match="a sample would overwrite"):
        data.run(copy, sample=True)


def test_the_same_seed_gives_the_same_parts(prepared: Workspace, tmp_path) -> None:
    again = new_workspace(tmp_path / "again")
    data.run(again, sample=True)
    assert holdout.read_manifest(again)["parts"] == holdout.read_manifest(prepared)["parts"]


def test_the_manifest_says_what_the_run_was_made_with(prepared: Workspace) -> None:
    described = holdout.read_manifest(prepared)
    assert described["seed"] == prepared.seed
    assert described["rows"] == sum(part["rows"] for part in described["parts"].values())


def _pretend_real(workspace: Workspace) -> None:
    described = json.loads(workspace.manifest.read_text(encoding="utf-8"))
    workspace.manifest.write_text(json.dumps(described | {"sample": False}), encoding="utf-8")
