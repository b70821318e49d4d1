"""Sentences in pairs that differ in one thing: written for this project, free for any use.

Each English sentence has a German translation that is right, and one that is wrong by a negation,
a number or a gender: {right/wrong}. Who translates well finds the right one likelier (Sennrich,
2017).
"""

import re
from dataclasses import dataclass

from .subwords import tidy

EITHER = re.compile(r"\{(.*?)/(.*?)\}")


@dataclass(frozen=True)
class Item:
    """What it is about, the English, the right German, and the wrong one."""

    kind: str
    english: str
    right: str
    wrong: str


NEGATION = """
The man is not wearing a shirt. | Der Mann trägt {kein/ein} Hemd.
A dog without a leash runs on the beach. | Ein Hund {ohne/mit} Leine läuft am Strand.
The children are not playing outside. | Die Kinder spielen {nicht/jetzt} im Freien.
There is no car on the street. | Auf der Straße ist {kein/ein} Auto.
Nobody is sitting on the bench. | {Niemand/Jemand} sitzt auf der Bank.
A woman is not looking at the camera. | Eine Frau blickt {nicht/direkt} in die Kamera.
The boy has no shoes on. | Der Junge hat {keine/neue} Schuhe an.
A cyclist without a helmet rides on a path. | Ein Radfahrer {ohne/mit} Helm fährt auf einem Weg.
The girl is not smiling. | Das Mädchen lächelt {nicht./leicht.}
The dog does not catch the ball. | Der Hund fängt den Ball {nicht./jetzt.}
No people are in the water. | Es sind {keine/einige} Menschen im Wasser.
The man never wears a hat. | Der Mann trägt {nie/oft} einen Hut.
A house without windows is on a hill. | Ein Haus {ohne Fenster/mit Fenstern} steht auf einem Hügel.
The players are not on the field. | Die Spieler sind {nicht/alle} auf dem Feld.
Two women are not talking. | Zwei Frauen reden {nicht./viel.}
"""
NUMBER = """
The dogs are playing in the snow. | {Die Hunde spielen/Der Hund spielt} im Schnee.
The dog is playing in the snow. | {Der Hund spielt/Die Hunde spielen} im Schnee.
A man is holding a ball. | Ein Mann hält {einen Ball./zwei Bälle.}
A woman is carrying bags. | Eine Frau trägt {Taschen./eine Tasche.}
Three boys are jumping into the water. | {Drei/Zwei} Jungen springen ins Wasser.
Two girls are dancing. | {Zwei/Drei} Mädchen tanzen.
The players are standing on the field. | {Die/Der} Spieler {stehen/steht} auf dem Feld.
A child is sitting on a chair. | {Ein Kind sitzt/Kinder sitzen} auf einem Stuhl.
Four people are walking down the street. | {Vier/Fünf} Personen gehen die Straße entlang.
A horse is running across a field. | {Ein Pferd läuft/Zwei Pferde laufen} über ein Feld.
The men are looking at the car. | {Die Männer blicken/Der Mann blickt} auf das Auto.
The man is looking at the cars. | Der Mann blickt auf {die Autos./das Auto.}
Six children are sitting at a table. | {Sechs/Acht} Kinder sitzen an einem Tisch.
A bird is sitting in the trees. | Ein Vogel sitzt in {den Bäumen./dem Baum.}
One woman is reading a book. | {Eine Frau liest/Zwei Frauen lesen} ein Buch.
"""
PEOPLE = """
A singer is holding her microphone. | {Eine Sängerin/Ein Sänger} hält {ihr/sein} Mikrofon.
A singer is holding his microphone. | {Ein Sänger/Eine Sängerin} hält {sein/ihr} Mikrofon.
A skier is carrying her skis. | {Eine Skifahrerin/Ein Skifahrer} trägt {ihre/seine} Ski.
The player throws her ball. | {Die Spielerin/Der Spieler} wirft {ihren/seinen} Ball.
The player throws his ball. | {Der Spieler/Die Spielerin} wirft {seinen/ihren} Ball.
The doctor takes off her glasses. | {Die Ärztin/Der Arzt} nimmt {ihre/seine} Brille ab.
A worker is cleaning her shoes. | {Eine Arbeiterin/Ein Arbeiter} putzt {ihre/seine} Schuhe.
A teacher reads to his students. | {Ein Lehrer/Eine Lehrerin} liest {seinen/ihren} Schülern vor.
The dancer lifts her arms. | {Die Tänzerin/Der Tänzer} hebt {ihre/seine} Arme.
The dancer lifts his arms. | {Der Tänzer/Die Tänzerin} hebt {seine/ihre} Arme.
A cyclist fixes her bicycle. | {Eine Radfahrerin/Ein Radfahrer} repariert {ihr/sein} Fahrrad.
An artist is painting his house. | {Ein Künstler/Eine Künstlerin} malt {sein/ihr} Haus.
The cook tastes her soup. | {Die Köchin/Der Koch} probiert {ihre/seine} Suppe.
A swimmer waves to his friends. | {Ein Schwimmer/Eine Schwimmerin} winkt {seinen/ihren} Freunden zu.
A runner is tying her shoes. | {Eine Läuferin/Ein Läufer} bindet {ihre/seine} Schuhe.
"""
WORDS = """
A boy throws the ball. | Ein Junge wirft {den/die} Ball.
The house is red. | {Das/Der} Haus ist rot.
A man sits under a bridge. | Ein Mann sitzt unter {einer/einem} Brücke.
The guitar is old. | {Die/Das} Gitarre ist alt.
A woman stands next to a tree. | Eine Frau steht neben {einem/einer} Baum.
A dog jumps over a fence. | Ein Hund springt über {einen/eine} Zaun.
A girl in a red dress is dancing. | Ein Mädchen in {einem/einer} roten Kleid tanzt.
A man with a black hat is waiting. | Ein Mann mit {einem/einer} schwarzen Hut wartet.
A child is playing with a blue truck. | Ein Kind spielt mit {einem/einer} blauen Lastwagen.
The white wall is high. | {Die/Das} weiße Wand ist hoch.
People walk through the park. | Menschen gehen durch {den/die} Park.
A cat sleeps on the couch. | Eine Katze schläft auf {der/dem} Couch.
A man is riding a bicycle. | Ein Mann fährt auf {einem/einer} Fahrrad.
A woman opens the door. | Eine Frau öffnet {die/den} Tür.
A boy holds a big fish. | Ein Junge hält {einen großen/eine große} Fisch.
"""


def read(kind: str, lines: str) -> list[Item]:
    """Items of lines: the English, and the German with what is {right/wrong}."""
    found = []
    for line in lines.strip().splitlines():
        english, german = line.split(" | ")
        right, wrong = (tidy(EITHER.sub(side, german)) for side in (r"\1", r"\2"))
        found.append(Item(kind, english, right, wrong))
    return found


ITEMS = [
    *read("negation", NEGATION),
    *read("number", NUMBER),
    *read("gender of people", PEOPLE),
    *read("gender of words", WORDS),
]
OWN = (  # sentences for figure and table: some as the captions are, some of another world
    "Two dogs are playing in the snow.",
    "A woman in a red jacket is climbing a ladder.",
    "A young boy without shoes jumps into the water.",
    "Orla Brandt is sitting on a bench in Copenhagen.",
    "Please send me the invoice by Friday.",
    "Do not press this button!",
    "I would have come if you had asked me.",
    "The court dismissed the appeal.",
)
