"""What test_recompute.py needs to know of this project, from pandas and scikit-learn alone."""

import json
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import auc

from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace
from project_package.predict import Forecaster

RAW = "CDNOW_master.txt"
DRAWN = ("orders", "train", "test")  # the seed invents the sample's customers
SHARES = {"orders": 0.32, "train": 0.55, "test": 0.13}
KNOWN = ["recency", "age", "frequency", "money"]
BASELINE_LEVEL = {  # on the sample, whatever the seed
    "weighted RFM score": 0.45,
    "RFM score": 0.42,
    "money alone": 0.35,
    "recency alone": 0.25,
}
DAY = pd.Timedelta(days=1)
FACTS = {
    "PLACES": "how the scores that the monitor compares with are written",
    "EQUAL": "the weights of the textbook's score, as its name says",
    "WORTH_PROCESSES": "customers from which processes pay; no result depends on it",
}
SHOWS = {  # what to set a number to where half of it changes nothing on so small a sample
    "data.horizon": 100,
    "letter.lift": 0.5,
    "model.steps": 2,
    "segments.stable": 0.9999,
    "train.reference": 100,
    "segments.starts": 1,
    "segments.worth": 0.2,
}


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Each customer of the sealed test set, alone in its group, and the dollars."""
    test = pd.read_csv(workspace.processed / "test.csv", dtype={"id": str})
    return pd.DataFrame({"id": test.id, "group": test.id, "truth": test.spend})


def metric(truth: ArrayLike, said: ArrayLike) -> float:
    """The headline's metric, by areas under Lorenz curves."""
    return gini(truth, said) / gini(truth, truth)


def gini(truth: ArrayLike, said: ArrayLike) -> float:
    """Half less the area under the curve of dollars over customers, the least expected first."""
    table = pd.DataFrame({"truth": np.asarray(truth, float), "said": np.asarray(said, float)})
    steps = table.groupby("said").truth.agg(["size", "sum"]).cumsum() / [len(table), 1.0]
    dollars = steps["sum"] / table.truth.sum()
    return 0.5 - auc([0.0, *steps["size"]], [0.0, *dollars])


def raw_file(workspace: Workspace) -> Path:
    """The table that the run began with."""
    sample = json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]
    return (workspace.sample / f"seed-{workspace.seed}" if sample else workspace.raw) / RAW


def raw_orders(workspace: Workspace) -> pd.DataFrame:
    """Its lines as they stand."""
    lines = [line.split() for line in raw_file(workspace).read_text("utf-8").splitlines()[1:]]
    table = pd.DataFrame(lines, columns=["customer", "date", "cds", "amount"])
    return table.assign(date=pd.to_datetime(table.date), amount=table.amount.astype(float))


def raw_count(workspace: Workspace) -> int:
    """Orders in that table."""
    return len(raw_orders(workspace))


def again_on_a_day(workspace: Workspace) -> int:
    """Orders of a customer on a day that has one already."""
    return int(raw_orders(workspace).duplicated(["customer", "date"]).sum())


def too_late(workspace: Workspace) -> int:
    """Days with an order after the period that is asked for."""
    days = raw_orders(workspace).drop_duplicates(["customer", "date"])
    settings = workspace.config["data"]
    return int((days.date > pd.Timestamp(settings["last"]) + settings["horizon"] * DAY).sum())


DROPS = {
    "a second order of a customer's day, its dollars added to the first": again_on_a_day,
    "after the period that is asked for": too_late,
}


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Give every customer, from the last cut-off on, what another one did then."""
    from project_package.kit.sample import write_sample
    from project_package.kit.workspace import PROJECT_ROOT, Workspace

    path = write_sample(folder, Workspace(PROJECT_ROOT).seed)
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    parted = [line.split() for line in lines]
    customers = sorted({line[0] for line in parted})
    for start, end in pairwise(BORDERS):
        others = dict(zip(customers, random.permutation(customers), strict=True))
        for line in parted:
            if start < line[1] <= end:
                line[0] = others[line[0]]
    text = "\n".join([head, *(f" {' '.join(line)}" for line in sorted(parted))]) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


BORDERS = ("19970930", "19990101")  # the last cut-off, and after everything


def known_at(orders: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """What a customer's lines up to a day say, one customer after the other."""
    rows = {}
    for customer, own in orders[orders.date <= cutoff].groupby("customer"):
        days = sorted(set(own.date))
        since = ((cutoff - day) / DAY for day in (days[-1], days[0]))
        rows[customer] = [*since, float(len(days)), round(own.amount.sum(), 2)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=KNOWN)


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every row of what is learned from and of the test set, with all that it holds."""
    text = {"id": str, "customer": str}
    train, test = (
        pd.read_csv(workspace.processed / f"{part}.csv", dtype=text) for part in ("train", "test")
    )
    return pd.concat([train[["id", *KNOWN, "orders", "spend"]], test], ignore_index=True)


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the raw lines, each customer and cut-off by itself."""
    settings, orders = workspace.config["data"], raw_orders(workspace)
    last = pd.Timestamp(settings["last"])
    tables = []
    for asked in (last - max(settings["windows"]) * DAY, last):
        for window in settings["windows"]:
            cutoff = asked - window * DAY
            known = known_at(orders, cutoff)
            names = f"{asked:%Y-%m-%d}/{window}/" + known.index
            tables.append(known.join(came(orders, known.index, cutoff, asked)).assign(id=names))
    customers = known_at(orders, last).index
    after = came(orders, customers, last, last + settings["horizon"] * DAY).assign(id=customers)
    table = pd.concat([*tables, after], ignore_index=True)
    return table[["id", *KNOWN, "orders", "spend"]]


def came(orders, customers, cutoff, until) -> pd.DataFrame:
    """Days with an order and dollars after one day and up to another."""
    after = orders[(orders.date > cutoff) & (orders.date <= until)]
    days = after.drop_duplicates(["customer", "date"]).customer.value_counts()
    dollars = after.groupby("customer").amount.sum()
    columns = {"orders": days, "spend": dollars}
    found = {name: each.reindex(customers).fillna(0) for name, each in columns.items()}
    return pd.DataFrame(found)


def now(workspace: Workspace) -> pd.DataFrame:
    """What is known of the customers of the test set at the last cut-off, in their order."""
    orders = raw_orders(workspace)
    known = known_at(orders, pd.Timestamp(workspace.config["data"]["last"]))
    return known.loc[sealed_truth(workspace).id]


def judged(workspace: Workspace) -> pd.DataFrame:
    """The sealed test set with what was known, and what the saved models say of each customer."""
    test = pd.read_csv(workspace.processed / "test.csv", dtype={"id": str})
    known, forecaster = now(workspace).reset_index(drop=True), Forecaster.load(workspace)
    simple = json.loads((workspace.reports / "metrics.json").read_text("utf-8"))["baselines"][0]
    said = pd.read_csv(workspace.reports / "predictions.csv")
    return test.join(known).assign(
        model=said.model,
        simple=said[simple["column"]],
        expected_orders=forecaster.expect(known, "orders"),
        segment=forecaster.segment(known),
    )


def found_in_top(truth: pd.Series, said: pd.Series, share: float) -> float:
    """Dollars of the first customers, those alike at the border in part, by a Lorenz curve."""
    table = pd.DataFrame({"truth": truth, "said": said})
    steps = table.groupby("said").truth.agg(["size", "sum"])[::-1].cumsum()
    places, dollars = [0, *steps["size"]], [0, *steps["sum"]]
    return float(np.interp(share * len(table), places, dollars) / truth.sum())


def off(expected: pd.Series, came: pd.Series) -> float:
    """By what share of what came the sum is wrong."""
    return abs(expected.sum() - came.sum()) / came.sum()


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric: of the model, and of the strongest simple method."""
    customers = judged(workspace)
    return {
        "found_in_top": tuple(
            found_in_top(customers.spend, said, 0.2) for said in (customers.model, customers.simple)
        ),
        "orders_off": (off(customers.expected_orders, customers.orders), None),
        "spend_off": (off(customers.model, customers.spend), None),
    }


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """Slices and segments of the test set, and what letters would have earned."""
    customers, letter = judged(workspace), workspace.config["letter"]
    kinds = {
        "ordered once": customers.frequency == 1,
        "ordered twice or three times": customers.frequency.isin([2, 3]),
        "ordered more often": customers.frequency >= 4,
        "last order within 30 days": customers.recency < 31,
        "silent for 31 to 120 days": (customers.recency > 30) & (customers.recency < 121),
        "silent for longer": customers.recency >= 121,
    }
    segments = {
        str(number): [
            len(part),
            part.recency.median(),
            part.frequency.median(),
            part.money.median(),
            part.spend.sum() / customers.spend.sum(),
            None,  # three digits of it are shown
            (part.spend > 0).mean(),
        ]
        for number, part in customers.groupby("segment")
    }
    earned = customers.spend * letter["lift"] * letter["margin"] - letter["cost"]
    pays = customers.model * letter["lift"] * letter["margin"] >= letter["cost"]
    tenth = np.ceil(customers.expected_orders.rank(method="first") / len(customers) * 10)
    return {
        "slices": {
            name: [mask.sum(), metric(customers.spend[mask], customers.model[mask])]
            for name, mask in kinds.items()
            if mask.any()
        },
        "segments": segments,
        "plans": {
            "everybody": [len(customers), earned.mean()],
            "customers of whom enough is expected": [pays.sum(), (earned * pays).mean()],
            "nobody": [0, 0.0],
        },
        "calibration": {
            f"{number:.0f}": [len(part), part.expected_orders.mean(), None, part.orders.mean()]
            for number, part in customers.groupby(tenth)
        },
    }


def badness(workspace: Workspace) -> pd.Series:
    """By id, how many dollars the model is off: errors.csv shows the worst."""
    customers = judged(workspace)
    return customers.set_index("id").eval("abs(model - spend)")


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the sentences on this run have to say."""
    customers = judged(workspace)
    found = found_in_top(customers.spend, customers.model, 0.2)
    alone = metric(customers.spend, -customers.segment)
    return {
        "top": [f"came to {decimal(found)}"],
        "segments": [f"normalised Gini of {decimal(alone)}"],
        "textbook": [f"{customers.expected_orders.sum():,.0f}; {customers.orders.sum():,.0f} came"],
    }


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the model in models/ says of each customer of the test set."""
    return Forecaster.load(workspace).expect(now(workspace))


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Each baseline tuned anew at the earlier cut-off, and asked at the last one."""
    settings, orders = workspace.config["data"], raw_orders(workspace)
    last = pd.Timestamp(settings["last"])
    earlier = last - max(settings["windows"]) * DAY
    before = known_at(orders, earlier)
    spend = came(orders, before.index, earlier, last).spend
    tried, asked = workspace.config["baselines"], now(workspace)

    def tuned(weights: list) -> np.ndarray:
        grid = product(tried["bins"], weights)
        bins, chosen = max(grid, key=lambda each: metric(spend, cells(before, *each)))
        return cells(asked, bins, chosen)

    return {
        "weighted RFM score": tuned(tried["weights"]),
        "RFM score": tuned([[1, 1, 1]]),
        "money alone": asked.money.to_numpy(),
        "recency alone": -asked.recency.to_numpy(),
    }


def cells(customers: pd.DataFrame, bins: int, weights: list) -> np.ndarray:
    """Places among the customers in recency, frequency and money, cut into bins and added up."""
    total = np.zeros(len(customers))
    for name, weight in zip(("recency", "frequency", "money"), weights, strict=True):
        better = customers[name].rank(ascending=name != "recency")
        total += weight * np.ceil(better / len(customers) * bins)
    return total
