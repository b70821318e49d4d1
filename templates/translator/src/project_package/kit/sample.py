"""A generated sample: captions that nobody wrote, in English and German, by a small grammar.

It has what makes the two languages differ: gender, case and number in the German words around a
noun, verbs that come late, words that are one there and two here, and names that stay.
"""

import json
from pathlib import Path

from numpy.random import Generator, default_rng

SEED = 30
FILE = "generated.jsonl"
SIZES = {"train": 1400, "validation": 120, "2016": 150, "2017": 80, "COCO": 50}
TWICE, ASKED = 12, 6  # pairs of training that stand there twice, and that are asked in a test set
NUMBERS = {"two": "zwei", "three": "drei", "many": "viele", "some": "einige"}
WHO = {  # singular and plural in both languages, and the German gender
    "man": ("men", "Mann", "Männer", "m"), "woman": ("women", "Frau", "Frauen", "f"),
    "child": ("children", "Kind", "Kinder", "n"), "dog": ("dogs", "Hund", "Hunde", "m"),
    "cat": ("cats", "Katze", "Katzen", "f"), "horse": ("horses", "Pferd", "Pferde", "n"),
    "firefighter": ("firefighters", "Feuerwehrmann", "Feuerwehrmänner", "m"),
    "singer": ("singers", "Sängerin", "Sängerinnen", "f"),
    "girl": ("girls", "Mädchen", "Mädchen", "n"), "cook": ("cooks", "Koch", "Köche", "m"),
    "nurse": ("nurses", "Krankenschwester", "Krankenschwestern", "f"),
    "lamb": ("lambs", "Lamm", "Lämmer", "n"),
}  # fmt: skip
HOW = {"old": "alt", "young": "jung", "small": "klein", "happy": "fröhlich", "tired": "müd",
       "quiet": "ruhig", "wet": "nass"}  # fmt: skip
LOOKS = {"white": "weiß", "black": "schwarz", "old": "alt", "wet": "nass", "small": "klein",
         "long": "lang", "green": "grün"}  # fmt: skip
DOES = {  # English singular, plural; German singular, plural
    "runs": ("run", "läuft", "laufen"), "sits": ("sit", "sitzt", "sitzen"),
    "stands": ("stand", "steht", "stehen"), "sleeps": ("sleep", "schläft", "schlafen"),
    "dances": ("dance", "tanzt", "tanzen"), "plays": ("play", "spielt", "spielen"),
    "waits": ("wait", "wartet", "warten"), "laughs": ("laugh", "lacht", "lachen"),
}  # fmt: skip
WHERE = {
    "in the park": "im Park", "on the beach": "am Strand", "in front of the house": "vor dem Haus",
    "behind the church": "hinter der Kirche", "on the bridge": "auf der Brücke",
    "near a river": "in der Nähe eines Flusses", "under a tree": "unter einem Baum",
    "in the snow": "im Schnee", "at the train station": "am Bahnhof",
    "on the street": "auf der Straße", "in the kitchen": "in der Küche",
}  # fmt: skip
WEARS = {"hat": ("Hut", "m"), "jacket": ("Jacke", "f"), "shirt": ("Hemd", "n"),
         "scarf": ("Schal", "m"), "helmet": ("Helm", "m"), "mask": ("Maske", "f")}  # fmt: skip
NAMES = ("Orla", "Bruno", "Tamsin", "Korvik", "Ilse", "Madoc", "Zenobia", "Pell")
ENDS = {"m": ("ein", "er"), "f": ("eine", "e"), "n": ("ein", "es")}  # after ein: its adjective
THE = {"m": "der", "f": "die", "n": "das"}
WITH = {"m": ("einem", "en"), "f": ("einer", "en"), "n": ("einem", "en")}


def write_sample(folder: Path) -> Path:
    """The file of the sample; what is there stays."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(pair, ensure_ascii=False) + "\n" for pair in draw(SEED))
        path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def draw(seed: int) -> list[dict[str, str]]:
    """Pairs of all sets: id, set, english, german; no English is asked in two sets but ASKED."""
    random, known, drawn = default_rng(seed), set(), []
    for many in SIZES.values():
        made: list[tuple[str, str]] = []
        while len(made) < many:
            english, german = caption(random)
            if english not in known:
                known.add(english)
                made.append((english, german))
        drawn.append(made)
    drawn[0] += drawn[0][:TWICE] + drawn[2][:ASKED]
    return [
        {"id": f"{name}/{number}", "set": name, "english": english, "german": german}
        for name, made in zip(SIZES, drawn, strict=True)
        for number, (english, german) in enumerate(made, start=1)
    ]


def caption(random: Generator) -> tuple[str, str]:
    """One sentence in both languages."""
    who, whom, many = _someone(random)
    verb = str(random.choice(list(DOES)))
    plural, does, do = DOES[verb]
    english, german, nicht = plural if many else verb, do if many else does, ""
    if random.random() < 0.15:
        english, nicht = f"{'do' if many else 'does'} not {plural}", " nicht"
    place = str(random.choice(list(WHERE)))
    wears, trägt = _worn(random) if random.random() < 0.4 else ("", "")
    if random.random() < 0.3:  # the place first: the German verb stays second
        named = WHERE[place]
        said = f"{place}, {who}{wears} {english}", f"{named} {german} {whom}{trägt}{nicht}"
    else:
        said = f"{who}{wears} {english} {place}", f"{whom}{trägt} {german}{nicht} {WHERE[place]}"
    one, other = (f"{text[0].upper()}{text[1:]}." for text in said)
    return one, other


def _someone(random: Generator) -> tuple[str, str, bool]:
    """Who it is, in both languages, and whether they are several."""
    if random.random() < 0.12:
        name = str(random.choice(NAMES))
        return name, name, False
    noun, how = str(random.choice(list(WHO))), str(random.choice(list(HOW)))
    nouns, german, germans, gender = WHO[noun]
    if random.random() < 0.35:
        number = str(random.choice(list(NUMBERS)))
        return f"{number} {how} {nouns}", f"{NUMBERS[number]} {HOW[how]}e {germans}", True
    if random.random() < 0.3:
        return f"the {how} {noun}", f"{THE[gender]} {HOW[how]}e {german}", False
    ein, ending = ENDS[gender]
    article = "an" if how[0] in "aeiou" else "a"
    return f"{article} {how} {noun}", f"{ein} {HOW[how]}{ending} {german}", False


def _worn(random: Generator) -> tuple[str, str]:
    """With what on, in both languages."""
    worn, how = str(random.choice(list(WEARS))), str(random.choice(list(LOOKS)))
    german, gender = WEARS[worn]
    article = "an" if how[0] in "aeiou" else "a"
    einem, ending = WITH[gender]
    return f" with {article} {how} {worn}", f" mit {einem} {LOOKS[how]}{ending} {german}"
