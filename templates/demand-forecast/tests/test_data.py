import json

import numpy as np
import pandas as pd
import pytest

from project_package import data, model, sample
from project_package.kit.workspace import PROJECT_ROOT, ProjectError, Workspace

SAMPLE = PROJECT_ROOT / "data" / "sample" / data.SAMPLE


def rows(workspace: Workspace) -> pd.DataFrame:
    return pd.concat(
        [pd.read_csv(workspace.processed / f"{name}.csv").assign(part=name) for name in data.PARTS]
    )


def test_the_table_has_its_columns_and_sane_values(prepared: Workspace) -> None:
    found = rows(prepared)
    assert not found.isna().any().any()
    assert (found.groupby("date").size() == 48).all()
    assert found.demand.between(0.1, 20).all()
    assert found.temperature.between(-10, 50).all()
    assert set(found.working) == set(found.learn.mul(0)) | {1}


def test_every_day_of_the_test_set_comes_after_every_day_of_training(prepared: Workspace) -> None:
    found = rows(prepared)
    train, test = (found[found.part == part].date for part in data.PARTS)
    assert train.max() < test.min()
    assert test.min() == prepared.config["data"]["test_from"]


def test_the_sample_is_generated_and_says_so(prepared: Workspace) -> None:
    made = sample.generate()
    kept = pd.read_csv(SAMPLE)
    pd.testing.assert_frame_equal(made, kept, check_dtype=False)
    assert "invented" in json.loads(prepared.manifest.read_text(encoding="utf-8"))["source"]
    assert made.Demand.max() < 2.5, "of a town; Victoria's demand is never so low"


def test_half_hours_are_counted_from_midnight_of_the_first_day(prepared: Workspace) -> None:
    table = pd.read_csv(SAMPLE)
    found = data.tabulate(table, prepared.config)
    assert found.id.iloc[0] == "2014-01-01 00"
    assert found.id.iloc[49] == "2014-01-02 01"
    assert found.demand.iloc[49] == table.Demand.iloc[49]
    assert pd.Timestamp(found.date.iloc[0]).day_of_week == 2


def test_columns_of_a_file_of_your_own_are_named_in_the_settings(empty: Workspace) -> None:
    table = pd.read_csv(SAMPLE).rename(
        columns={"Demand": "load", "Temperature": "air", "WorkDay": "open"}
    )
    path = empty.root / "data" / "own.csv"
    table.to_csv(path, index=False)
    named = {"columns.demand": "load", "columns.temperature": "air", "columns.working": "open"}
    own = Workspace(empty.root, {"data.source": "csv", "data.test_from": "2014-05-01", **named})
    data.run(own)
    train = data.load(own, "train", reader="train")
    assert train.date.max() == "2014-04-30"
    assert train.demand.tolist() == pytest.approx(table.load.head(len(train)).tolist())
    with pytest.raises(ProjectError, match=r"no column Demand"):
        data.run(Workspace(empty.root, {"data.source": "csv"}))


def test_a_table_by_the_hour_stands_for_both_halves(prepared: Workspace) -> None:
    """As that of the transformer: no column of working days, its rows named in the settings."""
    table = pd.DataFrame({"LUFL": np.arange(1.0, 24 * 9 + 1), "OT": 20.0})
    config = {
        "data": {"first_day": "2016-07-01", "rows_a_day": 24},
        "columns": {"demand": "LUFL", "temperature": "OT", "working": ""},
    }
    found = data.tabulate(table, config)
    assert found.demand.head(4).tolist() == [1, 1, 2, 2]
    assert found.id.iloc[[0, 47, 48]].tolist() == [
        "2016-07-01 00",
        "2016-07-01 47",
        "2016-07-02 00",
    ]
    assert found.demand.iloc[48] == 25
    assert found.working.iloc[::48].tolist() == [1, 0, 0, 1, 1, 1, 1, 1, 0], "a Friday comes first"


def test_every_source_is_pinned_by_its_bytes(empty: Workspace) -> None:
    for sources in data.SOURCES.values():
        for source in sources:
            assert all(len(sha256) == 64 for sha256 in source.files.values())
    with pytest.raises(ProjectError, match="victoria, etth1 and csv are known"):
        data.run(Workspace(empty.root, {"data.source": "elsewhere"}))


def test_a_missing_day_leaves_a_gap_and_no_shift(prepared: Workspace) -> None:
    whole = rows(prepared)
    gap = "2014-02-05"
    series, dates = data.series(whole[whole.date != gap])
    full, all_dates = data.series(whole)
    place = dates.index(gap)
    assert dates == all_dates
    assert np.isnan(series.demand[place]).all()
    assert not series.known[place]
    assert np.array_equal(series.demand[place + 1 :], full.demand[place + 1 :])
    assert not model.ready(series, place + 1 + 1), "its day before yesterday is not there"
    assert not model.ready(series, place + 7)
    learned = model.learnable(series, len(dates), 24)
    assert {place, place + 1, place + 2, place + 7}.isdisjoint(learned)
    days = model.learnable(full, len(dates), 24)
    assert {place, place + 1, place + 2, place + 7} <= set(days)


def test_only_days_that_may_be_learned_from_are(prepared: Workspace) -> None:
    found = rows(prepared)
    found.loc[found.date == "2014-02-10", "learn"] = 0
    series, dates = data.series(found)
    assert dates.index("2014-02-10") not in model.learnable(series, len(dates), 24)


def test_both_sources_have_the_same_digest(prepared: Workspace) -> None:
    """They write the same numbers with other digits."""
    found = data.tabulate(pd.read_csv(SAMPLE), prepared.config)
    other = found.assign(demand=found.demand * (1 + 1e-15))
    assert data.digest(found) == data.digest(other)
    assert data.digest(found) != data.digest(found.assign(demand=found.demand + 1e-6))
