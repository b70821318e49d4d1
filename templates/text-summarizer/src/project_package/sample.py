"""A generated sample: invented news, for tests and for work without a network.

The texts of the real data are their publishers' and may not be handed on. Here a story is a set of
invented words. The first sentence uses some of them, the headline some of those; later sentences
use more or fewer, in another order and among others, so that the one closest to the first has to
be looked for.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.random import Generator

STORIES = 150
RETOLD = 15  # stories that a second publisher tells too
PUBLISHERS = ("invented-gazette", "generated-courier", "sample-times")
SENTENCES = (11, 17)
TOPIC, EVERYDAY = 24, 120  # words of a story, and words of all
LETTERS = 3  # syllables of a story's word
NEWSY = 0.5  # share of the first sentence's words that the sentence closest to it takes up

LEDE = {"words": 12, "share": 0.7}  # of the story's words
BODY_WORDS, BODY_SHARE = (6, 18), (1, 3)  # of a sentence; the share is drawn from this beta
CLOSEST = {"words": 6, "share": 0.3}  # beside the words of the first sentence
EARLY = 8  # the closest sentence is among so many
DATELINED, UNTITLED = 5, 10  # one article of so many
UNFIT = (4, 30)  # words of its own in a first sentence that is too short, in one too long

SYLLABLES = ("ba", "do", "ke", "li", "mu", "na", "po", "ra", "se", "ti", "vo", "za")
JOINTS = ("the", "of", "in", "and", "to", "with", "for", "on", "at", "from", "by", "after")
OPENERS = ("It", "They", "He", "But", "The", "In", "Later", "This")


def write_sample(folder: Path, seed: int) -> Path:
    """The sample of a seed as a table with the columns of the real one; what is there stays."""
    path = folder / f"seed-{seed}.csv"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        generate(seed).to_csv(path, index=False, lineterminator="\n")
    return path


def generate(seed: int) -> pd.DataFrame:
    """The table; the same seed, the same rows."""
    random = np.random.default_rng(seed)
    everyday = [_word(random, 2) for _ in range(EVERYDAY)]
    rows: list[dict[str, str]] = []
    for story in range(STORIES):
        topic = [_word(random, LETTERS) for _ in range(TOPIC)]
        lede = _mix(random, topic, everyday, **LEDE)
        first = story % len(PUBLISHERS)
        tellers = [first, (first + 1) % len(PUBLISHERS)] if story < RETOLD else [first]
        rows += [
            _article(random, topic, lede, everyday, PUBLISHERS[teller], len(rows) + place)
            for place, teller in enumerate(tellers, start=1)
        ]
    rows.append(rows[-1] | {"article_id": str(len(rows) + 1)})  # a copy
    rows.append(rows[0] | {"article_id": str(len(rows) + 1), "text": ""})
    rest = rows[0]["text"].split(". ", maxsplit=1)[1]
    for count in UNFIT:
        opening = _sentence(random, _mix(random, everyday, everyday, count, 0), "The")
        number = str(len(rows) + 1)
        rows.append(rows[0] | {"article_id": number, "text": f"{opening} {rest}"})
    return pd.DataFrame(rows)


def _article(
    random: Generator,
    topic: list[str],
    lede: list[str],
    everyday: list[str],
    publisher: str,
    number: int,
) -> dict[str, str]:
    news = [word for word in lede if random.random() < NEWSY]
    body = [
        _mix(random, topic, everyday, int(random.integers(*BODY_WORDS)), random.beta(*BODY_SHARE))
        for _ in range(random.integers(*SENTENCES))
    ]
    closest = news + _mix(random, topic, everyday, **CLOSEST)
    body.insert(int(random.integers(0, EARLY)), closest)
    title = [word for word in lede if word in topic and random.random() < 0.5]
    title += list(random.choice(topic, 2))
    text = " ".join([_sentence(random, lede, "The"), *(_sentence(random, own) for own in body)])
    dateline = f"{topic[0].upper()}, February 7. /TASS/. " if number % DATELINED == 0 else ""
    return {
        "article_id": str(number),
        "publish_date": "2017/2/7",
        "article_source_link": f"https://{publisher}.example/{number}",
        "title": " ".join(title).capitalize() if number % UNTITLED else "",
        "subtitle": "",
        "text": dateline + text,
    }


def _mix(
    random: Generator, topic: list[str], everyday: list[str], words: int, share: float
) -> list[str]:
    """Words, a share of which is the story's."""
    return [
        str(random.choice(topic if random.random() < share else everyday)) for _ in range(words)
    ]


def _sentence(random: Generator, content: list[str], opener: str | None = None) -> str:
    """Content words with function words between them."""
    joined = [word for own in content for word in (str(random.choice(JOINTS)), own)]
    return " ".join([opener or str(random.choice(OPENERS)), *joined[1:]]) + "."


def _word(random: Generator, syllables: int) -> str:
    return "".join(random.choice(SYLLABLES, syllables)) + str(random.choice(["n", "r", "s", "l"]))
