"""What is watched of the service: three numbers of every mail, and whether it was spam."""

from .kit.served import Watch

WATCH = Watch(truth=bool, metric="average_precision")


def summarise(text: str) -> dict[str, float]:
    """Length, and the shares of capitals and digits, of a text as `data.compose` makes it."""
    length = max(len(text), 1)
    return {
        "characters": len(text),
        "capitals": sum(map(str.isupper, text)) / length,
        "digits": sum(map(str.isdigit, text)) / length,
    }
