"""What a planted mistake is, where it was found before it had a place in the tool."""

from scaffold.authoring.mistakes import (
    ATTEMPTS,
    NEVER_OPENS,
    RETRAINING,
    SAMPLE_POSES,
    TEST_READ_TWICE,
    Mistake,
    other_columns,
)

__all__ = [
    "ATTEMPTS",
    "NEVER_OPENS",
    "RETRAINING",
    "SAMPLE_POSES",
    "TEST_READ_TWICE",
    "Mistake",
    "other_columns",
]
