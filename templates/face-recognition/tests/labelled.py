"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

from project_package import data
from project_package.demo import encode
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who knows whom later pictures show."""
    faces = data.read_part(workspace.processed / "test.npz")
    return [
        {"picture": encode(pixels), "truth": str(name)}
        for pixels, name in zip(faces.pixels, faces.people, strict=True)
    ]


def swapped(lines: list[dict]) -> list[dict]:
    """No two pictures of one person keep one name."""
    names = sorted({line["truth"] for line in lines})
    return [{**line, "truth": names[row % len(names)]} for row, line in enumerate(lines)]


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
