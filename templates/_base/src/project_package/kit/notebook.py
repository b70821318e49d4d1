"""notebooks/explore.ipynb: the exploration as a notebook, to go on with.

Its cells are explore.py itself, taken apart, so that there is one exploration and not two; it is
executed as it is made.
"""

import ast
from pathlib import Path
from typing import Any

from .provenance import PACKAGE
from .workspace import COMMAND, ProjectError, Workspace, read_json, write_whole

NOTEBOOK = "notebooks/explore.ipynb"
SHOW_TABLE = """table = explored["tables"]["{name}"]
print(table["caption"])
pd.DataFrame(table["rows"], columns=table["columns"])"""
SHOW_FIGURE = """SVG(filename="reports/figures/{name}.svg")"""


def make(workspace: Workspace, again: bool = False) -> Path:
    """Write and execute the notebook; returns its path.

    Raises ProjectError when it is there already and `again` is not said, when the tools for it
    are missing, or when a cell fails.
    """
    path = workspace.root / NOTEBOOK
    if path.exists() and not again:
        raise ProjectError(f"{NOTEBOOK} is there and may be yours by now: --again writes it anew")
    try:
        import nbclient
        import nbformat
    except ImportError:
        raise ProjectError('notebooks need more: pip install -e ".[notebook]"') from None
    explored = read_json(workspace.reports / "exploration.json", made_by="explore")
    new = nbformat.v4
    made = {"markdown": new.new_markdown_cell, "code": new.new_code_cell}
    notebook = new.new_notebook(cells=[made[kind](text) for kind, text in cells(explored)])
    place = {"metadata": {"path": str(workspace.root)}}
    try:
        nbclient.NotebookClient(notebook, kernel_name="python3", resources=place).execute()
    except nbclient.exceptions.CellExecutionError as error:
        raise ProjectError(f"{NOTEBOOK}: {error.ename}: {error.evalue}") from error
    for cell in notebook.cells:
        if cell.cell_type == "code":  # warnings of this machine name its folders
            cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    write_whole(path, nbformat.writes(notebook).rstrip() + "\n")
    return path


def cells(explored: dict[str, Any]) -> list[tuple[str, str]]:
    """(kind, text) of every cell: explore.py from top to bottom, run, and what it showed."""
    source = (PACKAGE / "explore.py").read_text(encoding="utf-8")
    lines, tree = source.splitlines(), ast.parse(source)
    first = [f"# {explored['title']}", ast.get_docstring(tree) or ""]
    first.append(f"Made by `{COMMAND} notebook` from `src/{PACKAGE.name}/explore.py`.")
    top, functions = [], []
    for node in tree.body[1:]:
        text = "\n".join(lines[_first_line(node) - 1 : node.end_lineno])
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            functions.append(("code", text))
        elif isinstance(node, ast.ImportFrom) and node.level:
            names = ", ".join(ast.unparse(alias) for alias in node.names)
            module = ".".join(filter(None, (PACKAGE.name, node.module)))
            top.append(f"from {module} import {names}")
        else:
            top.append(text)
    top += ["import json", "import pandas as pd", "from IPython.display import SVG"]
    top.append(f"from {PACKAGE.name}.kit.workspace import Workspace")
    run = "run(Workspace())\nexplored = json.load(open('reports/exploration.json'))"
    shown = [("code", SHOW_TABLE.format(name=name)) for name in explored["tables"]]
    shown += [("code", SHOW_FIGURE.format(name=name)) for name in explored["figures"]]
    shown += [("markdown", note) for note in explored["notes"].values()]
    return [
        ("markdown", "\n\n".join(first)),
        ("code", "\n".join(top)),
        *functions,
        ("code", run),
        *shown,
        ("markdown", "From here on it is yours."),
    ]


def _first_line(node: ast.stmt) -> int:
    """With its decorators."""
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])
