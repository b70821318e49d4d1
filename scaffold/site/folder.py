"""The folder that the site is written to: ours are only the files that its marker lists."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scaffold.errors import DestinationRefused
from scaffold.staging import beside, remove_file

MARKER = ".scaffold-site"
HEADER = (
    "# Written by `scaffold site`, which replaces and deletes the files listed here, no others."
)


def write(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Bring the site's files there and delete those of the last time; False if nothing changed.

    All is written beside the folder first, then each file is moved into place. The marker lists
    old and new files meanwhile, so that a run after a kill finishes the job.
    """
    ours = check(folder)
    taken = [path for path in files if path not in ours and (folder / path).exists()]
    if taken:
        raise DestinationRefused(
            f"{folder} holds files of yours that the site would replace: {', '.join(taken[:3])}.",
            "Move them away, or give another folder: -o ANOTHER",
        )
    stale = ours - files.keys()
    changed = [path for path, content in files.items() if _content(folder / path) != content]
    marker = _marker(files)
    if not (stale or changed) and _content(folder / MARKER) == marker:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    with beside(folder) as staging:
        for path in changed:
            _put(staging / path, files[path])
        (folder / MARKER).write_bytes(_marker({*files, *ours}))
        for path in sorted(changed, key=lambda path: (path.endswith(".html"), path)):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (staging / path).replace(folder / path)
        for path in stale:
            remove_file(folder, path)
    (folder / MARKER).write_bytes(marker)
    return True


def check(folder: Path) -> set[str]:
    """The files there that are ours; DestinationRefused for a folder that is somebody else's."""
    if folder.exists() and not folder.is_dir():
        raise DestinationRefused(f"{folder} is not a folder.", "Give another: -o ANOTHER")
    marker = folder / MARKER
    if marker.is_file():
        lines = marker.read_text(encoding="utf-8").splitlines()
        return {line for line in lines if not line.startswith("#") and _is_inside(line)}
    if folder.is_dir() and {entry.name for entry in folder.iterdir()} - {".git", "CNAME"}:
        raise DestinationRefused(
            f"{folder} is not empty and was not made by `scaffold site`; nothing was written.",
            "Give another folder: -o ANOTHER",
        )
    return set()


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return bool(path) and not {"", ".", "..", ".git"} & set(parts) and "\\" not in path


def _marker(paths: Mapping[str, bytes] | set[str]) -> bytes:
    return "\n".join([HEADER, *sorted(paths), ""]).encode()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
