"""The orders: download, one row a day and customer, and what was known at each cut-off.

The last cut-off parts what may be learned from and what is asked: the test set is what every
customer did after it. To learn, the same question is asked at earlier cut-offs.
"""

import hashlib
from pathlib import Path

import pandas as pd

from .kit import holdout
from .kit.holdout import Ledger
from .kit.sample import write_sample
from .kit.sources import PythonPackage, fetch_first
from .kit.workspace import Workspace

# A package that carries the publisher's table in plain text, with a heading, is the source.
SOURCES = [
    PythonPackage(
        "Python package lifetimes 0.11.3",
        "lifetimes==0.11.3",
        {
            "lifetimes/datasets/CDNOW_master.txt": (
                "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"
            )
        },
    )
]
TABLE = "CDNOW_master.txt"
PARTS = ("orders", "train", "test")
FEATURES = ["recency", "age", "frequency", "money"]
SAME_DAY = "a second order of a customer's day, its dollars added to the first"
TOO_LATE = "after the period that is asked for"


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write the orders up to the last cut-off, what to learn from, the test set, the manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    if sample:
        source = "generated sample: invented customers"
        table = write_sample(workspace.sample, workspace.seed)
    else:
        source, table = fetch_first(SOURCES, workspace.raw), workspace.raw / TABLE
    sha256 = hashlib.sha256(table.read_bytes()).hexdigest()
    holdout.require_same_data(workspace, sha256, sample)

    listed, settings = read(table), workspace.config["data"]
    orders, ledger = clean(listed), Ledger(len(listed), "orders")
    ledger.drop("merging", len(orders), SAME_DAY)
    last = pd.Timestamp(settings["last"])
    end = last + pd.Timedelta(days=settings["horizon"])
    ledger.drop("period", int((orders.date <= end).sum()), TOO_LATE)
    known = orders[orders.date <= last]
    now = describe(known, last)
    tables = {
        "orders": known.assign(id=known.customer + "/" + known.date.dt.strftime("%Y-%m-%d")),
        "train": snapshots(known, last, settings["windows"]),
        "test": outcome(orders, now.index, last, end).rename_axis("id").reset_index(),
    }
    ledger.count_as("rows of the three parts", sum(map(len, tables.values())))
    ledger.drop("split", ledger.rows, "")
    files = {
        name: (write_part(workspace, name, part), list(part.id)) for name, part in tables.items()
    }
    counts = count(listed, orders, last)
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(now.assign(cutoff=f"{last:%Y-%m-%d}")),
    )  # fmt: skip
    print(f"{len(listed):,} orders from the {source}: {counts}")


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """One part, each with a column `id`.

    orders: customer, date, amount, up to the last cut-off. train: one row a customer and cut-off
    with `FEATURES`, the orders and the spend in the `window` days after it, and the later cut-off,
    `asked`, for whose model it is there. test: orders and spend after the last cut-off.
    """
    text = {"id": str, "customer": str}
    dates = ["date"] if part == "orders" else False
    return pd.read_csv(holdout.open_part(workspace, part, reader), dtype=text, parse_dates=dates)


def read(table: Path) -> pd.DataFrame:
    """The publisher's lines: customer, date, CDs, dollars."""
    names = ["customer", "date", "cds", "amount"]
    text = {"customer": str, "date": str}
    lines = pd.read_csv(table, sep=r"\s+", skiprows=1, names=names, dtype=text)
    return lines.assign(date=pd.to_datetime(lines.date, format="%Y%m%d"))


def clean(listed: pd.DataFrame) -> pd.DataFrame:
    """What each customer spent on each day of an order: customer, date, amount."""
    # practice: clean
    days = listed.groupby(["customer", "date"], as_index=False).amount.sum()
    return days.sort_values(["customer", "date"], ignore_index=True)
    # practice: end


def describe(orders: pd.DataFrame, cutoff: pd.Timestamp | pd.Series) -> pd.DataFrame:
    """FEATURES of each customer who had ordered by the cut-off, of which nothing later is seen.

    Days since the last order and since the first, days with an order, dollars in all. `cutoff` is
    one day for all, or one for each order.
    """
    # practice: describe
    known = orders.assign(days=(cutoff - orders.date).dt.days).query("days >= 0")
    by_customer = known.groupby("customer")
    days = by_customer.days.agg(["min", "max", "size"])
    money = by_customer.amount.sum().round(2)  # cents: who spent the same has the same place
    return days.set_axis(FEATURES[:3], axis=1).assign(money=money).astype(float)
    # practice: end


def outcome(
    orders: pd.DataFrame,
    customers: pd.Index,
    cutoff: pd.Timestamp | pd.Series,
    until: pd.Timestamp | pd.Series,
) -> pd.DataFrame:
    """Orders and spend of each of `customers` after the cut-off and up to `until`; none is zero."""
    # practice: outcome
    after = orders[(orders.date > cutoff) & (orders.date <= until)]
    sums = after.groupby("customer").amount.agg(["size", "sum"]).reindex(customers, fill_value=0)
    return sums.set_axis(["orders", "spend"], axis=1).astype({"spend": float})
    # practice: end


def snapshots(orders: pd.DataFrame, last: pd.Timestamp, windows: list[int]) -> pd.DataFrame:
    """What was known at each earlier cut-off, and what came in the window after it.

    The windows end at the cut-off that is asked: the last one, or the one by which ideas are
    judged. That is the last one less the longest window, so what is judged with lies before what
    the model for it has learned from.
    """
    tables = []
    for asked in (last - pd.Timedelta(days=max(windows)), last):
        for window in windows:
            cutoff = asked - pd.Timedelta(days=window)
            found = describe(orders, cutoff)
            found = found.join(outcome(orders, found.index, cutoff, asked)).reset_index()
            found = found.assign(
                asked=f"{asked:%Y-%m-%d}", cutoff=f"{cutoff:%Y-%m-%d}", window=window
            )
            tables.append(found.assign(id=f"{asked:%Y-%m-%d}/{window}/" + found.customer))
    return pd.concat(tables, ignore_index=True)


def inputs(customers: pd.DataFrame) -> list[str]:
    """What is known of each customer and when, in words."""
    known = [" ".join(f"{value:.2f}" for value in row) for row in customers[FEATURES].to_numpy()]
    return [f"{cutoff} {words}" for cutoff, words in zip(customers.cutoff, known, strict=True)]


def count(listed: pd.DataFrame, orders: pd.DataFrame, last: pd.Timestamp) -> dict[str, int]:
    """What the data sheet reports."""
    return {
        "orders": len(listed),
        "customers": listed.customer.nunique(),
        "exact_copies": int(listed.duplicated().sum()),
        "orders_that_cost_nothing": int((listed.amount == 0).sum()),
        "days_with_an_order": len(orders),
        "of_these_after_the_last_cutoff": int((orders.date > last).sum()),
    }


def write_part(workspace: Workspace, name: str, part: pd.DataFrame) -> Path:
    """Write one part as CSV."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.csv"
    part.to_csv(path, index=False, lineterminator="\n", float_format="%.10g")
    return path
