import pytest

from project_package import report
from project_package.errors import ProjectError
from project_package.intervals import Interval
from project_package.report import WRITE_UPS
from project_package.results import METRICS, read_results, require_unedited
from project_package.workspace import PROJECT_ROOT, Workspace

from conftest import new_workspace


def test_the_readme_says_what_metrics_json_says(trained: Workspace) -> None:
    primary = read_results(trained)["primary"]
    readme = (trained.root / "README.md").read_text(encoding="utf-8")
    assert str(Interval(primary["value"], *primary["ci"])) in readme


def test_the_committed_write_up_is_up_to_date(tmp_path) -> None:
    """Numbers edited by hand, or left from an earlier run, fail here."""
    if not (PROJECT_ROOT / "reports" / METRICS).exists():
        assert "Not run yet" in (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
        return
    results = require_unedited(Workspace())
    copy = new_workspace(tmp_path)
    for name in WRITE_UPS:
        before = (copy.root / name).read_text(encoding="utf-8")
        report.fill(copy.root / name, report.sections(results))
        assert (copy.root / name).read_text(encoding="utf-8") == before, f"{name} is stale"


def test_a_sample_says_that_it_is_one(trained: Workspace) -> None:
    assert read_results(trained)["data"]["sample"] is True
    for name in ("README.md", "REPORT.md", "MODEL_CARD.md"):
        text = (trained.root / name).read_text(encoding="utf-8")
        assert "Made from the sample" in text, name


def test_filling_twice_changes_nothing(copy: Workspace) -> None:
    before = (copy.root / "REPORT.md").read_bytes()
    report.run(copy)
    assert (copy.root / "REPORT.md").read_bytes() == before


def test_what_stands_outside_the_markers_is_the_authors(copy: Workspace) -> None:
    path = copy.root / "README.md"
    path.write_text("Mine.\n" + path.read_text(encoding="utf-8") + "Mine too.\n", encoding="utf-8")
    report.run(copy)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("Mine.", "Mine too.")


def test_a_marker_for_an_unknown_result_is_refused(copy: Workspace) -> None:
    path = copy.root / "README.md"
    text = "<!-- result:nonsense -->\nold\n<!-- /result:nonsense -->\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="nonsense"):
        report.run(copy)
    assert path.read_text(encoding="utf-8") == text


def test_every_figure_of_the_write_up_was_drawn(trained: Workspace) -> None:
    for name, picture in read_results(trained)["figures"].items():
        assert picture["alt"], name
        assert (trained.figures / f"{name}.svg").stat().st_size > 1_000, name
        assert (trained.figures / f"{name}.png").stat().st_size > 1_000, name


def test_every_metric_has_an_interval_around_its_value(trained: Workspace) -> None:
    for name, metric in read_results(trained)["metrics"].items():
        low, high = metric["ci"]
        assert low <= metric["value"] <= high, name


def test_a_simple_method_that_turns_out_ahead_of_the_one_named_is_told() -> None:
    named, other = {"name": "rule", "value": 0.5}, {"name": "counts", "value": 0.6}
    results = {
        "comparison": {"baseline": "rule", "verdict": "better"},
        "primary": {"higher_is_better": True},
        "baselines": [named, other],
    }
    assert "counts came out ahead of rule" in report.verdict(results)
    assert "ahead" not in report.verdict(results | {"primary": {"higher_is_better": False}})
