"""Whether something here could have made the number that is shown. Read, never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from scaffold.checks.checkout import Checkout
from scaffold.checks.story import shows_a_number

OTHER_LANGUAGES = {
    ".r", ".rmd", ".qmd", ".jl", ".m", ".scala", ".java", ".kt", ".cpp", ".cc", ".c", ".cu", ".rs",
    ".go", ".js", ".ts", ".sas", ".do", ".swift", ".lua", ".sql",
}  # fmt: skip
# Names of calls without which nothing is trained or measured.
WORK = re.compile(
    r"fit|train|predict|evaluat|scor|metric|accura|precision|recall|auc|f1|error|rmse|mae|mse|loss"
    r"|backward|forward|cross_val|measure|benchmark|confusion|report|bootstrap|rouge|bleu|perplex"
    r"|simulat|play|generate|infer|transform|search|cluster|forecast|mean|sum|dot|count|quantile",
    re.IGNORECASE,
)


def claims_a_result(checkout: Checkout) -> bool:
    """Whether a number is shown as measured."""
    if checkout.results is not None:
        return True
    readme = checkout.readme
    return readme is not None and shows_a_number(readme)


def in_other_languages(checkout: Checkout) -> bool:
    """Whether there are programs that are not read here."""
    return any(PurePosixPath(path).suffix.lower() in OTHER_LANGUAGES for path in checkout.judged)


def evaluates(checkout: Checkout) -> bool:
    """Whether any Python here, tests aside, calls what trains or measures."""
    if checkout.code.unread or any(_works(one.tree) for one in checkout.code.sources.values()):
        return True
    return any(
        WORK.search(code)
        for path in checkout.code.notebooks
        for code in _code(checkout.code.cells.get(path))
    )


def _works(tree: ast.Module) -> bool:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(WORK.search(getattr(call, "attr", getattr(call, "id", ""))) for call in calls)


def _code(cells: list[dict[str, Any]] | None) -> Iterator[str]:
    """The code cells of a notebook; a notebook that cannot be read counts as code."""
    if cells is None:
        yield "train"
    for cell in cells or ():
        if cell.get("cell_type") == "code":
            yield "".join(cell.get("source") or "")
