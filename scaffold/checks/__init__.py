"""Numbered checks in families, on the repo-review framework.

The entry points in pyproject.toml hand them to repo-review: `repo-review` runs them too, and any
package that registers checks of its own under the same entry points runs in `scaffold check`.
"""

from __future__ import annotations

from repo_review.families import Family

from scaffold.checks import (
    answers,
    honest,
    professional,
    recompute,
    reproducible,
    safe,
    story,
    stumbles,
    valid,
)
from scaffold.checks.verdict import Check

ALL: tuple[type[Check], ...] = (
    *story.CHECKS,
    *answers.CHECKS,
    *reproducible.CHECKS,
    *honest.CHECKS,
    *recompute.CHECKS,
    *valid.CHECKS,
    *stumbles.CHECKS,
    *safe.CHECKS,
    *professional.CHECKS,
)
FAMILIES = {
    "story": "Story",
    "reproducible": "Reproducible",
    "honest": "Honest",
    "valid": "Valid",
    "stumbles": "Stumbling blocks",
    "safe": "Safe",
    "professional": "Professional",
}


def repo_review_checks() -> dict[str, Check]:
    """The entry point `repo_review.checks`."""
    return {kind.__name__: kind() for kind in ALL}


def repo_review_families() -> dict[str, Family]:
    """The entry point `repo_review.families`."""
    return {
        key: Family(name=name, order=order) for order, (key, name) in enumerate(FAMILIES.items(), 1)
    }
