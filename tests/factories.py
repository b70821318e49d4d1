"""Builders of small worlds: catalogues, template repositories, projects."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from scaffold.commands import new
from scaffold.project import Project

Files = Mapping[str, str | bytes]

BASE_TOML = """\
summary = "What every project has."
dependencies = ["NumPy>=2"]
dev_dependencies = ["pytest>=8"]
seeded = ["README.md"]

[[questions]]
name = "author"
prompt = "Your name"
git = "user.name"

[[questions]]
name = "email"
prompt = "Your e-mail address"
git = "user.email"

[[questions]]
name = "github"
prompt = "Your GitHub name"
git = "github.user"

[[questions]]
name = "question"
prompt = "Your question"

[[questions]]
name = "licence"
prompt = "Licence"
choices = ["MIT", "Apache-2.0"]
default = "MIT"
"""

TINY_TOML = """\
title = "Tiny project"
summary = "Adds numbers, and shows that adding works."
extends = ["_base"]
task = "regression"
level = "beginner"
question = "Can numbers be added?"
minutes = 1
skills = ["adding"]
topics = ["machine-learning", "adding"]
dependencies = ["scikit-learn>=1"]
seeded = ["reports/**"]

[data]
name = "Numbers"
publisher = "Nobody"
url = "https://example.com/numbers"
licence = "CC0-1.0"
rows = 1000
redistribution = true

[target]
metric = "error"
label = "Error"
higher_is_better = false
baseline = 0.5
baseline_name = "guessing"
gate = 0.2
stretch = 0.1
"""

# A program of the shape that `run` expects, in the standard library alone.
MAIN = """\
import json
import sys
from pathlib import Path

from project_package import data, evaluate, explore, report, train

MODULES = (data, explore, train, evaluate, report)
STEPS = {module.__name__.rpartition(".")[2]: module for module in MODULES}

if __name__ == "__main__":
    Path("calls.txt").open("a").write(" ".join(sys.argv[1:]) + "\\n")
    STEPS[sys.argv[1]].run(*sys.argv[2:])
"""

DATA = """\
import json
from pathlib import Path


def run(*flags):
    Path("data/processed").mkdir(parents=True, exist_ok=True)
    Path("data/processed/train.csv").write_text("1,2,3")
    Path("data/manifest.json").write_text(json.dumps({"sample": "--sample" in flags}))
    print("3 rows")
"""

EXPLORE = """\
from pathlib import Path


def run():
    Path("reports").mkdir(exist_ok=True)
    rows = len(Path("data/processed/train.csv").read_text().split(","))
    Path("reports/exploration.json").write_text(str(rows))
"""

MODEL = """\
def fit(numbers):
    return sum(numbers)
"""

TRAIN = """\
from pathlib import Path

from project_package.model import fit


def run():
    Path("models").mkdir(exist_ok=True)
    numbers = [int(word) for word in Path("data/processed/train.csv").read_text().split(",")]
    Path("models/model.txt").write_text(str(fit(numbers)))
"""

EVALUATE = """\
import json
from pathlib import Path


def run():
    Path("reports").mkdir(exist_ok=True)
    value = float(Path("models/model.txt").read_text()) / 60
    sample = json.loads(Path("data/manifest.json").read_text())["sample"]
    primary = {"name": "error", "label": "Error", "value": value, "ci": [0.05, 0.15]}
    primary |= {"baseline": 0.5, "baseline_name": "guessing", "higher_is_better": False}
    text = json.dumps({"primary": primary, "data": {"sample": sample}})
    Path("reports/metrics.json").write_text(text)
"""

REPORT = """\
import json
from pathlib import Path


def run():
    value = json.loads(Path("reports/metrics.json").read_text())["primary"]["value"]
    Path("REPORT.md").write_text(f"Error {value}")
"""

TINY: Files = {
    "_base/template.toml": BASE_TOML,
    "_base/README.md.jinja": """\
        # {{ title }}
        {% block question %}
        {{ question or template.question }}
        {% endblock %}
        By {{ author or "nobody" }}, {{ year }}. {{ template.data.rows }} rows.
        """,
    "_base/.gitignore": ".venv/\nmodels/\ncalls.txt\n",
    "_base/pyproject.toml.jinja": """\
        [project]
        name = "{{ project_name }}"
        version = "0.1.0"
        dependencies = []
        optional-dependencies = { dev = [] }
        """,
    "_base/src/project_package/__init__.py": '"""project_package, the package."""\n',
    "_base/src/project_package/__main__.py": MAIN,
    "_base/src/project_package/report.py": REPORT,
    "tiny/template.toml": TINY_TOML,
    "tiny/config.toml": "seed = 1\n",
    "tiny/data/sample/rows.csv": "1,2,3\n",
    "tiny/src/project_package/data.py": DATA,
    "tiny/src/project_package/explore.py": EXPLORE,
    "tiny/src/project_package/model.py": MODEL,
    "tiny/src/project_package/train.py": TRAIN,
    "tiny/src/project_package/evaluate.py": EVALUATE,
    "tiny/tests/test_model.py": """\
        from project_package.model import fit


        def test_it_adds():
            assert fit([1, 2]) == 3
        """,
}


def write_files(folder: Path, files: Files) -> Path:
    """Files by path; texts lose their common indentation."""
    for name, contents in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = contents if isinstance(contents, bytes) else dedent(contents).encode()
        path.write_bytes(data)
    return folder


def make_catalogue(folder: Path, files: Files, **more: str) -> Path:
    """A folder of layers."""
    return write_files(folder, {**files, **more})


def make_project(template: str, dest: Path, **answers: str) -> Project:
    """A project generated without questions."""
    return new.create(new.plan(template, dest), answers).project


def git(folder: Path, *arguments: str) -> str:
    """Git, independent of the code under test; returns what it printed."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def make_template_repo(folder: Path, versions: Mapping[str, Files]) -> Path:
    """A git repository with one commit and one tag a version; each version is the whole tree."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for tag, files in versions.items():
        git(folder, "rm", "-r", "--quiet", "--ignore-unmatch", ".")
        write_files(folder, files)
        git(folder, "add", "--all", "--force")  # a template's .gitignore is its project's
        git(folder, "commit", "--quiet", "--message", f"Version {tag}")
        git(folder, "tag", tag)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, git's own aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }
