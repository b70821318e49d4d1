"""The deep check: clone, install, run on the sample, test, as a stranger would."""

from __future__ import annotations

from scaffold.checks.checkout import Checkout
from scaffold.checks.verdict import Verdict


def rebuild(checkout: Checkout) -> Verdict:
    raise NotImplementedError
