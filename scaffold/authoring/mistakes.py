"""What a planted mistake is: one line of a generated project, replaced.

Those of a template stand in tests/planted/PACKAGE.py, as MISTAKES.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from scaffold.errors import TemplateError


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

_RETRAIN = "tests/kit/test_retrain.py::"
RETRAINING = (
    Mistake(
        "an empty file of feedback is taken",
        "kit/retrain.py",
        "    if not path.stat().st_size:\n",
        "    if path.is_dir():\n",
        f"{_RETRAIN}test_a_broken_file_is_refused_by_its_fault",
    ),
    Mistake(
        "feedback may hold the test set",
        "kit/retrain.py",
        "np.flatnonzero(in_test_set(workspace, rows.fingerprint)).tolist()",
        "[]",
        f"{_RETRAIN}test_rows_of_the_test_set_are_refused_though_it_is_not_opened",
    ),
    Mistake(
        "swapped labels are taken",
        "kit/retrain.py",
        "    if verdict(found, feedback.HIGHER_IS_BETTER) != BETTER:\n",
        "    if found is None:\n",
        f"{_RETRAIN}test_swapped_labels_are_refused_unless_somebody_looked",
    ),
    Mistake(
        "a row is learned from and asked",
        "kit/retrain.py",
        "return Parts(learned, fresh, len(others) - len(learned))",
        "return Parts(rows, fresh, 0)",
        f"{_RETRAIN}test_no_group_is_both_learned_from_and_fresh",
    ),
    Mistake(
        "rows are asked again until the answer is liked",
        "kit/retrain.py",
        "rows.known | rows.fingerprint.isin(used(workspace))",
        "rows.known",
        f"{_RETRAIN}test_what_was_asked_once_is_not_fresh_again",
    ),
    Mistake(
        "a challenger is promoted that is not better",
        "kit/retrain.py",
        "    if found == BETTER:\n",
        "    if found != WORSE:\n",
        f"{_RETRAIN}test_only_better_or_after_a_drift_not_worse_by_the_margin_is_promoted",
    ),
)


def other_columns(truth: str) -> Mistake:
    """Lines of feedback may hold anything beside the truth; `truth` is its type."""
    return Mistake(
        "other columns of feedback are passed over",
        "feedback.py",
        f"    truth: {truth}\n",
        f"    model_config = {{'extra': 'ignore'}}\n    truth: {truth}\n",
        f"{_RETRAIN}test_a_broken_file_is_refused_by_its_fault",
    )


def planted_by(file: Path) -> tuple[Mistake, ...]:
    """The mistakes that a file plants; it is run, as the tests of its repository run it."""
    spec = spec_from_file_location(f"planted_{file.stem}", file)
    if spec is None or spec.loader is None or not file.is_file():
        return ()
    module, top = module_from_spec(spec), str(file.parents[2])
    sys.path.insert(0, top)
    try:
        spec.loader.exec_module(module)
        found: tuple[Mistake, ...] = tuple(module.MISTAKES)
    except Exception as error:
        raise TemplateError(f"{file} cannot be run: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(top)
    return found


@contextmanager
def spoilt(module: Path, mistake: Mistake) -> Iterator[None]:
    """The module with a mistake in it, in its place: what is compiled of the others stays."""
    code, times = module.read_bytes(), module.stat()
    right, wrong = mistake.right.encode(), mistake.wrong.encode()
    if code.count(right) != 1:
        raise TemplateError(f"{mistake.name}: the line to spoil is not in {mistake.module}.")
    module.write_bytes(code.replace(right, wrong))
    try:
        yield
    finally:
        module.write_bytes(code)
        os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))
