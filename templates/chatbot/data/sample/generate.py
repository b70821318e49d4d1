"""The sample: invented queries in the publisher's format, none of them the publisher's.

`python data/sample/generate.py` writes both files; the same seed, the same bytes. Intents share
openings, things and endings, some queries are misspelt, some lose their most telling word, and
what is out of scope speaks of the same things: so neither is told from the other by a single word.
"""

import json
import random
from pathlib import Path

SEED = 150
SIZES = {"train": (30, 40), "val": (10, 40), "test": (15, 90)}  # of each intent, and out of scope
MISSPELT, BLUNT = 0.35, 0.4  # shares of the queries
WORDS = {  # domain → intent → (what is wanted, of what)
    "banking": {
        "balance": (["how much is in", "show", "what do i have in"], ["account", "savings"]),
        "transfer": (["move money from", "send 200 dollars to", "transfer 50 out of"],
                     ["account", "savings", "mother"]),
        "pay_bill": (["pay", "settle", "i want to cover"], ["bill", "rent", "invoice"]),
        "freeze_account": (["freeze", "lock", "put a stop on"], ["account", "card", "savings"]),
    },
    "travel": {
        "book_flight": (["book", "find", "get me a seat on"], ["flight", "plane"]),
        "book_hotel": (["book", "find", "reserve"], ["hotel", "room", "place to sleep"]),
        "flight_status": (["is there a delay of", "when lands", "is it on time,"],
                          ["flight", "plane"]),
        "lost_luggage": (["they lost", "where is", "nobody can find"],
                         ["bag", "luggage", "suitcase"]),
    },
    "utility": {
        "weather": (["will it rain on", "how cold is it for", "what is the forecast of"],
                    ["trip", "garden", "flight"]),
        "timer": (["count down five minutes for", "set a timer for", "time"], ["eggs", "rice"]),
        "alarm": (["wake me for", "set an alarm for", "ring before"], ["trip", "work", "flight"]),
        "calculator": (["what is 17 times", "add up", "divide by four"], ["bill", "rent", "rice"]),
    },
    "small_talk": {
        "greeting": (["hello", "hi there", "good morning"], ["friend", "assistant"]),
        "goodbye": (["bye", "see you", "i am leaving"], ["friend", "assistant"]),
        "thank_you": (["thanks", "i am grateful for that", "nice of you"],
                      ["friend", "assistant"]),
        "tell_joke": (["tell a joke about", "make me laugh about", "something funny on"],
                      ["work", "bag", "plane"]),
    },
    "meta": {
        "yes": (["yes", "sure", "that is right"], ["friend", "assistant"]),
        "no": (["no", "nope", "that is wrong"], ["friend", "assistant"]),
        "cancel": (["cancel", "stop that", "never mind"], ["trip", "friend", "work"]),
        "repeat": (["say again", "repeat", "come again"], ["friend", "assistant"]),
    },
}  # fmt: skip
ELSEWHERE = (
    "how much is",
    "what is the price of",
    "show",
    "tell about",
    "is there a shop for",
    "find",
    "book",
    "who owns",
    "where is",
    "set",
    "move",
    "how cold is",
    "is it right about",
    "put a sticker on",
    "stop",
    "say hello to",
    "what is the colour of",
    "count",
    "pay no heed to",
    "divide",
    "lock",
)
OTHERS = (
    "piano",
    "volcano",
    "garden",
    "novel",
    "trip",
    "museum",
    "work",
    "horse",
    "account",
    "bill",
    "planet",
    "flight",
    "bag",
    "friend",
    "recipe",
    "medal",
)
OPENINGS = ("", "", "please", "can you", "i need you to", "would you", "quickly", "well")
ENDINGS = ("", "", "today", "for me", "in paris", "on friday", "right now", "if you can",
           "for my sister", "before noon", "at home", "in tokyo", "by the way")  # fmt: skip


def generate(seed: int) -> tuple[dict, dict]:
    """Queries by the publisher's names of parts, and intents by domain."""
    drawn = random.Random(seed)
    intents = {name: words for domain in WORDS.values() for name, words in domain.items()}
    things = sorted({thing for _, own in intents.values() for thing in own})
    published: dict[str, list] = {}
    for part, (of_each, outside) in SIZES.items():
        published[part] = [
            [query(drawn, *words, things), name]
            for name, words in intents.items()
            for _ in range(of_each)
        ]
        published[f"oos_{part}"] = [
            [query(drawn, ELSEWHERE, OTHERS, things), "oos"] for _ in range(outside)
        ]
    published["train"][:3] = [[f"{text}?", name] for text, name in published["test"][:3]]
    published["val"][-2:] = [[f"{text}!", name] for text, name in published["train"][-2:]]
    return published, {domain: list(of_domain) for domain, of_domain in WORDS.items()}


def query(drawn: random.Random, wanted: list, own: list, things: list) -> str:
    """One query: an opening, what is wanted of what, an ending."""
    thing = drawn.choice(things if drawn.random() < BLUNT else own)
    words = " ".join(
        [drawn.choice(OPENINGS), drawn.choice(wanted), "my", thing, drawn.choice(ENDINGS)]
    ).split()
    if drawn.random() < BLUNT:
        words.pop(drawn.randrange(len(words)))
    if drawn.random() < MISSPELT:
        place = drawn.randrange(len(words))
        letter = drawn.randrange(len(words[place]))
        words[place] = words[place][:letter] + words[place][letter + 1 :]
    return " ".join(words).strip() or "well"


if __name__ == "__main__":
    for name, content in zip(("data_full", "domains"), generate(SEED), strict=True):
        text = json.dumps(content, indent=0, ensure_ascii=False) + "\n"
        Path(__file__).with_name(f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
