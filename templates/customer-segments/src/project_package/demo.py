"""The model for the demo in the browser: page/infer.js reads what is exported here."""

import json
from itertools import islice
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from . import data, model
from .kit.workspace import Workspace
from .predict import Forecaster, without_label
from .serve import FIRST_DAY, LAST_DAY, MOST_ORDERS, Order
from .train import last_cutoff

LOOKUPS = [("/segments", {})]
EXAMPLES = 450


def export(workspace: Workspace) -> dict[str, bytes]:
    """Two regressions, the middles of the segments, and what a customer is compared with."""
    forecaster = Forecaster.load(workspace)
    training, segments = forecaster.training, forecaster.models["segments"]
    profiles = training["segments"]
    middles = segments[-1].cluster_centers_[[int(row["label"]) for row in profiles]]
    amount = Order.model_fields["amount"].metadata
    about = {
        "terms": model.TERMS,
        "regressions": {name: _slopes(forecaster.models[name]) for name in ("spend", "orders")},
        "typical": training["typical"],
        "days": training["days"],
        "profiles": [without_label(profile) for profile in profiles],
        "middles": middles.tolist(),
        "mean": segments[1].mean_.tolist(),
        "scale": segments[1].scale_.tolist(),
        "letter": dict(forecaster.letter),
        "first_day": FIRST_DAY.isoformat(),
        "last_day": LAST_DAY.isoformat(),
        "most_orders": MOST_ORDERS,
        "most_dollars": max(getattr(limit, "le", 0) for limit in amount),
    }
    return {"customers.json": json.dumps(about).encode()}


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Customers at the last cut-off and long before it, some days in two parts; three refused."""
    orders = data.load(workspace, "orders", reader="demo")
    last, bodies = last_cutoff(workspace.config), []
    for number, (_, own) in enumerate(islice(orders.groupby("customer"), EXAMPLES)):
        today = own.date.min() + pd.Timedelta(days=number % 60) if number % 3 == 0 else last
        known = own[own.date <= today]
        listed = [
            {"date": f"{day:%Y-%m-%d}", "amount": float(amount)}
            for day, amount in zip(known.date, known.amount, strict=True)
        ]
        if number % 5 == 0:
            listed = [{**listed[0], "amount": listed[0]["amount"] / 2}] * 2 + listed[1:]
        bodies.append({"orders": listed, "today": f"{today:%Y-%m-%d}"})
    first = bodies[0]
    return [
        *bodies,
        {**first, "orders": []},
        {**first, "orders": [{"date": "1998-01-01", "amount": 1}]},
        {**first, "orders": [{"date": first["today"], "amount": -1}]},
    ]


def _slopes(fitted: Pipeline) -> dict[str, Any]:
    """The regression as one slope for each term and where it begins."""
    _, scaler, regressor = (step for _, step in fitted.steps)
    slopes = regressor.coef_ / scaler.scale_
    return {"slopes": slopes.tolist(), "start": float(regressor.intercept_ - slopes @ scaler.mean_)}
