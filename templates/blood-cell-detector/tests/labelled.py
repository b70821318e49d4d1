"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

from project_package import data, pictures
from project_package.kit.workspace import Workspace
from project_package.pictures import KINDS
from project_package.serve import encode


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who boxed the cells of later pictures."""
    test = pictures.read_part(workspace.processed / "test.npz")
    order = sorted(range(len(test)), key=lambda row: test.ids[row])
    return [
        {
            **encode(test.pixels[row]),
            "truth": [
                {"kind": KINDS[int(cell[0])], "box": cell[1:].tolist()} for cell in test.cells[row]
            ],
        }
        for row in order
    ]


def swapped(lines: list[dict]) -> list[dict]:
    """Each picture has the cells of one some lines further."""
    many = len(lines)
    return [
        {**line, "truth": lines[(number + many // 2) % many]["truth"]}
        for number, line in enumerate(lines)
    ]


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
