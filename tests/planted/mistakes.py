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
