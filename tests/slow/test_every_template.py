"""Every template as a user meets it: generated, installed, run on its real data, its tests run.

A template whose training takes long may state a smaller budget for this in `[ci]` of its
template.toml: variables for the run, and the gate and the verdicts that hold with them. The gate
is on the level, the verdict on the paired gain over the strongest simple method.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold import catalogue
from scaffold.commands.run import STEPS
from tests.rotation import of_the_day
from tests.slow import demos
from tests.slow.browser import chromium, faults, served

pytestmark = [pytest.mark.slow, pytest.mark.network]

SEED = 7  # the numbers in template.toml were measured with it; tests/planted runs another one


@pytest.mark.parametrize("name", of_the_day(catalogue.names()))
def test_a_template_becomes_a_project_that_keeps_its_promise(
    name: str,
    here: Path,
    ordinary_home: None,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    template = catalogue.template(name)
    budget = template.metadata.get("ci", {})
    for variable, value in budget.get("env", {}).items():
        monkeypatch.setenv(variable, str(value))
    begin = time.monotonic()
    done = _scaffold("new", name, "--yes", "--run", "--set", f"seed={SEED}", folder=here)
    seconds = time.monotonic() - begin
    project = here / name
    assert done.returncode == 0, done.stdout + done.stderr + _logs(project)

    metrics = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    primary, found = metrics["primary"], metrics["comparison"]
    gate = budget.get("gate", template.target.gate)
    allowed = budget.get("verdict", template.target.verdict)
    record_property(
        "came to",
        (
            name,
            primary["label"],
            f"{primary['value']:.4g}",
            f"{gate:g}",
            f"{primary['baseline_name']} {primary['baseline']:.4g}",
            "{:+.4g} [{:+.4g}, {:+.4g}]".format(found["difference"], *found["ci"]),
            found["verdict"],
            str(SEED),
            f"{seconds:.0f}",
        ),
    )
    assert primary["name"] == template.target.metric
    assert template.target.meets(primary["value"], gate)
    for metric, least in template.metadata["target"].get("gates", {}).items():  # other protocols
        assert metrics["metrics"][metric]["value"] >= least, metric
    assert primary["baseline_name"] == found["baseline"]
    assert found["verdict"] in allowed, f"difference within {found['ci']}"
    low, high = primary["ci"]
    assert low <= primary["value"] <= high

    tests = (project / ".scaffold" / "logs" / "tests.log").read_text(encoding="utf-8")
    assert " passed" in tests
    assert "failed" not in tests
    assert _stands_in(primary["value"], (project / "README.md").read_text(encoding="utf-8"))

    browser = chromium()
    if browser:
        with served(project, name.replace("-", "_")) as address:
            assert faults(address, browser) == []
        record_property("its demo", (name, *_try_demo(project, name, browser)))
    else:
        assert not os.environ.get("CI"), "CI looks at every page in Chromium, and there is none"

    again = _scaffold("run", folder=project)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stderr.count("unchanged") == len(STEPS), again.stderr


def _try_demo(project: Path, name: str, browser: str) -> tuple[str, ...]:
    """The author's own model in Node and on a telephone: size, times and the worst difference."""
    parity = demos.compare(project, name.replace("-", "_"))
    assert parity.others == []
    assert parity.worst < demos.TOLERANCE
    assert len(parity.asked) >= demos.ROWS
    folder = project / "demo"
    with demos.static(folder) as address:
        backwards = parity.asked[::-1]  # at the end stands what is refused
        opened = demos.open_on_telephone(address, browser, name, backwards)
        assert faults(address, browser) == []
    assert opened.elsewhere == []  # nothing is loaded from another host
    assert opened.faults == []
    assert opened.seconds < demos.SECONDS
    answered = len(opened.answers)
    assert answered >= demos.FEWEST
    of_node = parity.answers[::-1][:answered]
    assert demos.worst_difference(of_node, opened.answers) < demos.TOLERANCE
    size = sum(path.stat().st_size for path in folder.iterdir())
    return (
        f"{size / 1e6:.2f}", f"{parity.milliseconds:.2g}", f"{parity.worst:.1g}",
        str(len(parity.asked)), f"{opened.seconds:.1f}",
    )  # fmt: skip


def _scaffold(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scaffold", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def _logs(project: Path) -> str:
    """The ends of what the steps said."""
    logs = sorted((project / ".scaffold" / "logs").glob("*.log"))
    return "".join(f"\n== {log.stem}\n{log.read_text(encoding='utf-8')[-3000:]}" for log in logs)


def _stands_in(value: float, text: str) -> bool:
    """Whether a text shows a number, as such or as a percentage, rounded as one does.

    Hundreds need no decimals; then the interval stands behind them.
    """
    shown = [f"{value:.3f}", f"{value:.4f}", f"{value * 100:.1f}", f"{value * 100:.2f}"]
    shown += [f" {value:,.0f} ["] if abs(value) >= 100 else []
    return any(number in text for number in shown)
