"""The probability models of the textbooks: who is still a customer, and what an order comes to.

BG/NBD (Fader, Hardie and Lee, 2005): somebody orders at a pace of their own until they leave for
good after an order. Gamma-Gamma (Fader and Hardie, 2013): what an order comes to varies about a
mean of their own. Both are fitted by maximum likelihood.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

DAYS_A_WEEK = 7  # the models count in weeks: numbers near one are easier to fit


@dataclass(frozen=True)
class BgNbd:
    """Pace: gamma(r, alpha) orders a week. Leaving after an order: beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, customers: pd.DataFrame) -> "BgNbd":
        """From data.FEATURES of each customer; alike ones are counted once, with their number."""
        alike = customers.groupby(["frequency", "recency", "age"]).size().reset_index(name="count")
        again, last, known = histories(alike)

        def loss(logs: NDArray[np.float64]) -> float:
            r, alpha, a, b = np.exp(logs)
            start = gammaln(r + again) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
            stays = betaln(a, b + again) - (r + again) * np.log(alpha + known)
            left = np.where(
                again > 0,
                betaln(a + 1, b + np.maximum(again, 1) - 1) - (r + again) * np.log(alpha + last),
                -np.inf,
            )
            return -float(np.average(start + np.logaddexp(stays, left), weights=alike["count"]))

        return cls(*best(loss, size=4))

    def expect(self, customers: pd.DataFrame, days: float) -> NDArray[np.float64]:
        """Orders in the coming days, given each customer's past, shape (n,)."""
        again, last, known = histories(customers)
        r, alpha, a, b, weeks = self.r, self.alpha, self.a, self.b, days / DAYS_A_WEEK
        ends = alpha + known + weeks
        shrinks = ((alpha + known) / ends) ** (r + again)
        series = hyp2f1(r + again, b + again, a + b + again - 1, weeks / ends)
        if_alive = (a + b + again - 1) / (a - 1) * (1 - shrinks * series)
        leaves = a / (b + np.maximum(again, 1) - 1)  # after an order, against coming again
        gone = leaves * ((alpha + known) / (alpha + last)) ** (r + again)
        return np.asarray(if_alive / (1 + np.where(again > 0, gone, 0.0)))


@dataclass(frozen=True)
class GammaGamma:
    """An order: gamma(p, nu) dollars; nu: gamma(q, v)."""

    p: float
    q: float
    v: float

    @classmethod
    def fit(cls, customers: pd.DataFrame) -> "GammaGamma":
        """From data.FEATURES of customers who have spent anything."""
        paid = customers[customers.money > 0]
        count, total = paid.frequency.to_numpy(float), paid.money.to_numpy(float)

        def loss(logs: NDArray[np.float64]) -> float:
            p, q, v = np.exp(logs)
            shape = p * count
            found = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
            found += (shape - 1) * np.log(total) - (shape + q) * np.log(v + total)
            return -float(np.mean(found))

        return cls(*best(loss, size=3))

    def expect(self, customers: pd.DataFrame) -> NDArray[np.float64]:
        """Dollars of an order, given what each customer's orders came to, shape (n,)."""
        weight = self.p * customers.frequency.to_numpy(float) + self.q - 1
        return self.p * (self.v + customers.money.to_numpy(float)) / weight


def histories(customers: pd.DataFrame) -> tuple[NDArray, NDArray, NDArray]:
    """Orders after the first, and the weeks from it to the last one and to the cut-off."""
    known, since = (customers[name].to_numpy(float) / DAYS_A_WEEK for name in ("age", "recency"))
    return customers.frequency.to_numpy(float) - 1, known - since, known


def best(loss: Callable[[NDArray], float], size: int) -> NDArray[np.float64]:
    """The positive numbers with the smallest loss, looked for on a logarithmic scale."""
    options = {"maxiter": 4_000, "xatol": 1e-6, "fatol": 1e-10, "adaptive": True}
    found = minimize(loss, np.zeros(size), method="Nelder-Mead", options=options)
    return np.exp(found.x)
