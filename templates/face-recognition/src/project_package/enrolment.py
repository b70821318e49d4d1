"""People enrolled on this machine: `enrol FOLDER`, and `forget NAME`, which leaves nothing.

Kept are descriptors, no pictures, in data/enrolled/, which neither git nor an image of Docker
takes along. They are biometric data all the same: ask before you enrol anybody.
"""

from pathlib import Path

from .kit.served import model_version
from .kit.workspace import ProjectError, Workspace, read_json, write_json
from .predict import Gallery, Recogniser, read_face

PICTURES = {".jpg", ".jpeg", ".png", ".pgm", ".webp", ".bmp"}


def gallery_file(workspace: Workspace) -> Path:
    """Where everybody is kept; of models that `retrain` made, too."""
    return workspace.root / "data" / "enrolled" / "people.json"


def read_gallery(workspace: Workspace) -> Gallery:
    """Everybody's descriptors by name; raises ProjectError when another model made them."""
    path = gallery_file(workspace)
    if not path.exists():
        return {}
    kept = read_json(path, made_by="enrol")
    if kept["model"] != model_version(workspace):
        raise ProjectError("the people here were enrolled with another model: enrol them again")
    return dict(kept["people"])


def enrol(workspace: Workspace, folder: Path) -> list[str]:
    """Enrol everybody in `folder`: a folder of pictures for each person, called by their name.

    Who was enrolled before is enrolled anew. Raises ProjectError when there is nobody.
    """
    recogniser, found = Recogniser.load(workspace), {}
    for person in sorted(path for path in folder.glob("*") if path.is_dir()):
        files = sorted(each for each in person.iterdir() if each.suffix.lower() in PICTURES)
        answers = [recogniser.recognise(read_face(each), {}) for each in files]
        if answers:
            found[person.name] = [answer.descriptor for answer in answers]
    if not found:
        raise ProjectError(f"{folder} holds no folder of pictures: one for each person, by name")
    path = gallery_file(workspace)
    current = path.exists() and read_json(path, made_by="enrol")["model"] == model_version(
        workspace
    )
    _write(workspace, {**(read_gallery(workspace) if current else {}), **found})
    return [*found]


def forget(workspace: Workspace, name: str) -> int:
    """Delete all that is kept of a person; returns how many people are left.

    Raises ProjectError when nobody is enrolled under this name.
    """
    path = gallery_file(workspace)
    people = dict(read_json(path, made_by="enrol")["people"]) if path.exists() else {}
    if name not in people:
        raise ProjectError(
            f"nobody is enrolled as {name!r}; there are {', '.join(people) or 'none'}"
        )
    del people[name]
    if people:
        write_json(path, {**read_json(path, made_by="enrol"), "people": people})
    else:
        path.unlink()
    return len(people)


def _write(workspace: Workspace, people: Gallery) -> None:
    write_json(gallery_file(workspace), {"model": model_version(workspace), "people": dict(people)})
