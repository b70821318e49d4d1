"""A generated sample: invented customers, for tests and work without a network.

Each joins in the first quarter of 1997, buys at a pace of their own until they leave for good, and
spends about as much each time: the assumptions of BG/NBD and Gamma-Gamma (Fader, Hardie and Lee,
2005). No row is of the real data.
"""

from pathlib import Path

import numpy as np
import pandas as pd

CUSTOMERS = 2_000
FIRST, JOINING, DAYS = pd.Timestamp("1997-01-01"), 84, 546  # they join in so many days of these
PACE = (0.6, 0.018)  # orders a day: shape and scale of the gamma distribution
LEAVING = (0.9, 2.6)  # the chance to leave after an order, a beta distribution
USUAL, OWN, EACH = 30.0, 0.5, 0.6  # dollars; how customers differ, and orders of one customer
TWICE, FREE = 0.03, 0.002  # the share of orders made in two parts, and of those that cost nothing
FILE = "CDNOW_master.txt"
HEADER = " customer_id  date number_of_cds  dollar_value"


def write_sample(folder: Path, seed: int) -> Path:
    """The sample of a seed in the publisher's format; what is there stays."""
    made = folder / f"seed-{seed}"
    if not made.exists():
        made.mkdir(parents=True)
        lines = [
            f" {row.customer:05} {row.date:%Y%m%d} {row.cds:2} {row.amount:7.2f}"
            for row in generate(seed).itertuples()
        ]
        text = "\n".join([HEADER, *lines]) + "\n"
        (made / FILE).write_text(text, encoding="utf-8", newline="\n")
    return made / FILE


def generate(seed: int) -> pd.DataFrame:
    """Orders by customer and date; the same seed, the same rows."""
    random = np.random.default_rng(seed)
    rows: list[tuple[int, float, float]] = []
    for customer in range(1, CUSTOMERS + 1):
        day, pace, leaving = random.integers(0, JOINING), random.gamma(*PACE), random.beta(*LEAVING)
        usual = USUAL * np.exp(random.normal(0, OWN))
        while day < DAYS:
            amount = 0.0 if random.random() < FREE else usual * np.exp(random.normal(0, EACH))
            parts = 2 if random.random() < TWICE else 1
            rows += [(customer, day, amount / parts)] * parts
            if random.random() < leaving:
                break
            day += 1 + random.exponential(1 / max(pace, 1e-9))
    table = pd.DataFrame(rows, columns=["customer", "day", "amount"])
    table["date"] = FIRST + pd.to_timedelta(table.day.astype(int), unit="D")
    table["cds"] = 1 + (table.amount // USUAL).astype(int).clip(upper=98)
    return table.assign(amount=table.amount.round(2))[["customer", "date", "cds", "amount"]]
