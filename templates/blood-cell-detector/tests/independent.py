"""What test_recompute.py needs to know of this project, from libraries alone."""

import contextlib
import io
import json
from collections.abc import Callable
from itertools import product
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import torch
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy import ndimage
from skimage.feature import canny, peak_local_max
from skimage.filters import threshold_otsu
from skimage.measure import label, regionprops
from skimage.segmentation import watershed
from skimage.transform import hough_circle, hough_circle_peaks

from project_package.kit.sample import SAMPLE_FILE, write_sample
from project_package.kit.workspace import Workspace

DRAWN = ("train", "test")  # parts that the seed decides
SHARES = {"train": 0.75, "test": 0.25}
CHANCE = (0.0, 0.3)  # of a detector that learned from boxes of other pictures: some lie right
BASELINE_LEVEL = {  # on the sample, whatever the seed
    "Hough circles": 0.35,
    "watershed": 0.3,
    "dark regions": 0.2,
}
FACTS = {
    "KIND": "the column of an array",
    "BOX": "the columns of an array",
    "SCORE": "the column of an array",
    "MATCH": "the overlap that the headline's metric is named after",
    "LUMA": "how bright colours are seen, a formula of the field",
    "RECALLS": "how COCO defines average precision",
    "SURE": "an exponent of the focal loss, as published",
    "FAR": "the other one, as published",
    "BLANK": "where learning begins, as published",
    "EDGE": "keeps logarithms away from zero",
    "LAYERS": "the architecture of the network",
    "KERNEL": "the same",
    "COLOURS": "red, green and blue are three",
    "STEP": "follows from the strides",
    "SIDES": "a box has four",
    "REACH": "keeps a number finite that is far smaller",
    "MIDDLE": "about the mean of a pixel, which the first layer undoes",
    "SPREAD": "about its spread, which the first layer undoes",
    "SCORE_PLACES": "decimals that are kept",
    "BOX_PLACES": "decimals that are kept",
    "LIGHTEST": "the largest value of a pixel",
    "LARGEST": "the largest value of a pixel",
    "MOST": "of a truth that is told to the service",
    "POINTS": "of a learning curve, which is only shown",
    "TOLERANCE": "between two libraries' arithmetic",
}
FACTS = {name: f"{reason}, and no setting" for name, reason in FACTS.items()}
SHOWS: dict[str, object] = {  # what to set a number to where half of it shows nothing here
    "data.twice": 0.01,
    "fields.alike": 0.3,
    "fields.least_shared": 0.9,
    "detection.least": 0.4,
    "baselines.white": 20,
    "baselines.platelet": 60,
    "baselines.circles": 2,
    "baselines.votes": 0.6,
    "baselines.edge": 0.5,
    "baselines.red": 200,
    "train.clip": 0.01,
}
KINDS = ("red cell", "white cell", "platelet")


def no_area(workspace: Workspace) -> int:
    """Boxes of no width or no height."""
    return sum(int((~has_area(cells)).sum()) for cells in raw(workspace)["cells"])


def twice(workspace: Workspace) -> int:
    """Boxes that share more than is allowed with an earlier one of their kind."""
    return sum(
        int(has_area(cells).sum()) - len(tidied(cells, workspace))
        for cells in raw(workspace)["cells"]
    )


DROPS: dict[str, Callable[[Workspace], int]] = {
    "boxes without an area": no_area,
    "a cell boxed twice": twice,
    "pictures without a box": lambda workspace: sum(
        len(tidied(cells, workspace)) == 0 for cells in raw(workspace)["cells"]
    ),
}


def has_area(cells: np.ndarray) -> np.ndarray:
    return (cells[:, 3] > cells[:, 1]) & (cells[:, 4] > cells[:, 2])


def iou(one: np.ndarray, other: np.ndarray) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return across * down / (sum(areas) - across * down)


def tidied(cells: np.ndarray, workspace: Workspace) -> np.ndarray:
    """Boxes that have an area, and none a second time."""
    cells, limit = cells[has_area(cells)], workspace.config["data"]["twice"]
    kept = [
        not any(
            cells[row, 0] == cells[before, 0] and iou(cells[row, 1:], cells[before, 1:]) > limit
            for before in range(row)
        )
        for row in range(len(cells))
    ]
    return cells[kept]


def part(workspace: Workspace, name: str) -> dict:
    """The arrays of one part, cells picture by picture."""
    with np.load(workspace.processed / f"{name}.npz") as stored:
        arrays = {key: stored[key] for key in stored}
    return {**arrays, "cells": np.split(arrays["cells"], arrays.pop("ends")[:-1])}


def layout(workspace: Workspace) -> list[int]:
    return workspace.config["detection"]["most"]


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, field, kind and truth of every place of the sealed test set."""
    test, rows = part(workspace, "test"), []
    for name, field, cells in zip(test["ids"], test["fields"], test["cells"], strict=True):
        place = 0
        for kind, most in enumerate(layout(workspace)):
            there = int((cells[:, 0] == kind).sum())
            for number in range(most):
                rows.append([f"{name}/{place}", field, KINDS[kind], int(number < there)])
                place += 1
    return pd.DataFrame(rows, columns=["id", "group", "stratum", "truth"])


def metric(truth: np.ndarray, said: np.ndarray) -> float:
    """The headline's metric: of each kind, precision made monotonous and read at 101 recalls."""
    truth, said, found = np.asarray(truth, dtype=object), np.asarray(said, dtype=float), []
    strata, codes = np.unique(truth[:, 1].astype(str), return_inverse=True)
    cells = truth[:, 0].astype(int)
    for code in range(len(strata)):
        own = said[codes == code]
        table = pd.Series(own[own != 0])
        table = table.iloc[(-table.abs()).argsort(kind="stable")]  # ties stay in their order
        hits = (table > 0).cumsum().to_numpy()
        precision = pd.Series(hits / np.arange(1, len(hits) + 1))[::-1].cummax()[::-1].to_numpy()
        recall = hits / cells[codes == code].sum()
        steps = np.linspace(0, 1, 101)
        reached = [precision[recall >= step][:1] for step in steps] if len(hits) else []
        found.append(sum(float(each[0]) for each in reached if len(each)) / len(steps))
    return float(np.mean(found))


def other_groups(workspace: Workspace) -> set[str]:
    """Fields of the training set, of which a study draws."""
    return {str(field) for field in part(workspace, "train")["fields"]}


def raw(workspace: Workspace) -> dict:
    """The pictures that the run began with, at the size that is stored."""
    if json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]:
        with np.load(workspace.sample / SAMPLE_FILE) as stored:
            arrays = {key: stored[key] for key in stored}
        return {**arrays, "cells": np.split(arrays["cells"], arrays["ends"][:-1])}
    size = [workspace.config["picture"][name] for name in ("width", "height")]
    names = {"RBC": 0, "WBC": 1, "Platelets": 2}
    pixels, cells, ids = [], [], []
    for path in sorted(workspace.raw.glob("JPEGImages/*.jpg")):
        picture = Image.open(path).convert("RGB")
        scale = [new / old for new, old in zip(size, picture.size, strict=True)] * 2
        pixels.append(np.asarray(picture.resize(size, Image.Resampling.BOX)))
        rows = []
        for each in ElementTree.parse(workspace.raw / "Annotations" / f"{path.stem}.xml").iter(
            "object"
        ):
            corners = [
                float(each.find(f"bndbox/{c}").text) for c in ("xmin", "ymin", "xmax", "ymax")
            ]
            rows.append([names[each.find("name").text], *np.multiply(corners, scale)])
        cells.append(np.array(rows).reshape(-1, 5))
        ids.append(path.stem)
    return {"pixels": np.stack(pixels), "cells": cells, "ids": np.array(ids)}


def raw_count(workspace: Workspace) -> int:
    """Boxes there."""
    return sum(map(len, raw(workspace)["cells"]))


def shuffle_target(folder, random: np.random.Generator) -> None:
    """Give every picture the boxes of another one, of any field."""
    path = write_sample(folder)
    with np.load(path) as stored:
        arrays = {key: stored[key] for key in stored}
    cells = np.split(arrays["cells"], arrays["ends"][:-1])
    order = random.permutation(len(cells))
    cells = [cells[row] for row in order]
    arrays["cells"], arrays["ends"] = np.concatenate(cells), np.cumsum(list(map(len, cells)))
    np.savez(path, **arrays)


def as_table(arrays: dict) -> pd.DataFrame:
    """A row a picture: id, its boxes by kind and added up, its pixels added up in two ways."""
    rows = []
    for name, cells, pixels in zip(arrays["ids"], arrays["cells"], arrays["pixels"], strict=True):
        flat = pixels.ravel().astype(int)
        counts = [int((cells[:, 0] == kind).sum()) for kind in range(3)]
        sums = [flat.sum(), (flat * (np.arange(len(flat)) % 997)).sum()]
        rows.append([name, *counts, *cells[:, 1:].sum(axis=0), *sums])
    return pd.DataFrame(rows, columns=["id", *"abcdefghi"])


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every picture of both parts."""
    return pd.concat([as_table(part(workspace, name)) for name in DRAWN], ignore_index=True)


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the raw pictures."""
    arrays = raw(workspace)
    return as_table({**arrays, "cells": [tidied(cells, workspace) for cells in arrays["cells"]]})


def network(arrays: dict, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heat maps and sides of one picture, by PyTorch, with many digits."""
    found = torch.tensor((pixels.astype(float) - 153) / 64).permute(2, 0, 1)[None]
    plan = [(2, 1, 0), (2, 1, 0), (1, 1, 1), (2, 1, 0), (1, 1, 1), (1, 2, 1), (1, 4, 1), (1, 1, 1)]
    for number, (stride, dilation, added) in enumerate(plan):
        kernel, bias = (torch.tensor(arrays[f"{n}{number}"]).double() for n in ("kernel", "bias"))
        new = torch.nn.functional.conv2d(found, kernel, bias, stride, dilation, dilation)
        found = torch.relu(new + found if added else new)
    weight, bias = (torch.tensor(arrays[name]).double() for name in ("head", "head_bias"))
    said = torch.nn.functional.conv2d(found, weight[:, :, None, None], bias)
    sides = torch.nn.functional.softplus(said[0, 3:].clamp(-10, 10), threshold=50) * 8
    return torch.sigmoid(said[:, :3]), sides.numpy()


def detections(arrays: dict, pixels: np.ndarray, settings: dict) -> np.ndarray:
    """Peaks of the heat maps with their boxes; of two that overlap, the better one."""
    heat, sides = network(arrays, pixels)
    peaks = torch.nn.functional.max_pool2d(heat, 3, 1, 1) == heat
    height, width = pixels.shape[:2]
    rows = []
    for kind, row, column in (peaks & (heat > settings["least"]))[0].nonzero().tolist():
        x, y = (column + 0.5) * 8, (row + 0.5) * 8
        left, top, right, bottom = sides[:, row, column]
        box = [max(0, x - left), max(0, y - top), min(width, x + right), min(height, y + bottom)]
        rows.append([kind, *np.round(box, 2), round(float(heat[0, kind, row, column]), 6)])
    kept: list[list[float]] = []
    for row in sorted(rows, key=lambda each: -each[5]):
        rivals = [other for other in kept if other[0] == row[0]]
        if len(rivals) < settings["most"][row[0]] and all(
            iou(row[1:5], other[1:5]) <= settings["overlap"] for other in rivals
        ):
            kept.append(row)
    return np.array(kept).reshape(-1, 6)


def stored(path) -> dict:
    with np.load(path) as file:
        return {name: file[name] for name in file}


def judged(workspace: Workspace, repeat: int = 0) -> list[np.ndarray]:
    """Detections in every picture of the test set."""
    arrays = stored(workspace.models / "model.npz")
    if repeat:
        others = stored(workspace.models / "networks.npz")
        arrays = {name: others[f"repeat/{repeat}/{name}"] for name in arrays if name != "about"}
    settings = workspace.config["detection"]
    return [detections(arrays, pixels, settings) for pixels in part(workspace, "test")["pixels"]]


def coco(found: list[np.ndarray], cells: list[np.ndarray]) -> COCOeval:
    """All of it by the reference program."""
    images = [{"id": number + 1} for number in range(len(cells))]
    categories = [{"id": kind, "name": name} for kind, name in enumerate(KINDS)]

    def boxes(tables: list[np.ndarray], scored: bool) -> list[dict]:
        listed = []
        for image, table in enumerate(tables, start=1):
            for row in table:
                box = [row[1], row[2], row[3] - row[1], row[4] - row[2]]
                more = {"score": float(row[5])} if scored else {"iscrowd": 0}
                listed.append(
                    {"id": len(listed) + 1, "image_id": image, "category_id": int(row[0]),
                     "bbox": [float(each) for each in box], "area": float(box[2] * box[3]), **more}
                )  # fmt: skip
        return listed

    with contextlib.redirect_stdout(io.StringIO()):
        truth, said = COCO(), COCO()
        truth.dataset = {
            "images": images,
            "categories": categories,
            "annotations": boxes(cells, False),
        }
        said.dataset = {
            "images": images,
            "categories": categories,
            "annotations": boxes(found, True),
        }
        truth.createIndex()
        said.createIndex()
        judge = COCOeval(truth, said, "bbox")
        judge.params.maxDets = [1, 10, 1000]
        judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
        judge.evaluate()
        judge.accumulate()
    return judge


def precisions(found: list[np.ndarray], cells: list[np.ndarray]) -> np.ndarray:
    """Average precision by overlap and kind, shape (10, 3)."""
    return coco(found, cells).eval["precision"][:, :, :, 0, -1].mean(axis=1)


def hits(found: list[np.ndarray], cells: list[np.ndarray]) -> list[np.ndarray]:
    """Which detections of each picture found a cell at an overlap of .5."""
    right = [np.zeros(len(each), bool) for each in found]
    starts = np.cumsum([0, *map(len, found)])
    for each in coco(found, cells).evalImgs:
        if each is not None:
            for number, matched in zip(each["dtIds"], each["dtMatches"][0], strict=True):
                image = each["image_id"] - 1
                right[image][number - 1 - starts[image]] = matched > 0
    return right


def as_column(found: list[np.ndarray], cells: list[np.ndarray], most: list[int]) -> np.ndarray:
    """A place each: the score, with a minus where it found no cell."""
    column = []
    for table, right in zip(found, hits(found, cells), strict=True):
        for kind, places in enumerate(most):
            own = table[:, 0] == kind
            signed = sorted(zip(table[own, 5], right[own], strict=True), key=lambda each: -each[0])
            values = [score if hit else -score for score, hit in signed][:places]
            column += values + [0.0] * (places - len(values))
    return np.array(column)


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the network puts into every place."""
    cells = part(workspace, "test")["cells"]
    return as_column(judged(workspace), cells, layout(workspace))


def training(workspace: Workspace) -> dict:
    return json.loads((workspace.models / "training.json").read_text("utf-8"))


def counted(found: list[np.ndarray], thresholds: list[float]) -> list[np.ndarray]:
    return [each[each[:, 5] >= np.array(thresholds)[each[:, 0].astype(int)]] for each in found]


def counts(tables: list[np.ndarray]) -> np.ndarray:
    return np.array([[int((each[:, 0] == kind).sum()) for kind in range(3)] for each in tables])


def best_thresholds(found: list[np.ndarray], cells: list[np.ndarray]) -> list[float]:
    """For each kind the score with the highest F1."""
    right, chosen = hits(found, cells), []
    for kind in range(3):
        own = [each[:, 0] == kind for each in found]
        scores = np.concatenate([each[mask, 5] for each, mask in zip(found, own, strict=True)])
        hit = np.concatenate([each[mask] for each, mask in zip(right, own, strict=True)])
        there = sum(int((each[:, 0] == kind).sum()) for each in cells)
        tried = sorted(set(scores), reverse=True)
        f1 = [2 * hit[scores >= t].sum() / ((scores >= t).sum() + there) for t in tried]
        chosen.append(tried[int(np.argmax(f1))] if tried else 1.0)
    return chosen


def tuned_on(workspace: Workspace) -> dict:
    """The training pictures on which simple methods were tuned."""
    train, many = part(workspace, "train"), workspace.config["baselines"]["pictures"]
    rows = np.random.default_rng(workspace.seed).permutation(len(train["ids"]))[:many]
    return {"pixels": train["pixels"][rows], "cells": [train["cells"][row] for row in rows]}


def simple_found(workspace: Workspace, name: str, pixels: np.ndarray) -> list[np.ndarray]:
    settings = {**workspace.config["baselines"], **training(workspace)["chosen"][name]}
    return [found_by(name, each, settings) for each in pixels]


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric: of the model, and of the strongest simple method."""
    test, found = part(workspace, "test"), judged(workspace)
    hough = simple_found(workspace, "Hough circles", test["pixels"])
    told, some = counted(found, training(workspace)["thresholds"]), tuned_on(workspace)
    limits = best_thresholds(
        simple_found(workspace, "Hough circles", some["pixels"]), some["cells"]
    )
    right, there = sum(map(np.sum, hits(told, test["cells"]))), sum(map(len, test["cells"]))
    off = [
        np.abs(counts(each) - counts(test["cells"])).sum(axis=1).mean()
        for each in (told, counted(hough, limits))
    ]
    return {
        "map_50_95": tuple(precisions(each, test["cells"]).mean() for each in (found, hough)),
        "precision": (right / sum(map(len, told)), None),
        "recall": (right / there, None),
        "count_error": (off[0], off[1]),
    }  # fmt: skip


def held_out(workspace: Workspace, name: str) -> list[np.ndarray]:
    arrays = stored(workspace.models / "held_out.npz")
    return np.split(arrays[f"{name}/found"], arrays[f"{name}/ends"][:-1])


def contradictions(workspace: Workspace) -> list[int]:
    """How many counted detections in training pictures touch no box of their kind, by kind."""
    train = part(workspace, "train")
    found, many = (
        counted(held_out(workspace, "field"), training(workspace)["thresholds"]),
        [0, 0, 0],
    )
    for table, cells in zip(found, train["cells"], strict=True):
        for row in table:
            alike = cells[cells[:, 0] == row[0]]
            many[int(row[0])] += not any(iou(row[1:5], cell[1:]) > 0 for cell in alike)
    return many


def tables(workspace: Workspace) -> dict[str, dict]:
    """By method and kind, by seed, by slice."""
    test, found = part(workspace, "test"), judged(workspace)
    cells = test["cells"]
    methods = {
        "network": found,
        **{name: simple_found(workspace, name, test["pixels"]) for name in BASELINE_LEVEL},
    }
    by_kind = {}
    for name, each in methods.items():
        table = precisions(each, cells)
        by_kind |= {
            (name, kind): [table[0, place], table[5, place], table[:, place].mean()]
            for place, kind in enumerate(KINDS)
        }
    seeds = {}
    for repeat in range(workspace.config["train"]["repeats"] + 1):
        first = precisions(judged(workspace, repeat), cells)[0]
        label_of = ("repeat" if repeat else "**headline**", str(workspace.seed + repeat))
        seeds[label_of] = [first.mean(), *first]
    told = counted(found, training(workspace)["thresholds"])
    there, taken = np.concatenate(cells), []
    for image, table in enumerate(cells):
        judge = coco([told[image]], [table])
        matched = {
            number for each in judge.evalImgs if each is not None
            for number, hit in zip(each["gtIds"], each["gtMatches"][0], strict=True) if hit
        }  # fmt: skip
        taken += [number + 1 in matched for number in range(len(table))]
    missed = 1 - np.array(taken)
    height, width = test["pixels"].shape[1:3]
    cut = (
        (there[:, 1:3] <= 1).any(axis=1) | (there[:, 3] >= width - 1) | (there[:, 4] >= height - 1)
    )
    off = counts(told) - counts(cells)
    rows = {
        **{f"{kind}s": there[:, 0] == place for place, kind in enumerate(KINDS)},
        "cut off by the edge": cut,
        "not cut off": ~cut,
    }
    train = part(workspace, "train")
    _, codes, sizes = np.unique(train["fields"], return_inverse=True, return_counts=True)
    lone = np.flatnonzero(sizes[codes] == 1)
    own = [train["cells"][row] for row in lone]
    leak = [
        precisions([held_out(workspace, name)[row] for row in lone], own)[0].mean()
        for name in ("field", "picture")
    ]
    return {
        "kinds": by_kind,
        "seeds": seeds,
        "slices": {n: [mask.sum(), missed[mask].mean()] for n, mask in rows.items() if mask.any()},
        "counts": {
            ("network", kind): [
                counts(cells)[:, place].mean(),
                np.abs(off[:, place]).mean(),
                off[:, place].mean(),
            ]
            for place, kind in enumerate(KINDS)
        },
        "labels": {
            kind: [many] for kind, many in zip(KINDS, contradictions(workspace), strict=True)
        },
        "leak": {"shown by one picture alone": [len(lone), *leak, leak[1] - leak[0]]},
    }


def badness(workspace: Workspace) -> pd.Series:
    """By id, how many cells are missed or counted in vain."""
    test = part(workspace, "test")
    told = counted(judged(workspace), training(workspace)["thresholds"])
    right = [int(each.sum()) for each in hits(told, test["cells"])]
    wrong = [
        len(cells) + len(found) - 2 * hit
        for cells, found, hit in zip(test["cells"], told, right, strict=True)
    ]
    return pd.Series(wrong, index=test["ids"])


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the sentences on this run have to say."""
    test, train = part(workspace, "test"), part(workspace, "train")
    told = counted(judged(workspace), training(workspace)["thresholds"])
    white = [
        [table[table[:, 0] == 1] for table in tables_of] for tables_of in (told, test["cells"])
    ]
    lost = sum(map(len, white[1])) - int(sum(map(np.sum, hits(*white))))
    tested = train["official"] == "test"
    crossing = np.isin(train["fields"][tested], train["fields"][~tested]).sum()
    return {
        "white": [
            f"{sum(map(len, white[1])):,} white cells are boxed",
            f"and {lost:,} of them not",
        ],
        "official": [f"{tested.sum():,} are in the publisher's", f"{crossing:,} of these show"],
        "labels": [f"{sum(contradictions(workspace)):,} such detections"],
    }


def purple_of(pixels: np.ndarray, settings: dict) -> tuple[np.ndarray, list]:
    """White cells and platelets by colour, and where white cells are."""
    blue, green = (pixels[:, :, channel].astype(float) for channel in (2, 1))
    shade = ndimage.gaussian_filter(blue - green, 1)
    mask = ndimage.binary_fill_holes(ndimage.binary_opening(shade > settings["purple"]))
    wide = np.pad(mask, settings["join"])
    closed = ndimage.binary_closing(wide, iterations=settings["join"])
    named = label(
        closed[settings["join"] : -settings["join"], settings["join"] : -settings["join"]]
    )
    rows, big = [], np.zeros_like(mask)
    for region in regionprops(named, intensity_image=shade):
        y0, x0, y1, x1 = region.bbox
        if region.area >= settings["white"]:
            by = settings["grow"] * max(y1 - y0, x1 - x0)
            rows.append(
                [
                    1,
                    *grown((x0, y0, x1, y1), by, mask),
                    region.area / (region.area + settings["white"]),
                ]
            )
            big |= named == region.label
        elif region.area >= settings["platelet"]:
            by = settings["grow_small"]
            rows.append(
                [2, *grown((x0, y0, x1, y1), by, mask), min(1, region.intensity_mean / 255)]
            )
    return big, rows  # fmt: skip


def grown(box: tuple, by: float, inside: np.ndarray) -> list[float]:
    height, width = inside.shape
    x0, y0, x1, y1 = box
    return [max(0, x0 - by), max(0, y0 - by), min(width, x1 + by), min(height, y1 + by)]


def found_by(name: str, pixels: np.ndarray, settings: dict) -> np.ndarray:
    """All that a simple method finds."""
    big, rows = purple_of(pixels, settings)
    near = ndimage.binary_dilation(big, iterations=settings["join"]) if big.any() else big
    green = ndimage.gaussian_filter(pixels[:, :, 1].astype(float), 1)
    if name == "Hough circles":
        edges = canny(green / 255, settings["blur"], settings["edge"] / 2, settings["edge"]) & ~near
        radii = np.arange(settings["small"], settings["large"] + 1)
        peaks = hough_circle_peaks(
            hough_circle(edges, radii), radii, settings["between"], settings["between"],
            settings["votes"], total_num_peaks=settings["circles"],
        )  # fmt: skip
        red = [
            [0, *grown((x, y, x, y), radius, big), vote]
            for vote, x, y, radius in zip(*peaks, strict=True)
        ]
        return np.array([*red, *rows], float).reshape(-1, 6)
    dark = ndimage.binary_fill_holes(green < threshold_otsu(green) + settings["lighter"])
    named = label(ndimage.binary_opening(dark) & ~near)
    if name == "watershed":
        dark = named > 0
        depth = ndimage.distance_transform_edt(np.pad(dark, 1, mode="edge"))[1:-1, 1:-1]
        tops = peak_local_max(
            ndimage.gaussian_filter(depth, 1), min_distance=settings["apart"], labels=named,
            exclude_border=False,
        )  # fmt: skip
        seeds = np.zeros(dark.shape, int)
        for number, (y, x) in enumerate(tops, start=1):
            seeds[y, x] = number
        named = watershed(-depth, seeds, mask=dark)
    red = []
    for region in regionprops(named):
        y0, x0, y1, x1 = region.bbox
        if region.area >= settings["red"]:
            side = np.sqrt((y1 - y0) * (x1 - x0))
            usual = np.exp(-abs(np.log(side / settings["usual"])))
            red.append([0, x0, y0, x1, y1, region.solidity * usual])
    return np.array([*red, *rows], float).reshape(-1, 6)


def choose(workspace: Workspace) -> dict[str, dict]:
    """The settings of every method, tuned anew: first what is purple, then red cells."""
    config, some = workspace.config["baselines"], tuned_on(workspace)

    def best(tried: list[dict], find: Callable[[np.ndarray, dict], np.ndarray], kinds: list[int]):
        def score(settings: dict) -> float:
            found = [find(pixels, settings) for pixels in some["pixels"]]
            own = [each[np.isin(each[:, 0], kinds)] for each in found]
            return precisions(own, some["cells"])[0][kinds].mean()

        return max(tried, key=score)

    def purple_only(pixels: np.ndarray, settings: dict) -> np.ndarray:
        return np.array(purple_of(pixels, settings)[1], float).reshape(-1, 6)

    first = best(
        [{**config, "purple": p, "join": j} for p, j in product(config["purple"], config["join"])],
        purple_only, [1, 2],
    )  # fmt: skip
    grids = {
        "Hough circles": ("small", "large", "blur"),
        "watershed": ("lighter", "apart"),
        "dark regions": ("lighter",),
    }
    return {
        name: best(
            [
                {**first, **dict(zip(names, values, strict=True))}
                for values in product(*(config[each] for each in names))
            ],
            lambda pixels, settings, name=name: found_by(name, pixels, settings), [0],
        )
        for name, names in grids.items()
    }  # fmt: skip


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Each simple method tuned anew on training pictures, and asked about the test set."""
    test, chosen = part(workspace, "test"), choose(workspace)
    return {
        name: as_column(
            [found_by(name, pixels, chosen[name]) for pixels in test["pixels"]],
            test["cells"], layout(workspace),
        )
        for name in BASELINE_LEVEL
    }  # fmt: skip
