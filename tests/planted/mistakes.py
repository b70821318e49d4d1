"""What a planted mistake is: one line of a generated project, replaced."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """In `module` of the package, `right` becomes `wrong`; the test `caught_by` must notice."""

    name: str
    module: str
    right: str
    wrong: str
    caught_by: str


TEST_READ_TWICE = Mistake(
    "the test part is read twice",
    "evaluate.py",
    '    test = data.load(workspace, "test", reader="evaluate")\n',
    '    data.load(workspace, "test", reader="evaluate")\n'
    '    test = data.load(workspace, "test", reader="evaluate")\n',
    "tests/kit/test_manifest.py::test_a_run_reads_the_test_part_once_and_logs_it",
)
SAMPLE_POSES = Mistake(
    "the sample poses as the data",
    "data.py",
    "sample=sample, counts=counts",
    "sample=False, counts=counts",
    "tests/kit/test_manifest.py::test_a_sample_is_recorded_as_one",
)

_EXPERIMENTS = "tests/kit/test_experiments.py::"
ATTEMPTS = (
    Mistake(
        "an attempt deleted from the log goes unnoticed",
        "kit/journal.py",
        'read_json(head, made_by="try") if head.exists() else {"attempts": 0, "sha256": ""}',
        '{"attempts": len(lines), "sha256": hashes[-1]}',
        f"{_EXPERIMENTS}test_a_log_that_was_changed_is_refused",
    ),
    Mistake(
        "the difference between attempts is not in pairs",
        "kit/experiments.py",
        "measure, truth, self.answers, other, groups",
        "measure, truth, self.answers, other[::-1], groups",
        f"{_EXPERIMENTS}test_a_difference_is_in_pairs_on_the_same_draws_of_groups",
    ),
    Mistake(
        "the best so far ignores the direction of the metric",
        "kit/journal.py",
        '    sign = 1 if entries[0]["frozen"]["higher_is_better"] else -1\n',
        "    sign = 1\n",
        f"{_EXPERIMENTS}test_the_best_so_far_is_the_best_in_the_direction_of_the_metric",
    ),
    Mistake(
        "a search maximises an error",
        "kit/tune.py",
        'direction="maximize" if higher else "minimize"',
        'direction="maximize"',
        "tests/kit/test_tune.py::test_the_best_trial_becomes_an_attempt",
    ),
)
NEVER_OPENS = (
    f"{_EXPERIMENTS}test_a_real_attempt_scores_the_training_set_and_never_opens_the_test_set"
)
