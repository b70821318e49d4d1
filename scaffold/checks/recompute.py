"""HO: do the numbers follow from the files beside them? Computed here, by no program of theirs."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import math
import operator
import statistics
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from scaffold import results
from scaffold.checks.checkout import Checkout
from scaffold.checks.honest import Honest
from scaffold.checks.verdict import Check, Verdict, listing

CLOSE = 1e-6  # relative: the file keeps ten digits
METRICS_FILE = results.METRICS
LOG = "data/access.jsonl"
Row = Mapping[str, str]


def accuracy(rows: Sequence[Row], column: str) -> float:
    """Share of rows that say what is true."""
    return statistics.fmean(row["truth"] == row[column] for row in rows)


def accuracy_new_speaker(rows: Sequence[Row], column: str) -> float:
    """Mean over the speakers, who are the groups, of the share that says what is true."""
    speakers: dict[str, list[Row]] = {}
    for row in rows:
        speakers.setdefault(row["group"], []).append(row)
    return statistics.fmean(accuracy(own, column) for own in speakers.values())


def mean(rows: Sequence[Row], column: str) -> float:
    """Mean of a score that each row has by itself."""
    return statistics.fmean(float(row[column]) for row in rows)


def mean_return(rows: Sequence[Row], column: str) -> float:
    """Mean of what each flight returned, those of all runs together."""
    return mean(rows, column)


def mape(rows: Sequence[Row], column: str) -> float:
    """Mean of |predicted − true| / true, in per cent."""
    pairs = ((float(row["truth"]), float(row[column])) for row in rows)
    return 100 * statistics.fmean(abs(said - truth) / truth for truth, said in pairs)


def median_ape(rows: Sequence[Row], column: str) -> float:
    """Median of |predicted − true| / true."""
    pairs = ((float(row["truth"]), float(row[column])) for row in rows)
    return statistics.median(abs(said - truth) / truth for truth, said in pairs)


def normalised_gini(rows: Sequence[Row], column: str) -> float:
    """Gini coefficient of what is true in the order said, over the largest; ties share places."""

    def gini(key: str) -> float:
        ranked = sorted((float(row[key]), float(row["truth"])) for row in rows)
        total = place = 0.0
        for _, alike in itertools.groupby(ranked, key=operator.itemgetter(0)):
            truths = [truth for _, truth in alike]
            total += math.fsum(truths) * (place + (len(truths) - len(ranked)) / 2)
            place += len(truths)
        return total

    return gini(column) / gini("truth")


def pearson_r(rows: Sequence[Row], column: str) -> float:
    """Correlation of what is true and what was said."""
    truth, said = ([float(row[name]) for row in rows] for name in ("truth", column))
    return statistics.correlation(truth, said)


def mean_pearson_r(rows: Sequence[Row], column: str) -> float:
    """Mean over the strata of the correlation in each."""
    strata: dict[str, list[Row]] = {}
    for row in rows:
        strata.setdefault(row["stratum"], []).append(row)
    return statistics.fmean(pearson_r(members, column) for members in strata.values())


def average_precision(rows: Sequence[Row], column: str) -> float:
    """Area under precision and recall, in steps; rows of one score count together."""
    ranked = sorted(((float(row[column]), float(row["truth"])) for row in rows), reverse=True)
    positives = sum(truth for _, truth in ranked)
    area = found = before = 0.0
    for place, (score, truth) in enumerate(ranked, start=1):
        found += truth
        if place == len(ranked) or ranked[place][0] != score:
            area += (found - before) / positives * found / place
            before = found
    return area


def bleu(rows: Sequence[Row], column: str) -> float:
    """BLEU of all rows, 0 to 100, from counts: words, words of the truth, n-grams in common."""
    counts = [[int(count) for count in row[column].split()] for row in rows]
    said, true, *shared = (sum(each) for each in zip(*counts, strict=True))
    if not any(shared):
        return 0.0
    logs, smoothing = [], 1
    for order, found in enumerate(shared):
        there = sum(max(0, row[0] - order) for row in counts)
        if not there:
            return 0.0
        smoothing *= 1 if found else 2
        logs.append(math.log(found / there if found else 1 / (smoothing * there)))
    return 100 * math.exp(min(0.0, 1 - true / said) + statistics.fmean(logs))


def map_50(rows: Sequence[Row], column: str) -> float:
    """Mean over the strata of COCO's average precision.

    A row is a place for a detection: its score, with a minus where it found nothing.
    """
    strata: dict[str, list[Row]] = {}
    for row in rows:
        strata.setdefault(row["stratum"], []).append(row)
    return statistics.fmean(_interpolated_precision(own, column) for own in strata.values())


def _interpolated_precision(rows: Sequence[Row], column: str) -> float:
    """The best precision at each of 101 recalls or beyond, on average."""
    scores = sorted((said for row in rows if (said := float(row[column]))), key=abs, reverse=True)
    cells, found, curve = sum(float(row["truth"]) for row in rows), 0, []
    for place, score in enumerate(scores, start=1):
        found += score > 0
        curve.append((found / cells, found / place))
    total = best = 0.0
    for step in range(100, -1, -1):
        while curve and curve[-1][0] >= step * 0.01:
            best = max(best, curve.pop()[1])
        total += best
    return total / 101


def in_out_mean(rows: Sequence[Row], column: str) -> float:
    """Mean of the shares that are right in scope and out of scope, which is -1."""
    sides: dict[bool, list[bool]] = {True: [], False: []}
    for row in rows:
        sides[float(row["truth"]) == -1].append(float(row["truth"]) == float(row[column]))
    return statistics.fmean(statistics.fmean(side) for side in sides.values())


def tar_at_far_1(rows: Sequence[Row], column: str) -> float:
    """Of pairs of one person, the share above what at most 1 % of all other pairs exceed."""
    apart = sorted((float(row[column]) for row in rows if float(row["truth"]) == 0), reverse=True)
    own = [float(row[column]) for row in rows if float(row["truth"]) == 1]
    threshold = apart[int(0.01 * len(apart))]
    return sum(score > threshold for score in own) / len(own)


MEASURES: dict[str, Callable[[Sequence[Row], str], float]] = {
    measure.__name__: measure
    for measure in (
        accuracy,
        accuracy_new_speaker,
        average_precision,
        bleu,
        in_out_mean,
        map_50,
        mape,
        mean,
        mean_pearson_r,
        mean_return,
        median_ape,
        normalised_gini,
        pearson_r,
        tar_at_far_1,
    )
}


class HO311(Honest):
    """Headline, baselines and verdict follow from the committed predictions."""

    reason = "A number that nobody can compute again is a claim, and a file is edited quickly."
    fix = "Run `evaluate` again and commit reports/ as it leaves it."

    def judge(self, checkout: Checkout) -> Verdict:
        described = _described(checkout)
        if checkout.metrics is None or not described:
            return None
        file = str(described.get("file"))
        text = checkout.text(file)
        if text is None:
            gone = f"{file} is not there, though {METRICS_FILE} rests on it"
            return gone if checkout.sha256(file) is None else None  # there, and too long to read
        try:
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
            measure = MEASURES[described["metric"]]
            return listing(_differences(checkout.metrics, rows, measure))
        except (ArithmeticError, KeyError, TypeError, ValueError, csv.Error) as error:
            return f"{file} does not hold what {METRICS_FILE} says: {error!r}"


class HO312(Honest):
    """No line was taken out of the log of who read the test set."""

    reason = "Each reading of the test set makes the next result a little less honest."
    fix = "Restore data/access.jsonl from git; what was read was read."

    def judge(self, checkout: Checkout) -> Verdict:
        reads = checkout.metrics.get("test_reads") if checkout.metrics else None
        log = checkout.text(LOG)
        if not isinstance(reads, dict) or log is None:
            return None  # of another kind, or HO304's finding
        head = ""
        for number, line in enumerate(log.splitlines(), start=1):
            try:
                previous = json.loads(line).get("previous", head)
            except (ValueError, AttributeError):
                return f"{LOG} line {number} cannot be read"
            if previous != head:
                return f"{LOG} was changed before line {number}"
            head = hashlib.sha256(line.encode()).hexdigest()
        if [reads.get("count"), reads.get("head")] != [len(log.splitlines()), head]:
            return f"{LOG} and {METRICS_FILE} disagree on how often the test set was read"
        return ""


class HO313(Honest):
    """Results, predictions, data and configuration are those that were evaluated."""

    reason = "A result beside other settings or other files than its own describes nothing here."
    fix = "Run `train`, `evaluate` and `report` again, and commit what they write."

    def judge(self, checkout: Checkout) -> Verdict:
        metrics, described = checkout.metrics, _described(checkout)
        digests = metrics.get("digests") if metrics else None
        if metrics is None or not isinstance(digests, dict) or not described:
            return None
        written = checkout.results.written if checkout.results else {}
        plain = {key: value for key, value in written.items() if key != "digests"}
        found: dict[str, tuple[str, set[str | None]]] = {
            "results": (METRICS_FILE, {_digest(plain)}),
            "predictions": ("the predictions", {checkout.sha256(str(described.get("file")))}),
            "data": ("data/manifest.json", {checkout.sha256("data/manifest.json")}),
            "configuration": ("config.toml", _configurations(checkout)),
        }
        return listing(
            f"{what}: not as evaluated"
            for name, (what, right) in found.items()
            if name in digests and digests[name] not in right
        )


def _described(checkout: Checkout) -> Mapping[str, Any]:
    """What metrics.json says about its predictions; empty if it says nothing."""
    return results.table_of(checkout.metrics.get("predictions") if checkout.metrics else None)


def _differences(
    metrics: Mapping[str, Any], rows: Sequence[Row], measure: Callable[[Sequence[Row], str], float]
) -> Iterator[str]:
    primary, baselines, said = metrics["primary"], metrics["baselines"], metrics["predictions"]
    if len(rows) != said["rows"]:
        yield f"{len(rows):,} rows of predictions, {said['rows']:,} in {METRICS_FILE}"
    if len({row["id"] for row in rows}) != len(rows):
        yield "an id stands twice in the predictions"
    model = measure(rows, "model")
    claims = [(f"headline {primary['name']}", primary["value"], model)]
    claims += [(row["name"], row["value"], measure(rows, row["column"])) for row in baselines]
    claims.append(("primary.baseline", primary["baseline"], claims[1][2]))
    claims.append(("difference", metrics["comparison"]["difference"], model - claims[1][2]))
    for name, claimed, found in claims:
        if not math.isclose(claimed, found, rel_tol=CLOSE, abs_tol=CLOSE):
            yield f"{name}: {claimed:.6g} claimed, {found:.6g} computed"
    low, high = metrics["comparison"]["ci"]
    favours = low > 0 if primary.get("higher_is_better", True) else high < 0
    verdict = "no clear difference" if low <= 0 <= high else "better" if favours else "worse"
    if metrics["comparison"]["verdict"] != verdict:
        yield f"verdict {metrics['comparison']['verdict']!r}, and the interval says {verdict!r}"


def _configurations(checkout: Checkout) -> set[str | None]:
    """The digests of the settings as config.toml gives them, to projects of 0.1.0 and to others."""
    try:
        config = tomllib.loads(checkout.text("config.toml") or "")
    except tomllib.TOMLDecodeError:
        return set()
    for_sample = config.get("sample", {}) if checkout.from_sample else {}
    former = {**config, "train": {**config.get("train", {}), **for_sample}}
    left_out = ("sample", "ranges", "retrain")  # of no result, or put in place of others below
    in_effect = {name: value for name, value in config.items() if name not in left_out}
    for table, values in for_sample.items():
        if isinstance(values, dict):
            in_effect[table] = {**in_effect.get(table, {}), **values}
    return {_digest(former), _digest(in_effect)}


def _digest(value: object) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


CHECKS: tuple[type[Check], ...] = (HO311, HO312, HO313)
