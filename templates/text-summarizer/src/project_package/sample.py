"""A generated sample: invented news, for tests and for work without a network.

The texts of the real data are their publishers' and may not be handed on. Here a story is a few
invented facts; its first sentence names them, its headline shortens them, one later sentence says
them again at length, and the sentences around are about other things.
"""

import numpy as np
import pandas as pd
from numpy.random import Generator

STORIES = 240
RETOLD = 24  # stories that a second publisher tells too
PUBLISHERS = ("invented-gazette", "generated-courier", "sample-times")

SYLLABLES = ("ba", "do", "ke", "li", "mu", "na", "po", "ra", "se", "ti", "vo", "za")
KINDS = ("Harbour", "Bridge", "Valley", "Heights", "Springs", "Crossing", "Landing", "Meadows")
BODIES = (
    "council", "ministry", "university", "hospital", "railway", "museum", "brewery", "orchestra",
)  # fmt: skip
ACTS = {
    "opens": "will open", "closes": "will close", "sells": "will sell", "repairs": "will repair",
    "doubles": "will double", "moves": "will move", "rents": "will rent", "paints": "will paint",
}  # fmt: skip
THINGS = (
    "a swimming pool", "the old library", "a tram line", "two ferries", "a solar roof",
    "the night market", "a concert hall", "forty kiosks", "a botanical garden", "the clock tower",
)  # fmt: skip
REASONS = (
    "after three years of repairs", "despite a lack of money", "because visitors asked for it",
    "following a vote last week", "to make room for a school", "before the winter festival",
)  # fmt: skip
OPENINGS = (
    "Rain fell on the empty square early in the morning, and hardly anybody was about.",
    "It was a long evening for everyone in the room, with coffee and little patience left.",
    "For many years nobody thought that it would ever come to this, least of all the neighbours.",
)
ASIDES = (
    "Neighbours stood in small circles and talked about the weather and the price of bread.",
    '"I have seen many plans come and go," said a retired teacher who lives around the corner.',
    "A dog slept through most of the meeting, to the delight of the children in the first row.",
    "He added that figures would follow, although he did not say when or from whom.",
    "Similar ideas were discussed a decade ago, and most of the papers are still in a drawer.",
    "The local football team lost its match on the same day, which some called the bigger news.",
    '"We shall see," she said, and went back to her newspaper without another word.',
    "Critics wonder who is going to pay in the end, and whether anyone has asked them at all.",
    "There were sandwiches, and a short speech by somebody whose name few could remember.",
    "Trains ran late all afternoon, so that several guests arrived when it was already over.",
    "An expert from abroad spoke for an hour about experience elsewhere and showed many slides.",
    "The mayor smiled, waved and left by the side door before anybody could ask a question.",
    "Some of the older residents remember a time when none of this had been built yet.",
    "Next month there is going to be another meeting, and again everyone is invited to it.",
    "They have been waiting for an answer since spring, as several letters on the wall show.",
    "It remains to be seen how the weather, the budget and the neighbours are going to behave.",
)


def generate(seed: int) -> pd.DataFrame:
    """A table with the columns of the real one; the same seed, the same rows."""
    random = np.random.default_rng(seed)
    rows = []
    for story in range(STORIES):
        facts = _facts(random)
        first = story % len(PUBLISHERS)
        tellings = [first, (first + 1) % len(PUBLISHERS)] if story < RETOLD else [first]
        order = random.permutation(len(ASIDES))
        for teller in tellings:
            rows.append(_article(facts, order, PUBLISHERS[teller], len(rows) + 1, random))
    rows.append(rows[-1] | {"article_id": str(len(rows) + 1)})  # a copy
    rows.append(rows[0] | {"article_id": str(len(rows) + 1), "text": ""})
    return pd.DataFrame(rows)


def _facts(random: Generator) -> dict[str, str]:
    place = f"{_name(random)} {random.choice(KINDS)}"
    verb = str(random.choice(list(ACTS)))
    return {
        "who": f"{place} {random.choice(BODIES)}",
        "verb": verb,
        "act": ACTS[verb],
        "what": str(random.choice(THINGS)),
        "why": str(random.choice(REASONS)),
        "director": f"{_name(random)} {_name(random)}",
        "number": str(random.integers(12, 990)),
    }


def _name(random: Generator) -> str:
    return "".join(random.choice(SYLLABLES, 3)).capitalize()


def _article(
    facts: dict[str, str], order: np.ndarray, publisher: str, number: int, random: Generator
) -> dict[str, str]:
    lede = "The {who} {act} {what} {why}, director {director} told reporters.".format(**facts)
    again = (
        "{director} told reporters that the {who} {act} {what} {why} and spend "
        "{number} thousand crowns."
    ).format(**facts)
    body = [ASIDES[i] for i in order]
    body.insert(int(random.integers(1, 9)), again)
    body.append("Whoever wants to know more about {what} may write to the {who}.".format(**facts))
    dateline = f"{facts['who'].split()[0].upper()}, February 7. /TASS/. " if number % 5 == 0 else ""
    return {
        "article_id": str(number),
        "publish_date": "2017/2/7",
        "article_source_link": f"https://{publisher}.example/{number}",
        "title": "{who} {verb} {what}".format(**facts) if number % 10 else "",
        "subtitle": "",
        "text": dateline + " ".join([lede, str(random.choice(OPENINGS)), *body]),
    }
