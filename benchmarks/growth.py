"""How time and memory of a project's training grow with its data, from an eighth to eight times.

`python benchmarks/growth.py PROJECT [FACTOR]...`, with the environment of the project, whose `data`
has run. Each factor is a process of its own on one thread. Seconds are those of the processor, so
that a busy machine changes little; memory is the peak of the process while it trains. More data are
the project's own, copied with noise: a tenth of the words replaced, numbers moved.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from benchmarks.timing import markdown  # noqa: E402

FACTORS = (1 / 8, 1 / 2, 1, 2, 8)
HEAD = ("what", "rows at 1", "1/8", "1/2", "1", "2", "8", "exponent", "from the last but one")
MOST_BYTES = 6 * 2**30
MOST_SECONDS = 1800.0
FEW = 128  # pictures
REPLACED = 0.1  # of the words of a copy
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
Noise = Callable[[Any, int, Any], Any]
Work = Callable[[], object]


def words(texts: Any, random: Any) -> list[str]:
    """Each text with some of its words replaced by words of all of them."""
    known = np.array(" ".join(texts).split())
    changed = []
    for text in texts:
        own = np.array(text.split(" "), dtype=object)
        places = np.flatnonzero(random.random(len(own)) < REPLACED)
        own[places] = random.choice(known, len(places))
        changed.append(" ".join(own))
    return changed


def named(table: Any, copy: int, *names: str) -> dict[str, Any]:
    """Ids and groups of a copy: it is near no other, so that folds may part them."""
    return {
        name: table[name] + copy * (table[name].max() + 1)
        if pd.api.types.is_numeric_dtype(table[name])
        else table[name].astype(str) + f"~{copy}"
        for name in names
    }


def mails(table: Any, copy: int, random: Any) -> Any:
    return table.assign(text=words(table.text, random), **named(table, copy, "id", "group"))


def snippets(table: Any, copy: int, random: Any) -> Any:
    rating = (table.rating + random.normal(0, 0.2, len(table))).clip(-4, 4)
    known = named(table, copy, "id", "group")
    return table.assign(text=words(table.text, random), rating=rating, **known)


def articles(table: Any, copy: int, random: Any) -> Any:
    source = [words(sentences, random) for sentences in table.source]
    return table.assign(source=source, **named(table, copy, "id", "group"))


def sales(table: Any, copy: int, random: Any) -> Any:
    moved = {
        name: table[name] * np.exp(random.normal(0, 0.05, len(table)))
        for name in table
        if name == "price" or name.startswith("sqft")
    }
    for name in ("latitude", "longitude"):
        moved[name] = table[name] + random.normal(0, 0.005, len(table))
    return table.assign(**moved, **named(table, copy, "id", "house"))


def ratings(table: Any, copy: int, random: Any) -> Any:
    """Other people, who chose another film now and then."""
    others = random.permutation(table.film.to_numpy())
    film = np.where(random.random(len(table)) < REPLACED, others, table.film)
    changed = table.assign(film=film, **named(table, copy, "id", "user"))
    return changed.drop_duplicates(["user", "film"])


NOISE: dict[str, Noise] = {
    "chatbot": mails,  # queries have the same columns
    "spam_detector": mails,
    "house_prices": sales,
    "sentiment_analysis": snippets,
    "product_recommender": ratings,
    "text_summarizer": articles,
}


def resized(table: Any, factor: float, noise: Noise) -> Any:
    """A share of the rows, or all of them and copies."""
    if factor < 1:
        return table.sample(frac=factor, random_state=0).sort_index().reset_index(drop=True)
    random = np.random.default_rng(0)
    copies = [table, *(noise(table, copy, random) for copy in range(1, round(factor)))]
    return pd.concat(copies, ignore_index=True)


def training(package: str, workspace: Any, factor: float) -> tuple[int, Work]:
    """`train` on so much of the training set; validation sets stay as they are."""
    data: Any = importlib.import_module(f"{package}.data")
    train, load = importlib.import_module(f"{package}.train"), data.load
    grown = resized(load(workspace, "train", reader="train"), factor, NOISE[package])
    data.load = lambda workspace, part, reader: (
        grown if part == "train" else load(workspace, part, reader)
    )
    if package == "product_recommender":
        users = data.load_users(workspace)
        all_users = [
            users.assign(**named(users, copy, "user")) for copy in range(math.ceil(factor))
        ]
        data.load_users = lambda _: pd.concat(all_users, ignore_index=True)
    return len(grown), lambda: train.run(workspace)


def pictures(package: str, workspace: Any, factor: float) -> tuple[int, Work]:
    """HOG + SVM on more pictures than the 6,000 of an attempt."""
    train, rivals = (
        importlib.import_module(f"{package}.{name}") for name in ("train", "baselines")
    )
    images, _ = train.parts_of_attempts(workspace)
    whole = importlib.import_module(f"{package}.data").load(workspace, "train", reader="train")
    few = whole.take(slice(round(len(images.labels) * factor)))
    settings = workspace.config["baselines"]
    return len(few.labels), lambda: rivals.fit(
        rivals.HOG, few.pixels, few.labels, settings, workspace.seed
    )


def steps(package: str, workspace: Any, factor: float) -> tuple[int, Work]:
    """A network, for more steps than those of an attempt, looked at once and on few pictures."""
    train = importlib.import_module(f"{package}.train")
    images, unseen = train.parts_of_attempts(workspace)
    count = round(workspace.config["train"]["steps"] * factor)
    settings = {"train.steps": count, "train.points": 1, "train.watched": FEW}
    longer, few = dataclasses.replace(workspace, overrides=settings), unseen.take(slice(FEW))
    return count // train.SHORTER, lambda: train.say_after_short_training(longer, images, few)


def games(package: str, workspace: Any, factor: float) -> tuple[int, Work]:
    """One run of self-play at the headline's game, of more games than an attempt's."""
    train = importlib.import_module(f"{package}.train")
    game = train.find_game(workspace.config["games"][0])
    settings, effort = workspace.config[game.name], workspace.config["train"]["effort"]
    train.Run(game, 0, 1, settings, 0.0).play_round()  # compiles
    made = train.Run(game, 0, workspace.seed, settings, effort / train.SHORTER * factor)
    return made.plan.games, lambda: [made.play_round() for _ in range(train.ROUNDS)]


WORKS: dict[str, Sequence[Callable[[str, Any, float], tuple[int, Work]]]] = {
    "image-recognition": (pictures, steps),
    "game-player": (games,),
}


def measure(project: Path, kind: str, factor: float) -> dict[str, Any]:
    """Seconds of the processor and peak memory of one training, in this process."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    package = project.name.replace("-", "_")
    sys.path[:0] = [str(project / "src")]
    workspaces = importlib.import_module(f"{package}.kit.workspace")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(project / "data", root / "data", ignore=shutil.ignore_patterns("raw"))
        shutil.copyfile(project / "config.toml", root / "config.toml")
        workspace = workspaces.Workspace(root)
        rows, work = globals()[kind](package, workspace, factor)
        before = _memory("VmRSS")
        RESET.write_text("5", encoding="ascii")  # the peak begins here
        started = time.process_time()
        with joblib.parallel_config(backend="sequential"):
            work()
        seconds = time.process_time() - started
    return {"rows": rows, "seconds": seconds, "before": before, "peak": _memory("VmHWM")}


def _memory(name: str) -> float:
    """In megabytes."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def exponent(rows: Sequence[float], values: Sequence[float]) -> str:
    """The power of the rows that the values grow with, by least squares on logarithms."""
    if len(rows) < 2 or min(values) <= 0:
        return "–"
    return f"{np.polyfit(np.log(rows), np.log(values), 1)[0]:.2f}"


def lines(name: str, found: Mapping[float, Mapping[str, Any]]) -> list[list[str]]:
    """A row for the seconds and one for the memory, by factor."""
    rows = [each["rows"] for each in found.values()]
    seconds = [each["seconds"] for each in found.values()]
    grown = [each["peak"] - each["before"] for each in found.values()]

    def line(what: str, digits: int, shown: Sequence[float], values: Sequence[float]) -> list[str]:
        by_factor = dict(zip(found, shown, strict=True))
        cells = [f"{by_factor[each]:,.{digits}f}" if each in found else "–" for each in FACTORS]
        powers = (exponent(rows[-last:], values[-last:]) for last in (len(rows), 2))
        return [f"{name}, {what}", f"{rows[-1] / [*found][-1]:,.0f}", *cells, *powers]

    peaks = [each["peak"] for each in found.values()]
    return [line("seconds", 1, seconds, seconds), line("peak in MB", 0, peaks, grown)]


def main(project: Path, factors: Sequence[float]) -> None:
    environment = {**os.environ} | dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
    )
    table: list[list[str]] = []
    for kind in [work.__name__ for work in WORKS.get(project.name, (training,))]:
        found: dict[float, dict[str, Any]] = {}
        for factor in factors:
            words = [str(project), kind, repr(factor)]
            try:
                done = subprocess.run(
                    [sys.executable, __file__, *words], env=environment, capture_output=True,
                    text=True, check=True, timeout=MOST_SECONDS,
                )  # fmt: skip
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                print(str(error.stderr)[-300:] or error, file=sys.stderr)
                break
            found[factor] = json.loads(done.stdout.splitlines()[-1])
            print(project.name, kind, factor, json.dumps(found[factor]), file=sys.stderr)
        if found:
            table += lines(f"{project.name}: {kind}", found)
    print(markdown(HEAD, table))


if __name__ == "__main__":
    place = Path(sys.argv[1]).resolve()
    if len(sys.argv) == 4 and sys.argv[2] in globals():
        print(json.dumps(measure(place, sys.argv[2], float(sys.argv[3]))))
    else:
        main(place, [float(factor) for factor in sys.argv[2:]] or FACTORS)
