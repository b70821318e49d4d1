"""The catalogue as earlier releases had it, in one compressed file beside the code.

An update starts from what the template rendered before. Where a project's own history no longer
holds that (squashed, or a shallow clone), the release that made the project has to be rendered once
more, and only the newest one is installed. Contents that releases share are stored once.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from scaffold.engines.layers import walk
from scaffold.errors import TemplateError

VERSIONS = "versions.json"
_CONTENTS = "contents/"

Versions = dict[str, dict[str, tuple[str, bool]]]  # release → path → digest, executable


def archive() -> Path:
    """Where the wheel keeps them."""
    return Path(__file__).parent / "history.tar.xz"


def unpack(version: str, into: Path) -> Path:
    """The folder of the catalogue as a release had it; TemplateError if it is not kept."""
    versions, contents = _read(archive())
    if version not in versions:
        kept = ", ".join(versions) or "none"
        raise TemplateError(
            f"The templates of scaffold {version} are not kept in this release (kept: {kept}).",
            f"Update once with that one's successor, or install scaffold {version}.",
        )
    root = Path(tempfile.mkdtemp(prefix=f"catalogue-{version}-", dir=into))
    for path, (digest, executable) in versions[version].items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents[digest])
        file.chmod(0o755 if executable else 0o644)
    return root


def kept(file: Path) -> Versions:
    """What is kept: by release the digest of each file, and whether it can be executed."""
    return _read(file)[0]


def add(version: str, catalogue: Path, file: Path) -> None:
    """Keep a release's catalogue; the same releases give the same bytes."""
    known, stored = _read(file)
    contents = dict(stored)
    found: dict[str, tuple[str, bool]] = {}
    for layer in sorted(path for path in catalogue.iterdir() if path.is_dir()):
        for path in (layer / "template.toml", *(entry.path for entry in walk(layer))):
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            contents[digest] = data
            executable = bool(path.stat().st_mode & 0o111)
            found[path.relative_to(catalogue).as_posix()] = (digest, executable)
    versions = known | {version: found}
    part = file.with_suffix(".part")
    with tarfile.open(part, "w:xz", preset=9) as tar:
        _put(tar, VERSIONS, json.dumps(versions, indent=1, sort_keys=True).encode())
        for digest in sorted(contents):
            _put(tar, _CONTENTS + digest, contents[digest])
    part.replace(file)
    _read.cache_clear()


@cache
def _read(file: Path) -> tuple[Versions, dict[str, bytes]]:
    if not file.exists():
        return {}, {}
    contents: dict[str, bytes] = {}
    versions: Versions = {}
    with tarfile.open(file, "r:xz") as tar:
        for member in tar:
            stream = tar.extractfile(member)
            data = stream.read() if stream else b""
            if member.name == VERSIONS:
                versions = json.loads(data)
            else:
                contents[member.name.removeprefix(_CONTENTS)] = data
    return versions, contents


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))
