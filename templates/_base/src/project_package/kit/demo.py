"""The demo: the author's own model in the visitor's browser, a page that needs no service.

A project's `demo.py` exports the model, and `page/infer.js` answers with it as the service would.
The page is the service's own; only where it asks is another module.
"""

import gzip
import re
import shutil
from pathlib import Path
from typing import Any

from .provenance import PACKAGE
from .web import describe_model
from .workspace import ProjectError, Workspace, write_json

FOLDER, ABOUT = "demo", "demo.json"
PAGE = PACKAGE / "page"
IN_PLACE = {"local.js": "server.js"}  # who asks the service is left out, and stands in its place
TEACH = (
    "a model that reads or does something else needs it in demo.py and page/infer.js too, "
    "and whoever wants no demo may delete it"
)
NO_SERVICE = "The model runs in your browser: nothing that you enter leaves it"


def make(workspace: Workspace) -> Path:
    """Write the folder demo/: the page, the model in packed files, and what model it is.

    Raises ProjectError when there is no model, when it is not the one that was evaluated, when it
    is none that the project's `demo.py` knows, and when demo/ is a folder of something else.
    """
    from .. import demo

    folder = workspace.root / FOLDER
    if folder.exists() and not (folder / ABOUT).exists():
        raise ProjectError(f"{folder} was not made here: move it out of the way first")
    about = describe_model(workspace)
    try:
        exported = demo.export(workspace)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ProjectError(f"demo.py cannot export this model ({error!r}); {TEACH}") from error
    files = {f"{name}.gz": _pack(content) for name, content in exported.items()}
    early = [f"{name}?{about['model_sha256']}" for name in files] + [ABOUT]
    files |= {
        IN_PLACE.get(path.name, path.name): path.read_bytes()
        for path in sorted(PAGE.iterdir())
        if path.name not in IN_PLACE.values()
    }
    early += [name for name in files if name.endswith(".js")]
    files["index.html"] = _without_service(files["index.html"].decode(), early).encode()
    withheld = getattr(demo, "WITHHELD", "")
    sizes = {name: len(content) for name, content in files.items()}
    terms: dict[str, Any] = {"publish": not withheld, **({"why": withheld} if withheld else {})}
    shutil.rmtree(folder, ignore_errors=True)
    write_json(folder / ABOUT, {**about, **terms, "sizes": sizes, "bytes": sum(sizes.values())})
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def _pack(content: bytes) -> bytes:
    """Not every host compresses what it sends; the same model gives the same bytes."""
    return gzip.compress(content, mtime=0)


def _without_service(page: str, early: list[str]) -> str:
    """The page with its addresses beside it, wherever the folder may stand.

    What is loaded in the end is named at the start: over a slow line nothing waits in turn.
    """
    links = [
        f'<link rel="modulepreload" href="{name}">'
        if name.endswith(".js")
        else f'<link rel="preload" as="fetch" crossorigin href="{name}">'
        for name in early
    ]
    page = page.replace("</head>", "\n".join([*links, "</head>"]))
    page = re.sub(r'<a href="/docs">.*?</a> ·', f"{NO_SERVICE} ·", page)
    return page.replace('"/page/', '"').replace('"/version"', f'"{ABOUT}"')
