"""TR: what does a reviewer trip over in the first minutes?"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from scaffold.checks.checkout import Checkout
from scaffold.checks.document import without_comments
from scaffold.checks.verdict import Check, Verdict, listing

OF_ONE_MACHINE = re.compile(
    r"""["'](?P<path>(/home/(?!runner|jovyan|app)[\w.-]+/|/Users/(?!\$)[\w.-]+/|[A-Za-z]:\\\\?Users\\\\?"""
    r"""|[C-Z]:[\\/]{1,2}(?!Windows)\w|/mnt/[a-z]/|/content/drive/|/kaggle/working/)[^"'\n]{0,80})"""
)
LEFT_BEHIND = re.compile(
    r"(^|/)(\.?v?env|__pycache__|\.ipynb_checkpoints|node_modules|\.idea|\.DS_Store|Thumbs\.db"
    r"|\.pytest_cache|site-packages|\.Rhistory|\.RData|mlruns|catboost_info|lightning_logs)(/|$)|\.(pyc|pyo|sqlite3?|db)$"
)
PICKLED = re.compile(r"\.(pkl|pickle|sav|joblib|dill)$", re.IGNORECASE)
MAYBE_PICKLED = re.compile(r"\.(bin|model|dat)$", re.IGNORECASE)
BEGINS_A_PICKLE = re.compile(rb"\x80[\x02-\x05]")
READS = re.compile(r"^(read_(csv|excel|json|parquet|table)|loadtxt|genfromtxt|loadmat)$")
FETCHES = re.compile(r"kaggle|download|https?://|dataset|get the data|zenodo|drive\.google|dvc",
                     re.IGNORECASE)  # fmt: skip
COMMAND = re.compile(
    r"^\s*\$?\s*(?:python3?|streamlit run|bash|sh|Rscript|papermill|jupyter(?:[ -]\w+)?"
    r"|(?:uv )?pip3? install -r|(?:conda|mamba) env create (?:-f|--file))\s+(?P<rest>[^\n|&;<>]+)",
    re.M,
)
NAMED = re.compile(r"(?<!`)`(?P<name>[\w./-]*\w\.(py|ipynb|sh))`(?!`)")
SCRIPT = re.compile(r"^[^$</][^$<]*\.(py|sh|R|ipynb|txt|ya?ml)$")
CLAIM = re.compile(
    r"[$€£]\s?\d[\d,.]{0,20}\s?[kKmMbB]?\b|\b\d{1,9}\s?[–-]\s?\d{1,9}\s?%"
    r"|\b(?:reduc|increas|sav|improv|boost)\w{0,12}[^.\n]{0,40}?\b\d{1,9}(?:\.\d+)?\s?%"
)
SOURCED = re.compile(  # or what a model scores, which other checks look at
    r"https?://|\]\(|\[\d+\]|doi|et al|according to|measured|assum|scor|accura|\bauc|\bf1|recall",
    re.IGNORECASE,
)
BADGE = re.compile(r"actions/workflows/(?P<file>[\w.-]+\.ya?ml)(?:/badge\.svg)?")
PLACEHOLDER = re.compile(
    r"(your[_-]?(user)?name|<username>|OWNER/REPO|username/repo)", re.IGNORECASE
)


class Stumble(Check):
    family = "stumbles"
    weight = 60


class TR701(Stumble):
    """Every notebook was run from top to bottom, and no cell ended in an error."""

    reason = "A notebook run out of order shows results that nobody can get again."
    fix = "Restart the kernel, run all cells, save."

    def judge(self, checkout: Checkout) -> Verdict:
        if not checkout.code.notebooks:
            return None
        from scaffold.checks.linter import undefined

        unknown = undefined(checkout)
        reasons = (
            (path, _disorder(checkout, path) or unknown.get(path))
            for path in checkout.code.notebooks
        )
        return listing(f"{path}: {why}" for path, why in reasons if why)


class TR702(Stumble):
    """No path belongs to one machine."""

    reason = "A path of the author's own disk is where everybody else's run ends."
    fix = "Use a path relative to the repository, or an argument with a default."

    def judge(self, checkout: Checkout) -> Verdict:
        if not checkout.code.sources:
            return None
        found = (
            f"{source.place(number)}: {match['path'][:60]}"
            for source in checkout.code.sources.values()
            for number, line in enumerate(source.lines, 1)
            if not line.lstrip().startswith("#") and (match := OF_ONE_MACHINE.search(line))
        )
        return listing(found)


class TR703(Stumble):
    """Nothing is committed that a machine made for itself."""

    reason = "Environments, caches and databases make a clone slow and a change unreadable."
    fix = "Put them into .gitignore and remove them with `git rm -r --cached`."

    def judge(self, checkout: Checkout) -> Verdict:
        own = filter(checkout.judged.__contains__, checkout.tracked)
        found = ((path, match) for path in own if (match := LEFT_BEHIND.search(path)))
        tops = Counter(path[: match.end()].rstrip("/") for path, match in found)
        return listing(f"{top} ({n} files)" if n > 1 else top for top, n in sorted(tops.items()))


class TR704(Stumble):
    """No model is committed in a format that runs code when it is opened."""

    reason = "A pickle can do anything to whoever loads it, and most reviewers know."
    fix = "Save with skops, safetensors, ONNX or JSON; attach large ones to a release."

    def judge(self, checkout: Checkout) -> Verdict:
        own = (path for path in checkout.tracked if path in checkout.judged)
        return listing(path for path in own if _is_pickle(checkout, path))


class TR705(Stumble):
    """The data that the code reads are here, or the README says where to get them."""

    proven = False
    reason = "The second command of most reviews ends with a file that is not there."
    fix = "Add a script that downloads them, or a section on data with the address and the licence."

    def judge(self, checkout: Checkout) -> Verdict:
        if not checkout.code.sources:
            return None
        told = " ".join(page.text for page in checkout.documents.values())
        if FETCHES.search(told) and re.search(r"\bdata", told, re.IGNORECASE):
            return ""
        names = {PurePosixPath(path).name for path in checkout.files}
        missing = (
            f"{place}: {name}"
            for place, name in _read_files(checkout)
            if PurePosixPath(name.replace("\\", "/")).name not in names
        )
        return listing(dict.fromkeys(missing))


class TR706(Stumble):
    """Every script and module that the README names is there."""

    reason = "The first command of a README is the first thing a reviewer types."
    fix = "Correct the command, or commit the file that it names."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.readme is None:
            return None
        return listing(dict.fromkeys(_dead_commands(checkout, checkout.readme.text)))


class TR707(Stumble):
    """Every claim in money or per cent says where it comes from."""

    reason = "A saving that nobody measured is the first question of an interview."
    fix = "Link the source, name the assumption, or take the sentence out."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.readme is None:
            return None
        shown = without_comments(checkout.readme.text)
        prose = re.sub(r"```.*?```|^\|[^\n]*$", "", shown, flags=re.S | re.M)
        lines = (line for line in prose.splitlines() if CLAIM.search(line))
        # The point of a number ends no sentence.
        parts = (part for line in lines for part in re.split(r"[.!?](?!\d)", line))
        found = [text for part in parts if CLAIM.search(text := " ".join(part.split()))]
        return listing(f"“{text[:100]}”" for text in found if not SOURCED.search(text))


class TR708(Stumble):
    """Every badge stands for something that is there."""

    reason = "A badge that leads nowhere says that a template was copied."
    fix = "Correct its address, or delete it."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.readme is None or "badge" not in checkout.readme.text:
            return None
        badges = [line for line in checkout.readme.text.splitlines() if "badge" in line.lower()]
        missing = [
            f"workflow {match['file']}"
            for line in badges
            for match in BADGE.finditer(line)
            if f".github/workflows/{match['file']}" not in checkout.files
        ]
        missing += [f"“{match.group(0)}”" for line in badges if (match := PLACEHOLDER.search(line))]
        return listing(dict.fromkeys(missing))


def _is_pickle(checkout: Checkout, path: str) -> bool:
    """By its name, or by how it begins where the name may stand for anything."""
    if PICKLED.search(path):
        return True
    place = checkout.file(path) if MAYBE_PICKLED.search(path) else None
    if place is None:
        return False
    with place.open("rb") as stream:
        return bool(BEGINS_A_PICKLE.match(stream.read(2)))


def _disorder(checkout: Checkout, path: str) -> str:
    """Why a notebook is no clean run; empty where it is one, or was cleared of all outputs."""
    cells = [cell for cell in checkout.code.cells.get(path, []) if cell.get("cell_type") == "code"]
    filled = [cell for cell in cells if "".join(cell.get("source") or "").strip()]
    errors = [
        output.get("ename", "an error")
        for cell in filled
        for output in cell.get("outputs", [])
        if output.get("output_type") == "error"
    ]
    if errors:
        return f"a cell ended in {errors[0]}"
    counts = [cell.get("execution_count") for cell in filled]
    run = [count for count in counts if isinstance(count, int)]
    if not run:
        return ""
    if run != sorted(run):
        return "cells were run out of order"
    if len(set(run)) < len(run):
        return "cells were run in more than one session"
    if len(run) < len(counts):
        return f"{len(counts) - len(run)} of {len(counts)} cells were not run"
    return ""


def _read_files(checkout: Checkout) -> Iterator[tuple[str, str]]:
    """Literal names of data files in calls that read."""
    for source in checkout.code.sources.values():
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if READS.match(called) and isinstance(first, ast.Constant):
                name = first.value
                if isinstance(name, str) and "://" not in name and "." in name[-9:]:
                    yield str(source.place(node.lineno)), name


def _dead_commands(checkout: Checkout, text: str) -> Iterator[str]:
    """Names in blocks of commands, and programs named `in_the.py` text."""
    blocks = re.findall(r"```.*?```|(?:^    .*\n)+", text, flags=re.S | re.M)
    for block in blocks:
        moved = re.search(r"^\s*\$?\s*cd\s+(?!\.\.)(?P<folder>\S+)", block, re.M)
        for match in COMMAND.finditer(block):
            words = match["rest"].split()
            while len(words) > 1 and words[0].startswith("-") and words[0] != "-m":
                del words[0]  # -u, -W ignore
            if words[0] == "-m" and len(words) > 1:
                if (missing := _missing_module(checkout, words[1])) is not None:
                    yield f"python -m {missing}"
            elif SCRIPT.match(words[0]) and not _is_there(
                checkout, words[0], moved["folder"] if moved else ""
            ):
                yield words[0]
    for match in NAMED.finditer(text):
        if not _is_there(checkout, match["name"], ""):
            yield match["name"]


def _missing_module(checkout: Checkout, name: str) -> str | None:
    """A module under a package of this repository that is not there."""
    top, _, rest = name.partition(".")
    packages = {
        parts[-2]
        for path in checkout.files
        if len(parts := PurePosixPath(path).parts) > 1 and parts[-1].endswith(".py")
    }
    if top not in packages or not rest:
        return None
    tail = name.replace(".", "/")
    there = any(
        path.endswith((f"{tail}.py", f"{tail}/__main__.py", f"{tail}/__init__.py"))
        for path in checkout.files
    )
    return None if there else name


def _is_there(checkout: Checkout, name: str, folder: str) -> bool:
    tail = PurePosixPath(name.replace("\\", "/")).as_posix().removeprefix("./")
    return any(
        file == tail or file.endswith(f"/{tail}") or file == f"{folder}/{tail}"
        for file in checkout.files
    )


CHECKS: tuple[type[Check], ...] = (TR701, TR702, TR703, TR704, TR705, TR706, TR707, TR708)
