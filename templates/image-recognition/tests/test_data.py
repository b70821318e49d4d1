import numpy as np
import pytest

from project_package import data
from project_package.data import CLASSES, Images
from project_package.kit import holdout
from project_package.kit.workspace import ManifestError, Workspace


def everything(workspace: Workspace) -> dict[str, Images]:
    return {name: data.read_part(workspace.processed / f"{name}.npz") for name in data.PARTS}


def test_every_part_has_every_class_and_images_of_the_right_shape(prepared: Workspace) -> None:
    for name, part in everything(prepared).items():
        assert part.pixels.shape == (len(part), data.SIDE, data.SIDE), name
        assert part.pixels.dtype == np.uint8, name
        assert set(part.labels) == set(range(len(CLASSES))), name
        assert part.pixels.reshape(len(part), -1).max(axis=1).min() > 0, f"black image in {name}"


def test_the_official_test_set_stays_whole(prepared: Workspace) -> None:
    official = data.read_part(prepared.sample / "images.npz")
    test = everything(prepared)["test"]
    assert sorted(test.ids) == sorted(row for row in official.ids if row.startswith("test"))


def test_no_near_copy_crosses_the_split(prepared: Workspace) -> None:
    parts = everything(prepared)
    pixels = np.concatenate([part.pixels for part in parts.values()])
    names = np.repeat(list(parts), [len(part) for part in parts.values()])
    groups = data.near_copies(pixels)
    assert np.bincount(groups).max() > 1, "the sample should hold near-copies"
    for group in np.flatnonzero(np.bincount(groups) > 1):
        assert len(set(names[groups == group])) == 1, names[groups == group]


def test_training_images_that_copy_a_test_image_are_left_out_and_counted(
    prepared: Workspace,
) -> None:
    described = holdout.read_manifest(prepared)
    (entry,) = described["ledger"]
    kept = sum(len(part) for part in everything(prepared).values())
    counts = described["counts"]
    official = counts["official_training"] + counts["official_test"]
    assert entry["dropped"] == official - kept > 0
    assert 0 < len(counts["copied_test_images"]) <= entry["dropped"]


def test_a_little_noise_makes_a_near_copy_and_another_garment_does_not(
    prepared: Workspace,
) -> None:
    one, other = everything(prepared)["train"].take(slice(2)).pixels
    noise = np.random.default_rng(0).integers(-3, 4, one.shape)
    noisy = np.where(one > 0, np.clip(one + noise, 0, 255), 0).astype(np.uint8)
    groups = data.near_copies(np.stack([one, noisy, other]))
    assert groups[0] == groups[1] != groups[2]


def test_idx_files_are_read() -> None:
    content = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
    assert data.read_idx(content).tolist() == [[1, 2, 3], [4, 5, 6]]
    with pytest.raises(ManifestError):
        data.read_idx(b"\x1f\x8b" + content)


def test_the_data_are_recorded_by_their_content(prepared: Workspace) -> None:
    images = data.read_part(prepared.sample / "images.npz")
    assert holdout.read_manifest(prepared)["sha256"] == data.content_sha256(images)


def test_near_copies_are_all_pairs_that_share_enough_brightness(
    prepared: Workspace, monkeypatch
) -> None:
    """Every pair compared outright; however few pairs are looked at in one go."""
    random = np.random.default_rng(0)
    kept = everything(prepared)["train"].take(slice(80)).pixels
    faint = random.integers(0, 4, kept.shape) * (kept > 0)
    strong = random.integers(0, 60, kept.shape) * (kept > 0)
    pixels = np.concatenate(
        [kept, *((np.clip(kept.astype(int) - less, 0, 255)).astype(np.uint8) for less in
                 (faint, strong))]
    )  # fmt: skip
    rows = pixels.reshape(len(pixels), -1).astype(int)
    near = np.array(
        [np.abs(rows - row).sum(axis=1) / np.maximum(rows, row).sum(axis=1) for row in rows]
    )
    pairs = {(a, b) for a, b in np.argwhere(near <= data.NEAR).tolist() if a < b}
    assert 40 <= len(pairs) < 1_000
    linked = [frozenset(members) for members in connected(len(rows), pairs)]
    for chunk in (7, len(pairs) - 1, 20_000):
        monkeypatch.setattr(data, "CHUNK", chunk)
        groups = data.near_copies(pixels)
        found = {frozenset(np.flatnonzero(groups == group).tolist()) for group in set(groups)}
        assert found == set(linked), chunk


def connected(size: int, pairs: set[tuple[int, int]]) -> list[set[int]]:
    """What hangs together through any number of pairs."""
    groups = [{row} for row in range(size)]
    for one, other in pairs:
        first, second = (next(g for g in groups if row in g) for row in (one, other))
        if first is not second:
            groups.remove(second)
            first |= second
    return groups
