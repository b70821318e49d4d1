"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

from project_package import data
from project_package.data import DIGITS
from project_package.demo import encode
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who wrote down what later speakers said, one after the other."""
    test = data.read_part(workspace.processed / "test.npz")
    order = sorted(range(len(test)), key=lambda row: (test.speakers[row], test.ids[row]))
    return [
        {
            "recording": encode(test.sounds[row]),
            "truth": DIGITS[test.digits[row]],
            "speaker": str(test.speakers[row]),
        }
        for row in order
    ]


def swapped(lines: list[dict]) -> list[dict]:
    """Each recording has the digit after its own."""
    return [
        {**line, "truth": DIGITS[(DIGITS.index(line["truth"]) + 1) % len(DIGITS)]} for line in lines
    ]


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
