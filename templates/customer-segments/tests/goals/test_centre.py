import pandas as pd
import pytest

from project_package import data, model
from project_package.kit.workspace import PROJECT_ROOT, Workspace

CENTRE = {"latitude": 47.61, "longitude": -122.33}
MILES_NORTH, MILES_EAST = 69.0, 46.5  # a degree in either direction


def test_the_model_is_told_how_far_the_centre_is(prepared: Workspace) -> None:
    table = pd.read_csv(PROJECT_ROOT / "data" / "sample" / data.TABLE)
    house = data.clean(table)[data.FEATURES].head(3).assign(**CENTRE)
    house.loc[house.index[1], "latitude"] += 1
    house.loc[house.index[2], "longitude"] += 1
    told = model.build(prepared.config).regressor[0].transform(house)
    assert list(told.miles_to_centre) == pytest.approx([0, MILES_NORTH, MILES_EAST], abs=0.5)
