"""The Python of a repository, scripts and notebooks alike: parsed, followed, never run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from scaffold.checks.kept import Kept
from scaffold.checks.validity.sources import Source, Unreadable, modules, parse_notebook

if TYPE_CHECKING:
    from scaffold.checks.checkout import Checkout
    from scaffold.checks.validity.faults import Fault

LARGEST_NOTEBOOK = 50_000_000  # bytes, pictures and all

MOST_CODE = 3_000_000  # bytes of scripts that are followed; a megabyte takes two to four seconds

OF_OTHERS = re.compile(r"(^|/)(\.?v?env|site-packages|node_modules)/")  # committed by mistake

IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<package>[.\w]+)[ \t]+import[ \t]*(?P<names>\([^)]*\)|.*)"
    r"|import[ \t]+(?P<modules>.*))",
    re.MULTILINE,
)
# What learns from rows or feeds what does; the last because pure Python learns by it.
LIBRARIES = frozenset({
    "numpy", "pandas", "polars", "scipy", "sklearn", "skimage", "statsmodels", "torch",
    "torchvision", "torchaudio", "torchmetrics", "torchtext", "tensorflow", "tensorflow_hub",
    "tensorflow_datasets", "keras", "jax", "flax", "optax", "mxnet", "paddle", "chainer",
    "theano", "fastai", "lightning", "pytorch_lightning", "ignite", "accelerate", "transformers",
    "datasets", "evaluate", "peft", "sentence_transformers", "xgboost", "lightgbm", "catboost",
    "h2o", "imblearn", "category_encoders", "feature_engine", "prophet", "fbprophet", "pmdarima",
    "sktime", "darts", "tslearn", "gluonts", "surprise", "implicit", "lightfm", "nltk", "spacy",
    "gensim", "flair", "textblob", "librosa", "cv2", "PIL", "imageio", "albumentations",
    "ultralytics", "detectron2", "networkx", "dgl", "torch_geometric", "gym", "gymnasium",
    "stable_baselines3", "optuna", "hyperopt", "mlflow", "wandb", "dask", "pyspark", "cudf",
    "cuml", "vaex", "modin", "pyarrow", "lifelines", "shap", "eli5", "joblib", "matplotlib",
    "seaborn", "plotly", "pycaret", "tpot", "autogluon", "turicreate", "umap", "hdbscan",
    "kmodes", "mlxtend", "yellowbrick", "random",
})  # fmt: skip


class Code:
    """What the checks of validity and of stumbling blocks read; each part on first use."""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout

    @cached_property
    def notebooks(self) -> tuple[str, ...]:
        """The paths of all notebooks."""
        return tuple(path for path in sorted(self._checkout.judged) if path.endswith(".ipynb"))

    @cached_property
    def _scripts(self) -> tuple[list[str], list[str]]:
        """Everything but the tests, which may do what a study may not: what is read, what not."""
        checkout, tests = self._checkout, set(self._checkout.test_files)
        paths = [p for p in checkout.python_files if p not in tests and not OF_OTHERS.search(p)]
        if checkout.deep:
            return paths, []
        size = 0
        taken: list[str] = []
        left: list[str] = []
        for path in sorted(paths, key=lambda path: (path.count("/"), path)):
            size += checkout.size(path)
            (taken if size <= MOST_CODE else left).append(path)
        return taken, left

    @property
    def unread(self) -> str:
        """What was left unread to be done in time, in words."""
        left = len(self._scripts[1])
        megabytes = MOST_CODE // 1_000_000
        words = f"{left:,} scripts, beyond {megabytes} MB of code; `exclude` those of others"
        return words if left else ""

    @cached_property
    def _parsed(self) -> tuple[Source | Unreadable, ...]:
        checkout = self._checkout
        parsed = map(checkout.source, sorted(self._scripts[0]))
        scripts = [source for source in parsed if source is not None]
        notebooks = [
            parse_notebook(path, text)
            for path in self.notebooks
            if (text := checkout.text(path, LARGEST_NOTEBOOK)) is not None
        ]
        return (*scripts, *notebooks)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Everything that could be read as Python 3, by path."""
        return {one.path: one for one in self._parsed if isinstance(one, Source)}

    @cached_property
    def unreadable(self) -> dict[str, str]:
        """What could not be read, and why."""
        return {one.path: one.why for one in self._parsed if isinstance(one, Unreadable)}

    @cached_property
    def faults(self) -> dict[str, list[Fault]] | None:
        """What each rule about rows finds; None where nothing is learned or measured.

        It takes seconds to find out, and is kept while neither the code nor the rules change.
        """
        from scaffold.checks.validity import faults

        followed = studies(self.sources)
        if not self._checkout.repository:
            return faults.read_back(faults.found_in(followed))
        kept = Kept(self._checkout.root, "rows", faults.digest(followed))
        with suppress(TypeError):  # nothing was kept, or it is spoilt
            return faults.read_back(kept.load())
        found = faults.found_in(followed)
        kept.save(found)
        return faults.read_back(found)

    @cached_property
    def cells(self) -> dict[str, list[dict[str, Any]]]:
        """The cells of each notebook that can be read, as they lie in the file."""
        found: dict[str, list[dict[str, Any]]] = {}
        for path in self.notebooks:
            try:
                parsed = json.loads(self._checkout.text(path, LARGEST_NOTEBOOK) or "")
            except (ValueError, RecursionError):
                continue
            cells = parsed.get("cells") if isinstance(parsed, dict) else None
            listed = cells if isinstance(cells, list) else []
            found[path] = [cell for cell in listed if isinstance(cell, dict)]
        return found

    @cached_property
    def outputs(self) -> dict[str, str]:
        """What each notebook printed."""
        return {path: "\n".join(_printed(cells)) for path, cells in self.cells.items()}

    @cached_property
    def prose(self) -> tuple[str, ...]:
        """The texts between the cells of code."""
        every = (cell for cells in self.cells.values() for cell in cells)
        return tuple(
            _joined(cell.get("source")) for cell in every if cell.get("cell_type") == "markdown"
        )


def _printed(cells: list[dict[str, Any]]) -> Iterator[str]:
    for cell in cells:
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else []:
            if isinstance(output, dict):
                data = output.get("data")
                yield _joined(output.get("text"))
                yield _joined(data.get("text/plain")) if isinstance(data, dict) else ""


def _joined(text: object) -> str:
    """Notebooks keep a text as one string or as a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")


def studies(sources: Mapping[str, Source]) -> dict[str, Source]:
    """What may learn or measure: files that imports join to a library of data, and lone ones.

    To follow the rest costs time and finds nothing: a tool's own package, a server's.
    """
    by_tail = modules(sources)
    by_name = {source.module: source for source in sources.values() if not source.cells}
    joined: dict[str, set[str]] = {path: set() for path in sources}
    reached = []
    for path, source in sources.items():
        names = set(_imported(source))
        if source.cells or any(name.partition(".")[0] in LIBRARIES for name in names):
            reached.append(path)
        for name in names:
            other = by_name.get(name[1:]) if name.startswith(".") else by_tail.get(name)
            if other is not None:
                joined[path].add(other.path)
                joined[other.path].add(path)
    kept = {path for path, others in joined.items() if not others}
    while reached:
        path = reached.pop()
        if path not in kept:
            kept.add(path)
            reached += joined[path]
    return {path: source for path, source in sources.items() if path in kept}


def _imported(source: Source) -> Iterator[str]:
    """What import statements may stand for, packages and names in them; `.a.b`: exactly `a.b`."""
    folders = PurePosixPath(source.path).parent.parts
    for match in IMPORT.finditer("\n".join(source.lines)):
        package = match["package"] or ""
        bare = package.lstrip(".")
        if up := len(package) - len(bare):
            above = folders[: len(folders) - up + 1]
            package = "." + ".".join([*above, *filter(None, [bare])])
        yield package
        for part in re.split(r"[,;]", match["names"] or match["modules"]):
            name = part.strip(" \t\n()").partition(" ")[0]
            yield f"{package}.{name}" if match["package"] else name
