"""The model for the demo in the browser: page/infer.js reads what is exported here."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import data
from .data import FEATURES
from .kit.trees import pack_boosting
from .kit.workspace import Workspace
from .model import LATITUDE
from .predict import EFFECTS_SHOWN, Appraiser
from .serve import House

LOOKUPS = [("/districts", {})]
EXAMPLES = 450


def export(workspace: Workspace) -> dict[str, bytes]:
    """Three boosting models, and what a house is filled up with."""
    appraiser = Appraiser.load(workspace)
    values = {
        "features": FEATURES,
        "shrink": float(np.cos(np.radians(LATITUDE))),
        "typical": appraiser.typical.to_dict(),
        "districts": appraiser.districts,
        "margin": appraiser.margin,
        "coverage": appraiser.coverage,
        "effects_shown": EFFECTS_SHOWN,
        "fields": {name: _limits(field) for name, field in House.model_fields.items()},
    }
    models = {
        "chosen": appraiser.models["chosen"].regressor_[-1],
        "low": appraiser.models["low"],
        "high": appraiser.models["high"],
    }
    return {
        "house.json": json.dumps(values).encode(),
        **{f"{name}.bin": pack_boosting(model) for name, model in models.items()},
    }


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Houses of the training set, with all that is known of them and with little; two refused."""
    sales = data.load(workspace, "train", reader="demo").head(EXAMPLES // 2)
    known = [name for name in House.model_fields if name in sales]
    houses = [_as_body(sale) for sale in sales[known].to_dict("records")]
    little = [{name: house[name] for name in ("zipcode", "sqft_living")} for house in houses]
    return [*houses, *little, {"zipcode": 98000, "sqft_living": 1}, {**houses[0], "grade": 14}]


def _as_body(sale: Mapping[str, float]) -> dict[str, Any]:
    """Whole numbers as such, as JSON and the service's types have them."""
    body = {name: int(value) if value == int(value) else value for name, value in sale.items()}
    return {**body, "waterfront": bool(sale["waterfront"])}


def _limits(field: Any) -> dict[str, Any]:
    """The default of a field of the service, and what it may be at least and at most."""
    found = {"least": None, "most": None}
    for each in field.metadata:
        found["least"] = getattr(each, "ge", found["least"])
        found["most"] = getattr(each, "le", found["most"])
    return {"default": None if field.is_required() else field.default, **found}
