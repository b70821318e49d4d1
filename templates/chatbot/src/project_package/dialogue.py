"""A conversation: what was said so far, what is still missing, what is answered, and why.

What is answered stands in answers.toml. Slots (amount, city, date) are found by rules and by a
dictionary; they stay for the next query, until something else is said in their place. Nothing
here is learned: the classifier is asked what a text wants, everything else can be read below, and
a second time in page/dialogue.js.
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

from .data import normalise

ANSWERS = files("project_package") / "answers.toml"
MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
DATE = re.compile(
    r"\b(?:today|tonight|tomorrow|the day after tomorrow|next (?:week|month|year)|"
    rf"(?:next |this )?(?:{DAYS})|in \d+ (?:day|week|month)s?|"
    rf"(?:{MONTHS}) \d\d?(?:st|nd|rd|th)?|\d\d?(?:st|nd|rd|th)? (?:of )?(?:{MONTHS})|"
    r"\d{4}-\d\d-\d\d)\b",
    re.ASCII,
)
MONEY = re.compile(
    r"[$€£] ?\d[\d,]*(?:\.\d+)?|\b\d[\d,]*(?:\.\d+)? ?(?:dollars?|euros?|pounds?|bucks)\b", re.ASCII
)
NUMBER = re.compile(r"\b\d[\d,]*(?:\.\d+)?", re.ASCII)
CORRECTED = re.compile(r"^(?:(?:no|nope|sorry|wait|actually)[, ]+)*(?:i meant?|i said|make it) ")
FOLLOWS = re.compile(r"^(?:and|what about|how about|and what about) ")
PERSON = re.compile(
    r"\b(?:talk|speak|connect|hand|put)\b.*\b(?:person|human|agent|somebody|someone|operator)\b"
    r"|^(?:a )?(?:person|human|agent|operator)(?: please)?$",
    re.ASCII,
)


@dataclass(frozen=True)
class Understood:
    """What the classifier makes of a text; no `intent` where its score is below the threshold.

    `guesses` are the likeliest intents with their scores, `words` what moved the first of them.
    """

    intent: str | None
    score: float
    threshold: float
    guesses: list[tuple[str, float]]
    words: list[tuple[str, float]]


@dataclass(frozen=True)
class State:
    """Where a conversation stands: `asked` is the slot that the next text should name.

    `missed` counts the texts in a row that led nowhere.
    """

    intent: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    asked: str | None = None
    missed: int = 0
    reply: str = ""


@dataclass(frozen=True)
class Turn:
    """What one text led to: the state after it, by which way, and what was understood.

    `way` is intent, slot, correction, follow-up, knowledge, repeated, cancelled, unknown or person.
    """

    state: State
    way: str
    found: Mapping[str, str]
    understood: Understood
    question: str | None = None


def read_answers() -> dict[str, Any]:
    """answers.toml."""
    return tomllib.loads(ANSWERS.read_text(encoding="utf-8"))


def converse(
    texts: Sequence[str], understand: Callable[[str], Understood], answers: Mapping[str, Any]
) -> list[Turn]:
    """Every turn of a conversation, from what the visitor wrote."""
    turns: list[Turn] = []
    for text in texts:
        turns.append(answer(turns[-1].state if turns else State(), text, understand, answers))
    return turns


def answer(
    state: State, text: str, understand: Callable[[str], Understood], answers: Mapping[str, Any]
) -> Turn:
    """One turn: a person is asked for, something is put right, filled in, known, or wanted."""
    plain = " ".join(text.lower().split())
    rest = CORRECTED.sub("", plain)
    corrected, follows = rest != plain, bool(FOLLOWS.match(plain))
    found = find_slots(rest, answers["slots"], state.asked)
    understood = understand(rest)
    told = {"found": found, "understood": understood}
    if PERSON.search(plain):
        return Turn(State(reply=answers["replies"]["person"]), "person", **told)
    if state.intent and found and (state.asked in found or corrected or follows):
        way = "correction" if corrected else "follow-up" if follows else "slot"
        return Turn(_fill(state, state.intent, found, answers), way, **told)
    if entry := nearest(rest, answers["knowledge"], answers["closeness"]):
        known = replace(state, asked=None, missed=0, reply=entry["answer"])
        return Turn(known, "knowledge", **told, question=entry["question"])
    if understood.intent == "cancel":
        return Turn(State(reply=answers["replies"]["cancelled"]), "cancelled", **told)
    if understood.intent == "repeat" and state.reply:
        return Turn(state, "repeated", **told)
    if understood.intent:
        way = "correction" if corrected else "intent"
        return Turn(_fill(state, understood.intent, found, answers), way, **told)
    missed = state.missed + 1
    if missed > answers["patience"]:
        return Turn(State(reply=answers["replies"]["person"]), "person", **told)
    again = f" {answers['slots'][state.asked]['ask']}" if state.asked else ""
    reply = answers["replies"]["unknown"] + again
    return Turn(replace(state, missed=missed, reply=reply), "unknown", **told)


def find_slots(
    text: str, slots: Mapping[str, Mapping[str, Any]], asked: str | None
) -> dict[str, str]:
    """Slot → value in a text in small letters; a bare number is an amount only if one is asked."""
    # practice: find_slots
    found = {}
    if date := DATE.search(text):
        found["date"] = date[0]
        text = text.replace(date[0], " ", 1)
    money = MONEY.search(text) or (NUMBER.search(text) if asked == "amount" else None)
    if money:
        found["amount"] = money[0].strip()
    words = f" {normalise(text)} "
    for city in sorted(slots["city"]["values"], key=len, reverse=True):
        if f" {normalise(city)} " in words:
            found["city"] = city
            break
    return found
    # practice: end


def nearest(
    text: str, knowledge: Sequence[Mapping[str, str]], closeness: float
) -> Mapping[str, str] | None:
    """The entry whose question is most alike: cosine of TF-IDF, None below `closeness`.

    A word that stands in no question weighs as much as the rarest, so that it tells against all.
    """
    # practice: nearest
    asked = [Counter(normalise(entry["question"]).split()) for entry in knowledge]
    held = Counter(word for each in asked for word in each)

    def weigh(words: Counter[str]) -> dict[str, float]:
        idf = {word: math.log((1 + len(asked)) / (1 + held[word])) + 1 for word in words}
        length = math.sqrt(sum((words[word] * idf[word]) ** 2 for word in words)) or 1.0
        return {word: words[word] * idf[word] / length for word in words}

    wanted = weigh(Counter(normalise(text).split()))
    alike = [
        sum(value * wanted.get(word, 0.0) for word, value in weigh(each).items()) for each in asked
    ]
    best = max(range(len(asked)), key=alike.__getitem__, default=0)
    return knowledge[best] if asked and alike[best] >= closeness else None
    # practice: end


def _fill(state: State, intent: str, found: Mapping[str, str], answers: Mapping[str, Any]) -> State:
    """The state in which `intent` is answered, or the first slot that it lacks is asked for."""
    entry, slots = _entry(intent, answers), {**state.slots, **found}
    missing = next((slot for slot in entry.get("needs", ()) if slot not in slots), None)
    if missing:
        return State(intent, slots, missing, 0, answers["slots"][missing]["ask"])
    reply = re.sub(r"\{(\w+)\}", lambda slot: slots.get(slot[1], slot[1]), entry["answer"])
    return State(intent, slots, None, 0, reply)


def _entry(intent: str, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """What answers.toml says of an intent; where it says nothing, that nothing is there yet."""
    named = answers["replies"]["no_answer"].replace("{intent}", intent.replace("_", " "))
    entry: Mapping[str, Any] = answers["intents"].get(intent, {"answer": named})
    return entry
